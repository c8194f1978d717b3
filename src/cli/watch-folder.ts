import type { FSWatcher, WatchListener } from 'node:fs';
import type { BuildProblem } from '../build/build-problem';
import { folderOf } from '../pigen/files/path';

/** Node's `fs.watch`, as far as it is used. */
export type WatchFiles = (
  path: string,
  options: { readonly recursive: boolean },
  listener: WatchListener<string>,
) => FSWatcher;

export interface FolderListener {
  /** Something below the folder may be another. */
  readonly onChange: () => void;
  /** Changes are noticed no more, and why. It may be told before `watchFolder` returns. */
  readonly onEnd: (problem: BuildProblem) => void;
}

/** Watches a folder with all that is below it. Never throws. */
export function watchFolder(
  folder: string,
  { onChange, onEnd }: FolderListener,
  watchFiles: WatchFiles,
): { close(): void } {
  try {
    const files = watchFiles(folder, { recursive: true }, (_event, name) => {
      // The folder itself was moved or removed. On Linux the watch of it is over then, even where another takes its place.
      if (name === '') onEnd(goneProblem(folder));
      else onChange();
    });
    files.on('error', (error) => {
      onEnd(watchProblem(folder, error));
    });
    const full = triedBeside(folder, watchFiles);
    if (full !== undefined) onEnd(watchProblem(folder, full));
    return files;
  } catch (error) {
    onEnd(watchProblem(folder, error));
    return { close: () => undefined };
  }
}

/**
 * On Linux Node 20 keeps an error to itself that a recursive watch begins with (kFSWatchStart in its
 * internal/fs/recursive_watch). Where none is left for what is below the folder, there is none for the one above it either; the
 * kernel gives those that there are already for nothing.
 */
function triedBeside(folder: string, watchFiles: WatchFiles): unknown {
  try {
    watchFiles(folderOf(folder), { recursive: false }, () => undefined).close();
    return undefined;
  } catch (error) {
    return limits.has(codeOf(error)) ? error : undefined;
  }
}

/** Of the kernel, by Node's code of the error that one of them gives. */
const limits: ReadonlyMap<string, { readonly what: string; readonly more: string }> = new Map([
  ['ENOSPC', { what: 'inotify watches', more: 'fs.inotify.max_user_watches=1048576' }],
  ['EMFILE', { what: 'inotify instances', more: 'fs.inotify.max_user_instances=1024' }],
]);

function watchProblem(folder: string, error: unknown): BuildProblem {
  const limit = limits.get(codeOf(error));
  if (limit === undefined) {
    return {
      kind: 'bad-plan',
      message: `${folder} cannot be watched any more: ${error instanceof Error ? error.message : String(error)}.`,
      wayOut: 'See that all below it can be read, then begin the watch again.',
    };
  }
  const [setting = ''] = limit.more.split('=');
  return {
    kind: 'bad-plan',
    message: `Not all of ${folder} can be watched: the kernel has no ${limit.what} left (${setting}), which editors and other programs use up, so that changes would go unnoticed.`,
    wayOut: `Allow more, with \`sudo sysctl -w ${limit.more}\` (for good: in a file of /etc/sysctl.d), or end a program that watches many files; then begin the watch again.`,
  };
}

function goneProblem(folder: string): BuildProblem {
  return {
    kind: 'bad-plan',
    message: `${folder} was moved or removed, so the watch of it is over.`,
    wayOut: 'Begin it again when the stage is in its place, under its new name where it got one.',
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
