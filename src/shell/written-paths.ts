import { pathWord } from './path-word';
import type { PathWord } from './path-word';
import type { Command, Redirect, Word } from './script';
import { invocationOf } from './shell-invocation';

/** How a command's operands are read. */
interface Form {
  /** Letters of the options that take a value. */
  readonly values: string;
  /** Long options whose value is a word of its own. */
  readonly longValues?: readonly string[];
  /** Which operands are written to. */
  readonly written: 'all' | 'last' | 'third' | 'all-but-first' | 'none';
  /** The option whose value takes the place of the last operand. */
  readonly target?: { readonly letter: string; readonly long: string };
  /** Whether the operands are written to with these options; always where undefined. */
  readonly when?: (options: readonly string[]) => boolean;
}

const target = { letter: 't', long: '--target-directory' };

/** Options that name the file or folder to write to; no operand is written to. */
function only(values: string, letter: string, long: string, longValues: readonly string[] = []): Form {
  return { values, longValues, written: 'none', target: { letter, long } };
}

/** The commands that write to their operands. `dd`, `git clone` and `install -d` are read apart. */
const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['chgrp', { values: '', written: 'all-but-first' }],
  ['chmod', { values: '', written: 'all-but-first' }],
  ['chown', { values: '', written: 'all-but-first' }],
  ['cp', { values: 'St', longValues: ['--suffix'], written: 'last', target }],
  ['curl', only('AbcCdDeEFHKmoQrTuUwxXyYz', 'o', '--output', ['--header', '--data', '--user'])],
  ['gpg', only('oru', 'o', '--output', ['--homedir', '--keyring', '--recipient'])],
  [
    'install',
    { values: 'gmoSt', longValues: ['--group', '--mode', '--owner', '--suffix'], written: 'last', target },
  ],
  ['ln', { values: 'St', longValues: ['--suffix'], written: 'last', target }],
  ['mkdir', { values: 'm', longValues: ['--mode'], written: 'all' }],
  ['mv', { values: 'St', longValues: ['--suffix'], written: 'last', target }],
  ['rm', { values: '', written: 'all' }],
  ['rmdir', { values: '', written: 'all' }],
  ['rsync', { values: 'BefMT', longValues: ['--exclude', '--include', '--files-from'], written: 'last' }],
  ['sed', { values: 'efl', longValues: ['--expression', '--file'], written: 'all', when: editsInPlace }],
  [
    'tar',
    {
      values: 'CfTXbI',
      longValues: ['--file', '--exclude'],
      written: 'none',
      target: { letter: 'C', long: '--directory' },
    },
  ],
  ['tee', { values: '', written: 'all' }],
  ['touch', { values: 'drt', longValues: ['--date', '--reference'], written: 'all' }],
  ['unzip', only('dPx', 'd', '--directory')],
  ['wget', only('aAeBDiIlOoQRtTUwX', 'O', '--output-document', ['--header', '--tries', '--timeout'])],
  ['truncate', { values: 'rs', longValues: ['--reference', '--size'], written: 'all' }],
]);

/** `clone` itself, the repository, and the folder, where one is named. */
const cloneForm: Form = {
  values: 'bcjou',
  longValues: ['--branch', '--depth', '--origin', '--config', '--reference', '--jobs', '--template'],
  written: 'third',
};

function editsInPlace(options: readonly string[]): boolean {
  return options.some((option) => /^-[nErsuz]*i/.test(option) || option.startsWith('--in-place'));
}

/** A path that a command makes, changes or removes. */
export interface WrittenPath extends PathWord {
  /** The program that does so, or `>` for a redirect. */
  readonly by: string;
}

/** The paths that a command writes to, by its operands (for the commands of a table) and by its redirects. */
export function writtenPaths(command: Command): readonly WrittenPath[] {
  return [...writtenOperands(command), ...command.redirects.flatMap(redirected)];
}

function redirected({ operator, target: word }: Redirect): readonly WrittenPath[] {
  if (word === undefined || !/^(?:>|>>|&>|&>>|>\||<>|>&)$/.test(operator)) return [];
  return /^[\d-]+$/.test(word.text) ? [] : [{ ...pathWord(word), by: '>' }];
}

function writtenOperands(command: Command): readonly WrittenPath[] {
  const invocation = invocationOf(command);
  if (invocation === undefined) return [];
  const { name, arguments: words } = invocation;
  if (name === 'dd') {
    const output = words.find(({ text }) => text.startsWith('of='));
    return output === undefined ? [] : [{ ...pathWord(output, 3), by: name }];
  }
  const form = name === 'git' && words[0]?.text === 'clone' ? cloneForm : forms.get(name);
  if (form === undefined) return [];
  const read = readWords(words, form);
  if (name === 'tar' && !extracts(words)) return [];
  if (read.target !== undefined) return [{ ...read.target, by: name }];
  return writtenOf(name, form, read).map((word) => ({ ...pathWord(word), by: name }));
}

function writtenOf(name: string, form: Form, { operands, options }: ReadWords): readonly Word[] {
  if (form.when?.(options) === false) return [];
  if (name === 'install' && options.some((option) => /^-[^-]*d/.test(option) || option === '--directory')) {
    return operands;
  }
  // The program of sed is its first operand unless an option gives it.
  const hasProgram = options.some((option) => /^-[nErsuz]*[ef]$|^--(?:expression|file)/.test(option));
  if (name === 'sed') return hasProgram ? operands : operands.slice(1);
  switch (form.written) {
    case 'all':
      return operands;
    case 'all-but-first':
      return options.some((option) => option.startsWith('--reference')) ? operands : operands.slice(1);
    case 'last': {
      const last = operands.at(-1);
      // `host:path` of rsync leads elsewhere.
      const remote = name === 'rsync' && /^[^/$"']*:/.test(last?.text ?? '');
      return operands.length < 2 || last === undefined || remote ? [] : [last];
    }
    case 'third':
      return operands.slice(2, 3);
    case 'none':
      return [];
  }
}

/** Whether tar unpacks: `-x`, `xf`, `--extract`. */
function extracts(words: readonly Word[]): boolean {
  const [first] = words;
  const bundled = first !== undefined && /^[a-zA-Z]*x/.test(first.text);
  return bundled || words.some(({ text }) => /^-[a-zA-Z]*x/.test(text) || /^--(?:extract|get)$/.test(text));
}

interface ReadWords {
  readonly operands: readonly Word[];
  readonly options: readonly string[];
  readonly target: PathWord | undefined;
}

function readWords(words: readonly Word[], form: Form): ReadWords {
  const operands: Word[] = [];
  const options: string[] = [];
  let found: PathWord | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    const { text } = word;
    if (text === '--') {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (!text.startsWith('-') || text === '-') {
      operands.push(word);
      continue;
    }
    options.push(text);
    const value = words[i + 1];
    if (text.startsWith('--')) {
      if (form.target !== undefined && text.startsWith(`${form.target.long}=`)) {
        found = pathWord(word, form.target.long.length + 1);
      } else if (text === form.target?.long) {
        found = value && pathWord(value);
        i++;
      } else if (form.longValues?.includes(text) === true) i++;
      continue;
    }
    const at = valueOption(text, form.values);
    if (at < 0 || editsInPlaceOption(text, form)) continue;
    const isTarget = text.charAt(at) === form.target?.letter;
    if (at < text.length - 1) {
      if (isTarget) found = pathWord(word, at + 1);
    } else {
      if (isTarget) found = value && pathWord(value);
      i++;
    }
  }
  return { operands, options, target: found };
}

/** `-i.bak`: the rest of the word is the suffix of the copy. */
function editsInPlaceOption(text: string, form: Form): boolean {
  return form.when === editsInPlace && /^-[nErsuz]*i/.test(text);
}

/** Where the first option of a cluster stands that takes a value; -1 where none does. */
function valueOption(cluster: string, values: string): number {
  for (let at = 1; at < cluster.length; at++) if (values.includes(cluster.charAt(at))) return at;
  return -1;
}
