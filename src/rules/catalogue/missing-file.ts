import type { Fix } from '../../pigen/finding';
import { baseName, folderOf } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { isInside, isInUnfinished } from '../../shell/queries';
import type { Command, Word } from '../../shell/script';
import { filesNamedIn, namedFile } from '../inputs/named-file';
import type { NamedFile } from '../inputs/named-file';
import { isThere, nearFile } from '../knowledge/near-file';
import type { NearFile } from '../knowledge/near-file';
import { isTopLevel, nameOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import type { SubStageFiles } from '../inputs/sub-stage-files';

export const missingFile: Rule = {
  name: 'missing-file',
  severity: 'error',
  summary: 'A file of the sub-stage, the stage or the tree that a script reads and that is not there.',
  page: {
    why: `\`run_sub_stage\` (build.sh) changes into the sub-stage before it runs \`NN-run.sh\`, so \`files/app.conf\` is a file of that
sub-stage, and \`../files/app.conf\`, as \`"\${STAGE_DIR}/files/app.conf"\`, one of its stage. \`"\${BASE_DIR}"\` is pi-gen's own folder. Names are case-sensitive on the build host, also where they are not on the machine on which the stage was written.`,
    build:
      "`install: cannot stat 'files/app.conf': No such file or directory`, and the build fails at this line.",
    fix: 'Add the file, or correct the name. Where a file with nearly that name is there, the quick fix puts its name in.',
    silent: [
      'files that the script makes or fetches itself, or that come behind a `cd`',
      'files that git ignores, and what a workflow, a Makefile or a script at the root brings along',
      'commands behind a test for the file, or with `|| true`',
      'stages that are to be copied over those of pi-gen',
      'paths with globs, or with variables other than STAGE_DIR and BASE_DIR',
      'files of the stage or of the tree that another script of the stage names, and files of the sub-stage that another of its scripts names: it may make them',
    ],
    bad: { tree: 'bad-names', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-files', show: 'stage-app/00-service/00-run.sh' },
  },
  aboutSurroundings: true,
  // What is in the folders, and what other scripts make there, not the script alone, decides.
  reach: 'stage',

  *checkScript(file: ScriptFile, { subStageFiles, tree, scripts }: TreeContext): Iterable<Report> {
    const { subStage, stage, step } = file;
    if (file.place !== 'host' || subStage === undefined || stage?.overlay !== false) return;
    const skipped = 'kind' in step ? step.skipped : undefined;
    if (skipped === 'stage-skipped' || skipped === 'sub-stage-skipped') return;
    if (!mayMiss(file, tree, subStageFiles)) return;
    for (const { word, named, command } of readFiles(file, tree)) {
      if (isThere(subStageFiles, named) || subStageFiles.mayComeFromElsewhere(named.path)) continue;
      if (isNamedByOther(scripts, file, named)) continue;
      const near = nearFile(subStageFiles, stage, subStage, named);
      const hint = near === undefined ? 'Add the file, or correct the name.' : `Is ${near.shown} meant?`;
      yield {
        message: `${named.shown} is not there: ${nameOf(command) ?? 'the command'} fails, and so does the build. ${hint}`,
        file: file.path,
        span: word.span,
        severity: isTopLevel(command) ? 'error' : 'warning',
        fixes: near === undefined ? [] : [renameFix(file, word, named, near)],
      };
    }
  },
};

/** Whether the text names a file that is not there, whatever it does with it: most name none, and need not be parsed. */
function mayMiss(file: ScriptFile, tree: StageTree, files: SubStageFiles): boolean {
  const { text, path, place, stage, subStage, step } = file;
  const named = filesNamedIn({ path, place, stage, subStage, step }, tree, text);
  return [...named.values()].some((one) => !isThere(files, one));
}

/**
 * Whether another script names the file, which it may then make: of the sub-stage for a file of the sub-stage, of the stage for all
 * else.
 */
function isNamedByOther(
  scripts: TreeContext['scripts'],
  file: ScriptFile,
  { base, path, shown }: NamedFile,
): boolean {
  const isOwn = base === file.subStage?.path;
  for (const other of scripts.values()) {
    if (other.path === file.path || other.stage?.path !== file.stage?.path) continue;
    if (isOwn && (other.subStage?.path !== base || other.place !== 'host')) continue;
    if (other.text.includes(isOwn ? shown : baseName(path))) return true;
  }
  return false;
}

interface ReadFile {
  readonly word: Word;
  readonly named: NamedFile;
  readonly command: Command;
}

/** Commands whose operands but the last are read. */
const copiers = new Set(['install', 'cp', 'mv']);

/** Commands that read all their operands. */
const readers = new Set(['cat', 'source', '.']);

/** Commands that make no file beside the script, whatever they are given, unless they are given its name. */
const harmless = new Set([
  ...[
    'install',
    'cp',
    'mv',
    'rm',
    'rmdir',
    'mkdir',
    'chmod',
    'chown',
    'ln',
    'echo',
    'printf',
    'log',
    'sed',
    'cat',
  ],
  ...[
    'touch',
    'on_chroot',
    'test',
    '[',
    '[[',
    'export',
    'set',
    'true',
    'false',
    ':',
    'grep',
    'tee',
    'rsync',
    'date',
  ],
  ...[
    'basename',
    'dirname',
    'local',
    'readonly',
    'declare',
    'unset',
    'shopt',
    'trap',
    'sleep',
    'cut',
    'tr',
    'head',
  ],
  ...[
    'tail',
    'sort',
    'wc',
    'find',
    'command',
    'exit',
    'return',
    'umask',
    'systemctl',
    'chroot',
    'id',
    'uname',
  ],
]);

/** The files of the tree that the script surely reads, in the order of the script, up to where that is no longer sure. */
function* readFiles(file: ScriptFile, tree: StageTree): Iterable<ReadFile> {
  const { script } = file;
  const asNamed: AsNamed = (word) => {
    const variable = /(?:STAGE|BASE)_DIR/.exec(word.text)?.[0];
    if (variable !== undefined && script.variables.names.has(variable)) return undefined;
    // Quoted as a whole, it is no variable.
    return word.text.startsWith("'") && variable !== undefined
      ? undefined
      : namedFile(file, tree, word.literal ?? word.text.replaceAll('"', ''));
  };
  if (script.functions.has('install') || script.functions.has('cp')) return;
  const written = new Set<string>();
  for (const command of script.commands) {
    const name = nameOf(command);
    if (command.name === undefined) continue;
    if (name === undefined || !harmless.has(name)) {
      // A call of one of the script's own functions; its body is seen as commands of the script.
      if (name !== undefined && script.functions.has(name)) continue;
      if (name === 'source' || name === '.') {
        if (!isGuarded(command)) yield* namedIn(command, command.arguments.slice(0, 1), asNamed, written);
      }
      return;
    }
    if (!isGuarded(command)) {
      if (copiers.has(name)) yield* namedIn(command, sourcesOf(command), asNamed, written);
      else if (readers.has(name)) yield* namedIn(command, command.arguments, asNamed, written);
      yield* namedIn(command, inputsOf(command), asNamed, written);
    }
    remember(command, asNamed, written);
  }
}

/** Operands of install, cp and mv that are read: all but the last, or all where -t or -d says so; none for `install -d`. */
function sourcesOf(command: Command): readonly Word[] {
  const options = command.arguments.filter(({ text }) => text.startsWith('-'));
  if (options.some(({ text }) => /^(?:-[a-zA-Z]*[dt]|--directory|--target-directory)/.test(text))) return [];
  const operands = command.arguments.filter(({ text }) => !text.startsWith('-'));
  return operands.slice(0, -1);
}

function inputsOf(command: Command): readonly Word[] {
  return command.redirects.flatMap(({ operator, target }) => (operator === '<' && target ? [target] : []));
}

/** The file of the tree that a word names. */
type AsNamed = (word: Pick<Word, 'text' | 'literal'>) => NamedFile | undefined;

function* namedIn(
  command: Command,
  words: readonly Word[],
  asNamed: AsNamed,
  written: ReadonlySet<string>,
): Iterable<ReadFile> {
  for (const word of words) {
    const named = asNamed(word);
    if (named === undefined || [...written].some((other) => overlaps(other, named.path))) continue;
    yield { word, named, command };
  }
}

function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`) || a === `${b}/` || b === `${a}/`;
}

/** Every word of a command that could be a place of the tree to which it writes. */
function remember(command: Command, asNamed: AsNamed, written: Set<string>): void {
  const targets = command.redirects.flatMap(({ operator, target }) =>
    operator === '<' || !target ? [] : [target],
  );
  for (const { text, literal } of [...command.arguments, ...targets]) {
    const isSource = copiers.has(nameOf(command) ?? '') && command.arguments.at(-1)?.text !== text;
    if (isSource) continue;
    const made = asNamed({
      text: `${knownPart((literal ?? text).replaceAll(/["']/g, ''))}/_`,
      literal: undefined,
    });
    if (made !== undefined) written.add(folderOf(made.path));
  }
}

/** A path up to the folder in which something begins that is not known. */
function knownPart(path: string): string {
  const unknown = /[*?[]|(?<!\$)\{|\$(?!\{?(?:STAGE|BASE)_DIR\b)/.exec(path);
  return unknown === null ? path.replace(/\/+$/, '') : folderOf(path.slice(0, unknown.index));
}

/** Behind a test, in a function that may not be called, or with something to do where it fails. */
function isGuarded(command: Command): boolean {
  return (
    isInside(
      command,
      'if_statement',
      'list',
      'case_statement',
      'while_statement',
      'function_definition',
      'negated_command',
      'command_substitution',
    ) || isInUnfinished(command)
  );
}

function renameFix(file: ScriptFile, word: Word, named: NamedFile, near: NearFile): Fix {
  return {
    title: `Change ${named.shown} to ${near.shown}`,
    edits: [
      {
        kind: 'replace',
        file: file.path,
        range: file.lines.range(word.span),
        text: near.way === undefined ? near.shown : word.text.replace(named.way, () => near.way ?? ''),
      },
    ],
    ...(near.sure ? { preferred: true } : {}),
  };
}
