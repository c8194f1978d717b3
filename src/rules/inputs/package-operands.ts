import type { PackageWord } from '../../pigen/apt/package-list';
import type { Span } from '../../pigen/text';
import { mergeConflict } from '../knowledge/merge-conflict';
import type { DataFile } from './data-file';

/**
 * The words of a package list that are operands to apt-get install: no options and their values, no commands, and nothing on
 * a line that means something to the shell.
 */
export function packageOperands(file: DataFile): readonly PackageWord[] {
  if (mergeConflict(file.text) !== undefined) return [];
  const words = plainWords(file);
  const commands = commandsIn(file, words);
  const forShell = new Set<number>();
  const operands: PackageWord[] = [];
  for (const [i, word] of words.entries()) {
    const line = file.lines.position(word.span.start).line;
    if (/[;&|<()>$`]/.test(word.text)) forShell.add(line);
    if (forShell.has(line) || word.text === '' || isPartOf(commands, word)) continue;
    if (word.text.startsWith('-') || isOptionValue(words[i - 1])) continue;
    operands.push(word);
  }
  return operands;
}

/** The words of a package list without byte order marks and CRs, of which line-endings speaks. */
export function plainWords(file: DataFile): readonly PackageWord[] {
  return file.packages.words.map(({ text, span }) => ({ text: text.replaceAll(/[\uFEFF\r]/g, ''), span }));
}

/** Whether a word belongs to one of the commands. */
export function isPartOf(commands: readonly Span[], { span }: PackageWord): boolean {
  return commands.some(({ start, end }) => start <= span.start && span.start < end);
}

/** Whether a word is the value of the option before it: behind `-t` and `-o`. */
export function isOptionValue(before: PackageWord | undefined): boolean {
  return (
    before !== undefined &&
    /^(?:-[a-zA-Z]*[toc]|--(?:target-release|default-release|option))$/.test(before.text)
  );
}

/** Where commands stand in a package list: `sudo apt-get install -y` at the start of a line, up to the first name. Offsets into its text. */
export function commandsIn(file: DataFile, words: readonly PackageWord[]): readonly Span[] {
  const found: Span[] = [];
  for (const [i, word] of words.entries()) {
    const line = file.lines.position(word.span.start).line;
    const before = words[i - 1];
    if (before !== undefined && file.lines.position(before.span.start).line === line) continue;
    const rest = words.slice(i).filter(({ span }) => file.lines.position(span.start).line === line);
    const length = commandLength(rest.map(({ text }) => text));
    const last = rest[length - 1];
    if (last === undefined) continue;
    const end = rest[length]?.span.start ?? last.span.end;
    found.push({ start: word.span.start, end });
  }
  return found;
}

/** How many words at the start of a line are a command; 0 for none. */
function commandLength(words: readonly string[]): number {
  let at = words[0] === 'sudo' ? 1 : 0;
  if (!/^(?:apt|apt-get|aptitude)$/.test(words[at] ?? '')) return 0;
  at++;
  while (words[at]?.startsWith('-') === true) at++;
  if (words[at] !== 'install') return 0;
  at++;
  while (words[at]?.startsWith('-') === true) at++;
  return at;
}
