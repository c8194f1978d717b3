import { rm, writeFile } from 'node:fs/promises';
import { makeFolder } from '../../pigen/files/make-folder';
import { joinPath } from '../../pigen/files/path';
import { writeRefusal } from '../../pigen/files/write-refusal';
import type { BuildProblem } from '../build-problem';

/**
 * An error of the local disk while results or a log are written.
 *
 * @param target the folder or file that was to be written
 */
export function localProblem(error: unknown, target: string): BuildProblem {
  const { code, path } = factsOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      kind: 'local-disk-full',
      message: `The disk that holds ${target} is full: the results could not be written whole.`,
      wayOut: 'Free space there, then build again.',
    };
  }
  const why = writeRefusal(code, path ?? target) ?? textOf(error);
  return {
    kind: 'unreadable-file',
    message: `The results could not be written to ${target}: ${why}.`,
    wayOut: 'See that the folder can be written to, or name another one with `--output`, then build again.',
  };
}

/** Why results could not be written to a folder, which is made where it is missing; undefined where they can. */
export async function unwritableFolder(folder: string): Promise<BuildProblem | undefined> {
  const trial = joinPath(folder, `.pigen-trial-${process.pid}`);
  try {
    await makeFolder(folder);
    await writeFile(trial, '');
    return undefined;
  } catch (error) {
    return localProblem(error, folder);
  } finally {
    await rm(trial, { force: true }).catch(() => undefined);
  }
}

function factsOf(error: unknown): { readonly code: string; readonly path: string | undefined } {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return { code: code ?? '', path };
}

/** Without the full stop. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\.$/, '');
}
