import { readPackageList } from '../pigen/apt/package-list';
import type { Span } from '../pigen/text';
import { programsOf } from '../shell/queries';
import { invocationOf } from '../shell/shell-invocation';
import type { TreeFile } from './tree-file';

/** A place that names a package. */
export interface PackageName {
  /** The name alone, in the file's text. */
  readonly span: Span;
  readonly name: string;
}

/** `name`, with what apt reads behind it: `=version`, `/suite`, `:arch`, `-`. */
const operand = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.]/;

/** The package named at an offset: a word of NN-packages, of NN-debconf's first column, or of an `apt-get install`. */
export function packageAt(file: TreeFile, offset: number): PackageName | undefined {
  return packagesIn(file).find(({ span }) => span.start <= offset && offset <= span.end);
}

function packagesIn(file: TreeFile): readonly PackageName[] {
  switch (file.role) {
    case 'packages':
      return readPackageList(file.text).words.flatMap(({ text, span }) => nameIn(text, span.start));
    case 'debconf':
      return [...file.text.matchAll(/^([a-z0-9][a-z0-9+.-]+)[ \t]/gm)].flatMap(({ 1: name = '', index }) =>
        nameIn(name, index),
      );
    case 'script':
      return inScript(file);
    default:
      return [];
  }
}

function nameIn(text: string, start: number): readonly PackageName[] {
  const name = operand.exec(text)?.[0];
  return name === undefined ? [] : [{ name, span: { start, end: start + name.length } }];
}

function inScript({ script, text }: TreeFile): readonly PackageName[] {
  if (script === undefined || !/\bapt(?:-get|itude)?\b[^]*\binstall\b/.test(text)) return [];
  return [...programsOf(script)].flatMap((program) =>
    program.commands.flatMap((command) => {
      const invocation = invocationOf(command);
      if (invocation === undefined || !/^(?:apt|apt-get|aptitude)$/.test(invocation.name)) return [];
      const [verb, ...words] = invocation.arguments.filter(({ text: word }) => !word.startsWith('-'));
      if (verb?.literal !== 'install') return [];
      return words.flatMap((word) =>
        word.literal === word.text ? nameIn(word.text, program.toFile(word.span.start)) : [],
      );
    }),
  );
}

/** The letters of a package's name that are typed in front of an offset; undefined where none may stand. */
export function packagePrefixAt(file: TreeFile, offset: number): PackageName | undefined {
  const line = file.text.slice(file.lines.lineStart(file.lines.position(offset).line), offset);
  const typed = /(?:^|\s)([a-z0-9][a-z0-9+.-]*)$/.exec(line)?.[1];
  if (typed === undefined) return undefined;
  const prefix = { name: typed, span: { start: offset - typed.length, end: offset } };
  if (file.role === 'packages') return line.includes('#') ? undefined : prefix;
  return file.role === 'script' && packageAt(file, offset) !== undefined ? prefix : undefined;
}
