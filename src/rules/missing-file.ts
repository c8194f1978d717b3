import type { Entry } from '../pigen/file-system';
import type { Fix } from '../pigen/finding';
import { editDistance } from '../pigen/near-miss';
import { baseName, folderOf, joinPath, relativePath, resolvePath } from '../pigen/path';
import type { SubStage } from '../pigen/stage-tree';
import { isInside } from '../shell/queries';
import type { Command, Word } from '../shell/script';
import { isTopLevel, nameOf } from './programs';
import type { Report, Rule, ScriptFile, TreeContext } from './rule';
import type { SubStageFiles } from './sub-stage-files';

export const missingFile: Rule = {
  name: 'missing-file',
  severity: 'error',
  summary: 'A file of the sub-stage’s `files` folder that a script reads and that is not there.',
  page: {
    why: `\`run_sub_stage\` (build.sh) changes into the sub-stage before it runs \`NN-run.sh\`, so \`files/app.conf\` is a file of that
sub-stage. Names are case-sensitive on the build host, also where they are not on the machine on which the stage was written.`,
    build:
      "`install: cannot stat 'files/app.conf': No such file or directory`, and the build fails at this line.",
    fix: 'Add the file, or correct the name. Where a file with nearly that name is there, the quick fix puts its name in.',
    silent: [
      'files that the script makes or fetches itself, or that come behind a `cd`',
      'files that git ignores, and what a workflow, a Makefile or a script at the root brings along',
      'commands behind a test for the file, or with `|| true`',
      'stages that are to be copied over those of pi-gen',
      'paths with variables and globs',
    ],
    bad: { tree: 'bad-names', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-files', show: 'stage-app/00-service/00-run.sh' },
  },
  aboutSurroundings: true,
  // What is in the folders, not the script alone, decides.
  reach: 'folders',

  *checkScript(file: ScriptFile, { subStageFiles }: TreeContext): Iterable<Report> {
    const { subStage, stage, step } = file;
    if (file.place !== 'host' || subStage === undefined || stage.overlay || !file.text.includes('files/'))
      return;
    const skipped = 'kind' in step ? step.skipped : undefined;
    if (skipped === 'stage-skipped' || skipped === 'sub-stage-skipped') return;
    if (!mayMiss(file.text, subStage, subStageFiles)) return;
    for (const { word, path, command } of readFiles(file)) {
      const from = joinPath(subStage.path, 'files');
      const absolute = resolvePath(subStage.path, path);
      if (!absolute.startsWith(`${from}/`) || isThere(subStageFiles, from, absolute)) continue;
      if (subStageFiles.mayComeFromElsewhere(absolute)) continue;
      const near = nearMiss(subStageFiles, subStage, absolute);
      const hint = near === undefined ? 'Add the file, or correct the name.' : `Is ${near.path} meant?`;
      yield {
        message: `${path} is not there: ${nameOf(command) ?? 'the command'} fails, and so does the build. ${hint}`,
        file: file.path,
        span: word.span,
        severity: isTopLevel(command) ? 'error' : 'warning',
        fixes: near === undefined ? [] : [renameFix(file, word, path, near)],
      };
    }
  },
};

/** Whether the text names a file that is not there, whatever it does with it: most name none, and need not be parsed. */
function mayMiss(text: string, { path }: SubStage, files: SubStageFiles): boolean {
  const from = joinPath(path, 'files');
  return Array.from(text.matchAll(/files\/[\w./@+:,=-]+/g)).some(([named]) => {
    const absolute = resolvePath(path, named);
    return absolute.startsWith(`${from}/`) && !isThere(files, from, absolute);
  });
}

interface ReadFile {
  readonly word: Word;
  /** As written, quotes removed. */
  readonly path: string;
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

/** The files that the script surely reads from the sub-stage, in the order of the script, up to where that is no longer sure. */
function* readFiles(file: ScriptFile): Iterable<ReadFile> {
  const { script } = file;
  if (script.functions.has('install') || script.functions.has('cp')) return;
  const written = new Set<string>();
  for (const command of script.commands) {
    const name = nameOf(command);
    if (command.name === undefined) continue;
    if (name === undefined || !harmless.has(name)) {
      // A call of one of the script's own functions; its body is seen as commands of the script.
      if (name !== undefined && script.functions.has(name)) continue;
      if (name === 'source' || name === '.') {
        if (!isGuarded(command)) yield* namedIn(command, command.arguments.slice(0, 1), written);
      }
      return;
    }
    if (!isGuarded(command)) {
      if (copiers.has(name)) yield* namedIn(command, sourcesOf(command), written);
      else if (readers.has(name)) yield* namedIn(command, command.arguments, written);
      yield* namedIn(command, inputsOf(command), written);
    }
    remember(command, written);
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

function* namedIn(
  command: Command,
  words: readonly Word[],
  written: ReadonlySet<string>,
): Iterable<ReadFile> {
  for (const word of words) {
    const path = word.literal?.replace(/^(?:\.\/)+/, '');
    if (path === undefined || !/^files\/[\w./@+:,=-]+$/.test(path) || path.includes('/../')) continue;
    if ([...written].some((other) => overlaps(other, path))) continue;
    yield { word, path, command };
  }
}

function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`) || a === `${b}/` || b === `${a}/`;
}

/** Every word of a command that could be a place below `files/` to which it writes. */
function remember(command: Command, written: Set<string>): void {
  const targets = command.redirects.flatMap(({ operator, target }) =>
    operator === '<' || !target ? [] : [target],
  );
  for (const { text, literal } of [...command.arguments, ...targets]) {
    const path = (literal ?? text).replaceAll(/["']/g, '').replace(/^(?:\.\/)+/, '');
    if (!path.startsWith('files')) continue;
    const isSource = copiers.has(nameOf(command) ?? '') && command.arguments.at(-1)?.text !== text;
    if (!isSource) written.add(path.replace(/[*?[{$].*$/, '').replace(/\/+$/, ''));
  }
}

/** Behind a test, in a function that may not be called, or with something to do where it fails. */
function isGuarded(command: Command): boolean {
  return isInside(
    command,
    'if_statement',
    'list',
    'case_statement',
    'while_statement',
    'function_definition',
    'negated_command',
    'command_substitution',
  );
}

function isThere({ folders }: SubStageFiles, files: string, path: string): boolean {
  let folder = files;
  const parts = relativePath(files, path).split('/');
  for (const part of parts) {
    const entries = folders.get(folder);
    // A folder that nobody has listed: nothing is known.
    if (entries === undefined) return !folders.has(folder);
    if (!entries.some(({ name }) => name === part)) return false;
    folder = joinPath(folder, part);
  }
  return true;
}

interface Near {
  /** From the sub-stage. */
  readonly path: string;
  /** Nothing but upper and lower case differs. */
  readonly sure: boolean;
}

function nearMiss({ folders }: SubStageFiles, subStage: SubStage, path: string): Near | undefined {
  const folder = folderOf(path);
  const name = baseName(path);
  const entries = (folders.get(folder) ?? []).filter(({ kind }) => kind !== 'other');
  const found = nearestOf(entries, name);
  const near = (other: string, sure: boolean): Near => ({
    path: relativePath(subStage.path, joinPath(folder, other)),
    sure,
  });
  if (found !== undefined) return near(found, found.toLowerCase() === name.toLowerCase());
  const beside = subStage.others.find((other) => other.name === name && other.kind === 'file');
  return beside && { path: beside.name, sure: false };
}

function nearestOf(entries: readonly Entry[], name: string): string | undefined {
  const limit = name.length > 6 ? 2 : 1;
  const distances = entries
    .map((entry) => ({
      name: entry.name,
      distance: editDistance(entry.name.toLowerCase(), name.toLowerCase(), limit),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  const [first, second] = distances;
  return first === undefined || first.distance === second?.distance ? undefined : first.name;
}

function renameFix(file: ScriptFile, word: Word, path: string, near: Near): Fix {
  return {
    title: `Change ${path} to ${near.path}`,
    edits: [
      {
        kind: 'replace',
        file: file.path,
        range: file.lines.range(word.span),
        text: word.text.replace(path, near.path),
      },
    ],
    ...(near.sure ? { preferred: true } : {}),
  };
}
