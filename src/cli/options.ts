import { branches } from '../pigen/branches';
import { resolvePath } from '../pigen/files/path';
import type { CheckOptions } from '../rules/checker';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';

export type Format = 'pretty' | 'json';

/** One of the words allowed, or a UsageError that names them. */
export function oneOf<Value extends string>(
  option: string,
  given: string | undefined,
  allowed: readonly Value[],
  otherwise: Value,
): Value {
  if (given === undefined) return otherwise;
  const found = allowed.find((value) => value === given);
  if (found === undefined) throw new UsageError(`${option} takes ${allowed.join(', ')}, not '${given}'.`);
  return found;
}

export function formatOf(given: string | undefined): Format {
  return oneOf('--format', given, ['pretty', 'json'], 'pretty');
}

/** A path as the user wrote it, absolute with `/`. */
export function pathFrom(terminal: Terminal, given: string): string {
  return resolvePath(
    terminal.workingFolder,
    given.replaceAll('\\', process.platform === 'win32' ? '/' : '\\'),
  );
}

/** What `--release` names; a UsageError for a release that no branch of pi-gen makes. */
export function releaseOption(given: string | undefined): Pick<CheckOptions, 'release'> {
  if (given === undefined) return {};
  const known = [...new Set(branches.map(({ release }) => release))];
  return { release: oneOf('--release', given, known, 'trixie') };
}
