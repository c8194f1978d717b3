import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** What the tests read of package.json. */
export interface Manifest {
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category?: string;
    }[];
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, { readonly default?: unknown }>>;
    }[];
  };
}

const id = 'pi-gen-stages.pi-gen-stages';

/** The extension under test, once it is active. */
export async function activate(): Promise<{ extension: vscode.Extension<unknown>; manifest: Manifest }> {
  const extension = vscode.extensions.getExtension<unknown>(id);
  assert.ok(extension, `${id} is not installed`);
  await extension.activate();
  return { extension, manifest: extension.packageJSON as Manifest };
}
