import type * as vscode from 'vscode';
import { setExecuteBit } from '../pigen/files/set-execute-bit';

/** Sets the execute bit of files. Answers with the files for which it failed and why. */
export async function makeExecutable(uris: readonly vscode.Uri[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const uri of uris) {
    try {
      await setExecuteBit(uri.fsPath);
    } catch (error) {
      failures.push(`${uri.fsPath}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures;
}
