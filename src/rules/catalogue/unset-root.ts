import type { Fix } from '../../pigen/finding';
import type { Span } from '../../pigen/text';
import { mayBeSetByBuild } from '../../pigen/config/visible-variables';
import { pathWord } from '../../shell/path-word';
import type { PathWord } from '../../shell/path-word';
import { programsOf } from '../../shell/queries';
import type { Command, Script, Word } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import { setVariablesAround } from '../../shell/set-variables';
import { writtenPaths } from '../../shell/written-paths';
import { placeOf } from '../../shell/place-at';
import { definesFunction, fileSpanToEdit } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import { shorten } from '../knowledge/shorten';

export const unsetRoot: Rule = {
  name: 'unset-root',
  severity: 'error',
  summary:
    'A path on the build host that begins with a variable which nothing sets, or which single quotes protect.',
  page: {
    why: `The image's root file system is \`$ROOTFS_DIR\` on the build host: that is the name that \`run_stage\` in build.sh exports. A
misspelt name is not set, and bash replaces it by nothing, so that \`"$ROOT_FS/etc"\` is \`/etc\` of the build host. In single quotes bash
replaces nothing at all, and the path begins with a folder of the name \`\${ROOTFS_DIR}\`.`,
    build: `Nothing fails where the path exists on the build host as well: the image lacks the file, and the build host has it.
\`rm -rf "$ROOT_FS/home"\` removes the build host's own \`/home\`. In single quotes the command fails with \`No such file or directory\`, or
makes a junk folder beside the script. What only prints, lists or tests such a path may do no harm: a warning.`,
    fix: `Write the name that pi-gen sets: \`"\${ROOTFS_DIR}/etc"\`, in double quotes. The quick fixes do so.`,
    silent: [
      'names that the script sets, anywhere in it, and those that it reads',
      "pi-gen's own names, those of `config`, and the environment's",
      '`${NAME:-default}` and `${NAME:?}`',
      'names that a sourced file sets; any name where that file is not in the tree or cannot be told',
      'names that resemble none of pi-gen: something around the build may set them',
      'single quotes in texts, sed and awk programs',
    ],
    bad: { tree: 'bad-names', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-names', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile, context: TreeContext): Iterable<Report> {
    if (file.place !== 'host' || !file.text.includes('$')) return;
    if (!/ROOT|ROOFS|ROTFS|STAGE/i.test(file.text)) return;
    const findSourced = context.sourcedFiles.finderFor(file);
    for (const program of programsOf(file.script)) {
      if (program.place !== 'host' || program.source === 'substitution') continue;
      for (const command of program.commands) {
        for (const word of wordsOf(command)) {
          if (placeOf(program, word.span) !== 'host') continue;
          const path = pathWord(word);
          const nearest = nearestName(path);
          if (nearest === undefined || path.variable === undefined) continue;
          const set = setVariablesAround(program, findSourced);
          if (set.more || set.names.has(path.variable) || mayBeSetByBuild(context.tree, path.variable))
            continue;
          yield {
            message: `Nothing sets $${path.variable}, so this is ${shorten(path.rest)} of the build host and not of the image. pi-gen's name is ${nearest}: write "\${${nearest}}${shorten(path.rest)}".`,
            file: file.path,
            span: program.toFileSpan(word.span),
            severity: isCopiedOrWritten(command, word) ? 'error' : 'warning',
            fixes: nameFix(file, program, path, path.variable, nearest),
          };
        }
        if (definesFunction(program, command.name?.literal ?? '')) continue;
        for (const path of writtenPaths(command)) {
          if (path.quote !== "'" || !/^'\$\{?ROOTFS_DIR\}?\/[^']*'$/.test(path.word.text)) continue;
          yield {
            message: `Single quotes keep bash from replacing \${ROOTFS_DIR}, so this names a folder beside the script and not the image. Use double quotes.`,
            file: file.path,
            span: program.toFileSpan(path.span),
            fixes: quoteFix(file, program, path.span),
          };
        }
      }
    }
  },
};

/** Commands that carry the files of the build host into the image where they read from such a path. */
const copiers = new Set(['cp', 'install', 'mv', 'rsync']);

/** Whether the build host or the image is wrong then: what only prints, lists or tests a path may do no harm. */
function isCopiedOrWritten(command: Command, word: Word): boolean {
  if (copiers.has(invocationOf(command)?.name ?? '')) return true;
  return writtenPaths(command).some((path) => path.word.span.start === word.span.start);
}

function wordsOf(command: Command): readonly Word[] {
  const redirected = command.redirects.flatMap(({ operator, target }) =>
    operator === '<<<' || target === undefined ? [] : [target],
  );
  return [...command.arguments, ...redirected];
}

/** What people call the root file system, folded: without underscores, in small letters. */
const aliases = new Set([
  ...[
    'root',
    'rootdir',
    'rootfs',
    'rootfsdir',
    'rootfsdirs',
    'rootfspath',
    'rootfsdri',
    'rootpath',
    'rootsdir',
  ],
  ...[
    'rootfsfolder',
    'rootfdir',
    'rotfsdir',
    'roofsdir',
    'rootfsd',
    'rootsfdir',
    'rootfilesystem',
    'imagerootfs',
  ],
]);

const stageNames = new Map([
  ['stagedirectory', 'STAGE_DIR'],
  ['stagesdir', 'STAGE_DIR'],
  ['stagedir', 'STAGE_DIR'],
  ['stageworkdir', 'STAGE_WORK_DIR'],
  ['prevrootfs', 'PREV_ROOTFS_DIR'],
  ['prevrootfsdir', 'PREV_ROOTFS_DIR'],
]);

/** The name of pi-gen's that is meant by the variable at the start of a path; undefined where there is no telling. */
function nearestName({ variable, rest }: PathWord): string | undefined {
  if (variable === undefined || !rest.startsWith('/')) return undefined;
  const folded = variable.toLowerCase().replaceAll('_', '');
  return aliases.has(folded) ? 'ROOTFS_DIR' : stageNames.get(folded);
}

function nameFix(
  file: ScriptFile,
  program: Script,
  { word }: PathWord,
  name: string,
  nearest: string,
): readonly Fix[] {
  const at = word.span.start + word.text.indexOf(name);
  const range = file.lines.range(fileSpanToEdit(file.text, program, { start: at, end: at + name.length }));
  return [
    {
      title: `Write ${nearest}`,
      edits: [{ kind: 'replace', file: file.path, range, text: nearest }],
      preferred: true,
    },
  ];
}

function quoteFix(file: ScriptFile, program: Script, { start, end }: Span): readonly Fix[] {
  const inside = program.text.slice(start + 1, end - 1);
  const others = inside.replace(/^\$\{?ROOTFS_DIR\}?/, '');
  if (/["$`\\]/.test(others)) return [];
  const range = file.lines.range(fileSpanToEdit(file.text, program, { start, end }));
  return [
    {
      title: 'Use double quotes',
      edits: [{ kind: 'replace', file: file.path, range, text: `"${inside}"` }],
      preferred: true,
    },
  ];
}
