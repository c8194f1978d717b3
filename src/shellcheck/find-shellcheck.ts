import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { runProcess } from './run-process';

/** A ShellCheck that was seen to run. */
export interface ShellCheckBinary {
  /** Absolute. */
  readonly path: string;
  /** `0.9.0`. */
  readonly version: string;
}

export type FoundShellCheck =
  | { readonly kind: 'found'; readonly binary: ShellCheckBinary }
  /** The one asked for does not run; `reason` is a sentence without its end. */
  | { readonly kind: 'unusable'; readonly path: string; readonly reason: string }
  | { readonly kind: 'absent' };

export interface WhereToLook {
  /** The one that the user names; then no other is looked for. */
  readonly asked: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where one may have been put with the user's consent. */
  readonly installed?: string;
}

/** Finds ShellCheck: the one asked for, else one on the PATH, else one that was installed for us. Never rejects. */
export async function findShellCheck({
  asked,
  environment,
  installed,
}: WhereToLook): Promise<FoundShellCheck> {
  if (asked !== undefined) {
    const probed = await probe(asked);
    return typeof probed === 'string' ? { kind: 'unusable', path: asked, reason: probed } : found(probed);
  }
  const candidates = [...onPath(environment), ...(installed === undefined ? [] : [installed])];
  for (const candidate of candidates) {
    if (!(await isProgram(candidate))) continue;
    const probed = await probe(candidate);
    if (typeof probed !== 'string') return found(probed);
  }
  return { kind: 'absent' };
}

export const shellCheckFileName: string = process.platform === 'win32' ? 'shellcheck.exe' : 'shellcheck';

function found(binary: ShellCheckBinary): FoundShellCheck {
  return { kind: 'found', binary };
}

/**
 * Folders of the PATH that are relative would let the folder that is checked bring its own program. npm's own hold a wrapper,
 * which at its first run downloads a ShellCheck without asking.
 */
function onPath(environment: WhereToLook['environment']): readonly string[] {
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(path.delimiter);
  return folders
    .filter((folder) => path.isAbsolute(folder) && !/[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder))
    .map((folder) => path.join(folder, shellCheckFileName));
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** The first to write `--format=json1`, which tells columns without counting a tab as eight. */
const oldestVersion = '0.7.0';

/** Runs `--version`; answers why that did not go well. */
async function probe(file: string): Promise<ShellCheckBinary | string> {
  if (!path.isAbsolute(file)) return 'it is no absolute path';
  const ended = await runProcess(file, ['--version'], { timeout: 10_000, outputLimit: 64 * 1024 });
  if (ended.kind === 'not-started') return `it cannot be run (${ended.reason})`;
  if (ended.kind === 'killed') return 'it does not answer when asked for its version';
  const version = /^version: (\d+(?:\.\d+)+)/m.exec(ended.out)?.[1];
  if (version === undefined || ended.code !== 0) return 'it is no ShellCheck';
  const isOld = version.localeCompare(oldestVersion, 'en', { numeric: true }) < 0;
  return isOld
    ? `it is version ${version}, and ${oldestVersion} or newer is needed`
    : { path: file, version };
}
