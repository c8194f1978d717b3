import type { Place } from '../pigen/tree/stage-tree';
import type { Command, Word } from './script';

/** What a command hands to a shell, and where that shell runs. */
export interface ShellInvocation {
  readonly place: Place;
  /** The word of `-c`; undefined where the shell reads its standard input. */
  readonly program: Word | undefined;
}

const shells = new Set(['bash', 'sh', 'dash', 'ash', 'rbash']);

/** Commands that run the command behind their options. Their options that take a word of their own. */
const wrappers: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['sudo', new Set(['-u', '-g', '-h', '-p', '-C', '-T', '-U', '-D', '-R', '--user', '--group', '--chdir'])],
  ['env', new Set(['-u', '--unset', '-C', '--chdir'])],
  ['time', new Set<string>()],
  ['command', new Set<string>()],
  ['builtin', new Set<string>()],
  ['exec', new Set(['-a'])],
  ['nohup', new Set<string>()],
  ['nice', new Set(['-n'])],
  ['ionice', new Set(['-c', '-n'])],
  ['linux32', new Set<string>()],
  ['linux64', new Set<string>()],
  ['eatmydata', new Set<string>()],
  ['!', new Set<string>()],
]);

/** Wrappers with one operand of their own before the command: `timeout 10 bash`, `setarch linux32 capsh`. */
const wrappersWithOperand: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['timeout', new Set(['-k', '-s', '--kill-after', '--signal'])],
  ['setarch', new Set<string>()],
  ['flock', new Set(['-w', '--timeout'])],
]);

/** Whether a command of this name can start a shell at all. */
export function mayStartShell(name: string | undefined): boolean {
  const base = baseName(name);
  return base !== undefined && starters.has(base);
}

const starters: ReadonlySet<string> = new Set([
  ...['on_chroot', 'su', 'runuser', 'chroot', 'capsh', 'systemd-nspawn'],
  ...shells,
  ...wrappers.keys(),
  ...wrappersWithOperand.keys(),
]);

/**
 * What shell a command starts, and what that shell gets to run. Undefined where it starts none, or one that reads a file.
 * `around` is where the command itself runs. `on_chroot` is pi-gen's (scripts/common): `bash -e "$@"` in the rootfs.
 */
export function shellInvocation(words: readonly Word[], around: Place): ShellInvocation | undefined {
  let rest = words;
  // Each turn takes away at least one word.
  while (rest.length > 0) {
    const name = baseName(rest[0]?.literal);
    const operands = rest.slice(1);
    if (name === undefined) return undefined;
    if (name === 'on_chroot') return bashOperands(operands, 'chroot');
    if (shells.has(name)) return bashOperands(operands, around);
    if (name === 'su' || name === 'runuser') return suOperands(operands, around);
    if (name === 'chroot') return chrootOperands(skipOptions(operands, new Set()));
    if (name === 'capsh') return capshOperands(operands, around);
    if (name === 'systemd-nspawn') return nspawnOperands(operands);
    const inner = withoutWrapper(name, operands);
    if (inner === undefined) return undefined;
    rest = inner;
  }
  return undefined;
}

/** The words behind a wrapper such as `sudo -u pi`; undefined where the name is none. */
function withoutWrapper(name: string, operands: readonly Word[]): readonly Word[] | undefined {
  if (name === 'command' && onlyLooks(operands)) return undefined;
  const options = wrappers.get(name);
  if (options !== undefined) return skipAssignments(skipOptions(operands, options));
  const optionsBeforeOperand = wrappersWithOperand.get(name);
  return optionsBeforeOperand && skipOptions(operands, optionsBeforeOperand).slice(1);
}

/** `command -v NAME` and `command -V NAME` tell what NAME is, and do not run it. */
function onlyLooks(operands: readonly Word[]): boolean {
  const first = operands.findIndex(({ text }) => !text.startsWith('-'));
  const options = first < 0 ? operands : operands.slice(0, first);
  return options.some(({ text }) => /^-[a-zA-Z]*[vV]/.test(text));
}

/** A command with what wraps it (`sudo`, `env A=1`, `timeout 10`) put aside. */
export interface Invocation {
  /** Base name of the program. */
  readonly name: string;
  readonly nameWord: Word;
  readonly arguments: readonly Word[];
  /** There were wrappers around it. */
  readonly wrapped: boolean;
}

/** What a command runs in the end; undefined where it has no name or where that cannot be known. */
export function invocationOf(command: Command): Invocation | undefined {
  if (command.name === undefined) return undefined;
  let words: readonly Word[] = [command.name, ...command.arguments];
  // Each turn takes away at least one word.
  for (let wrapped = false; ; wrapped = true) {
    const [nameWord, ...operands] = words;
    const name = baseName(nameWord?.literal);
    if (nameWord === undefined || name === undefined) return undefined;
    const inner = withoutWrapper(name, operands);
    if (inner === undefined || inner.length === 0) return { name, nameWord, arguments: operands, wrapped };
    words = inner;
  }
}

function baseName(word: string | undefined): string | undefined {
  return word?.slice(word.lastIndexOf('/') + 1);
}

function skipOptions(words: readonly Word[], withValue: ReadonlySet<string>): readonly Word[] {
  let at = 0;
  for (; at < words.length; at++) {
    const text = words[at]?.text ?? '';
    if (text === '--') return words.slice(at + 1);
    if (!text.startsWith('-')) break;
    if (withValue.has(text)) at++;
  }
  return words.slice(at);
}

function skipAssignments(words: readonly Word[]): readonly Word[] {
  const first = words.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  return first < 0 ? [] : words.slice(first);
}

/** Whether bash, with these arguments, takes its program from its standard input. */
export function startsOnInput(words: readonly Word[]): boolean {
  const started = bashOperands(words, 'host');
  return started !== undefined && started.program === undefined;
}

/** bash's own command line: options, then the string of `-c`, or a script file, or nothing. */
function bashOperands(words: readonly Word[], place: Place): ShellInvocation | undefined {
  let isString = false;
  let readsInput = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const text = word?.literal ?? word?.text ?? '';
    if (text === '--' || text === '-') return bashOperand(words[at + 1], isString, readsInput, place);
    if (text.startsWith('--')) {
      if (text === '--rcfile' || text === '--init-file') at++;
    } else if (/^[-+][A-Za-z]/.test(text)) {
      if (/^-.*c/.test(text)) isString = true;
      if (/^-.*s/.test(text)) readsInput = true;
      if (/[oO]$/.test(text)) at++;
    } else return bashOperand(word, isString, readsInput, place);
  }
  return bashOperand(undefined, isString, readsInput, place);
}

function bashOperand(
  word: Word | undefined,
  isString: boolean,
  readsInput: boolean,
  place: Place,
): ShellInvocation | undefined {
  if (isString) return word === undefined ? undefined : { place, program: word };
  return word === undefined || readsInput ? { place, program: undefined } : undefined;
}

/** `su [options] [user] [-c string]`: the string may stand behind the user. */
function suOperands(words: readonly Word[], place: Place): ShellInvocation | undefined {
  for (const [at, { text }] of words.entries()) {
    if (text === '-c' || text === '--command' || /^-[a-z]*c$/.test(text)) {
      const program = words[at + 1];
      return program === undefined ? undefined : { place, program };
    }
    // `runuser -u user -- command` runs a command and no shell.
    if (text === '--') return shellInvocation(words.slice(at + 1), place);
  }
  return { place, program: undefined };
}

/** `ROOT [command…]`; without a command chroot starts a shell. */
function chrootOperands([root, ...command]: readonly Word[]): ShellInvocation | undefined {
  if (root === undefined) return undefined;
  if (command.length === 0) return { place: 'chroot', program: undefined };
  return shellInvocation(command, 'chroot');
}

/** Behind `--` stand the arguments of a bash, which `--chroot=ROOT` puts into another root. */
function capshOperands(words: readonly Word[], around: Place): ShellInvocation | undefined {
  const shell = words.findIndex(({ text }) => text === '--');
  if (shell < 0) return undefined;
  const changesRoot = words.slice(0, shell).some(({ text }) => text.startsWith('--chroot'));
  return bashOperands(words.slice(shell + 1), changesRoot ? 'chroot' : around);
}

const nspawnValues = new Set([
  '-D',
  '--directory',
  '-M',
  '--machine',
  '-u',
  '--user',
  '-i',
  '--image',
  '--bind',
  '-E',
]);

function nspawnOperands(words: readonly Word[]): ShellInvocation | undefined {
  const command = skipOptions(words, nspawnValues);
  if (command.length === 0) return { place: 'chroot', program: undefined };
  return shellInvocation(command, 'chroot');
}
