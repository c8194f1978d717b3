import type { Fix } from '../../pigen/finding';
import type { Span } from '../../pigen/text';
import type { DataFile } from '../inputs/data-file';
import { mayBeExported } from '../knowledge/exported-variables';
import type { Report, Rule, TreeContext } from '../rule';

export const debconfFile: Rule = {
  name: 'debconf-file',
  severity: 'error',
  summary: 'An answer in a debconf file that debconf cannot read, or that the shell changes.',
  page: {
    why: `\`run_sub_stage\` (build.sh) hands \`NN-debconf\` to \`debconf-set-selections\` in the chroot: one answer a line, as
\`owner question type value\`. It does so in an unquoted heredoc, so bash in the chroot expands \`$x\`, \`$(…)\` and backticks first.`,
    build: `\`error: parse error on line 1\`, and the build fails. A type that debconf does not know is passed over with a warning. Of
\`$6$salt$hash\` only a part arrives, without a word.`,
    fix: 'Write all four words; put a backslash before `$` and backticks. The quick fix does the latter.',
    silent: [
      'comments and empty lines',
      'answers without a value',
      'lines that a backslash continues',
      '`\\$` and `\\``',
      'variables that pi-gen or the config exports',
    ],
    bad: { tree: 'bad-answers', show: 'stage-app/00-service/00-debconf' },
    good: { tree: 'good-answers', show: 'stage-app/00-service/00-debconf' },
  },

  *checkTree({ dataFiles, tree }: TreeContext): Iterable<Report> {
    const isExported = mayBeExported(tree);
    for (const file of dataFiles.values()) {
      if (file.kind !== 'debconf') continue;
      for (const line of linesOf(file.text)) {
        if (/^\uFEFF?[ \t]*(?:#|$)/.test(line.text)) continue;
        yield* checkAnswer(file, line);
        yield* checkExpansions(file, line, isExported);
      }
    }
  },
};

interface Line {
  /** Without its ending; lines that a backslash continues are one. */
  readonly text: string;
  readonly span: Span;
}

function* linesOf(text: string): Iterable<Line> {
  for (const found of text.matchAll(/(?:[^\n\\]|\\[^\n]|\\\r?\n)+/g)) {
    const line = found[0].replace(/\r$/, '');
    yield { text: line, span: { start: found.index, end: found.index + line.length } };
  }
}

/** Of debconf-devel(7), and those that debconf-set-selections(1) knows besides. */
const types = new Set([
  'string',
  'boolean',
  'select',
  'multiselect',
  'password',
  'note',
  'text',
  'title',
  'error',
  'seen',
]);

function* checkAnswer(file: DataFile, { text, span }: Line): Iterable<Report> {
  // What the shell puts in may well be the missing words.
  if (/(?<!\\)[$`]/.test(text)) return;
  const words = text.split(/\\?\s+/).filter((word) => word !== '' && word !== '\\');
  const range = file.lines.range(span);
  const type = words[2];
  if (type === undefined) {
    yield {
      message: `An answer has four words: owner, question, type, value. debconf-set-selections stops here with a parse error, and the build fails.`,
      file: file.path,
      range,
    };
    return;
  }
  if (!types.has(type)) {
    yield {
      message: `"${type}" is no type of debconf’s, so this answer is passed over and the package asks its question, or takes its default. Write owner, question, type (string, boolean, select, multiselect, password) and value.`,
      file: file.path,
      range,
      severity: 'warning',
    };
  }
}

function* checkExpansions(
  file: DataFile,
  { text, span }: Line,
  isExported: (name: string) => boolean,
): Iterable<Report> {
  const places = [...expansionsIn(text)].filter(({ name }) => name === undefined || !isExported(name));
  const [first] = places;
  if (first === undefined) return;
  const at = ({ start }: Expansion): Span => ({ start: span.start + start, end: span.start + start + 1 });
  yield {
    message: `bash in the chroot expands ${text[first.start] === '`' ? 'the backtick' : 'the $'} before debconf sees this line, so another answer arrives than the one that stands here. Put a backslash before it.`,
    file: file.path,
    range: file.lines.range(at(first)),
    fixes: [escapeFix(file, places.map(at))],
  };
}

interface Expansion {
  readonly start: number;
  /** Of a variable with a name. */
  readonly name: string | undefined;
}

/** Where bash would expand a line of an unquoted heredoc. */
function* expansionsIn(text: string): Iterable<Expansion> {
  for (const found of text.matchAll(/\\[^]|`|\$(?:\{?([A-Za-z_]\w*)|[0-9({?!@*#$-])/g)) {
    if (!found[0].startsWith('\\')) yield { start: found.index, name: found[1] };
  }
}

function escapeFix(file: DataFile, places: readonly Span[]): Fix {
  return {
    title: 'Put a backslash before it, so that the shell leaves it alone',
    edits: places.map(({ start }) => ({
      kind: 'replace',
      file: file.path,
      range: file.lines.range({ start, end: start }),
      text: '\\',
    })),
    preferred: true,
  };
}
