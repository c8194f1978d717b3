import { branches } from '../../pigen/branches';
import type { Release } from '../../pigen/release';
import { pathWord } from '../../shell/path-word';
import { commandsDeep, programsOf } from '../../shell/queries';
import type { Script, Word } from '../../shell/script';
import { writtenPaths } from '../../shell/written-paths';
import { placeOf } from '../../shell/place-at';
import { nameOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';

export const tmpfsHidden: Rule = {
  name: 'tmpfs-hidden',
  severity: 'warning',
  summary: "A file that a host script puts into the image's `/tmp` or `/run` before a tmpfs hides it.",
  // Whether a chroot step of the stage has run before is to be seen in the other scripts.
  reach: 'stage',
  page: {
    why: `From bullseye on \`on_chroot\` (scripts/common) mounts an empty tmpfs on \`/tmp\` and \`/run\` of the image when it first runs in a
stage, and it stays until the stage ends. What lies in those folders by then is hidden, and is still in the image afterwards.`,
    build: `The step inside the chroot does not find the file: \`No such file or directory\`. The image keeps it in \`/tmp\`.`,
    fix: `Put the file elsewhere, such as \`"\${ROOTFS_DIR}/var/tmp/app"\` or \`/opt\`, and remove it when it has served.`,
    silent: [
      'after an `on_chroot` of the same script, and after any step of the stage that runs inside the chroot: the tmpfs is there by then',
      'trees for buster and older, whose on_chroot mounts no tmpfs, and trees that tell no release',
      'files that no step inside the chroot names',
      '`mkdir` and `rm` of the folder itself',
    ],
    bad: { tree: 'bad-files', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-files', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile, context: TreeContext): Iterable<Report> {
    if (file.place !== 'host' || !/\/(?:tmp|run)\//.test(file.text)) return;
    if (!mountsTmpfs(context.release) || enteredBefore(file, context)) return;
    const entered = firstEntry(file.script);
    for (const program of programsOf(file.script)) {
      if (program.place !== 'host') continue;
      for (const command of program.commands) {
        const at = program.toFileSpan(command.span).start;
        if (entered !== undefined && at > entered) continue;
        for (const path of writtenPaths(command)) {
          if (!['cp', 'mv', 'install', 'rsync', 'tee', '>', 'tar'].includes(path.by)) continue;
          const inside = /^\/(?:tmp|run)(?:\/.*)?$/.test(path.rest) && path.variable === 'ROOTFS_DIR';
          if (!inside || placeOf(program, path.span) !== 'host') continue;
          const written = writtenName(path.rest, command.arguments, path.word);
          if (written === undefined || !isUsedInside(written, file, context)) continue;
          yield {
            message: `The first step of a stage inside the chroot mounts an empty tmpfs on the image's ${path.rest.slice(0, 4)}, so it does not find this file there, and the file stays in the image. Put it elsewhere: "\${ROOTFS_DIR}/var/tmp".`,
            file: file.path,
            span: program.toFileSpan(path.span),
          };
        }
      }
    }
  },
};

function mountsTmpfs(release: Release | undefined): boolean {
  return branches.some((branch) => branch.release === release && branch.mountsRunAndTmp);
}

/** Whether a step that enters the chroot stands before this script in its stage. */
function enteredBefore(file: ScriptFile, { scripts }: TreeContext): boolean {
  if (file.isPrerun) return false;
  // Whatever stage postrun.sh finds, it has run.
  if (file.stage === undefined) return true;
  const { prerun, subStages } = file.stage;
  if (prerun !== undefined && enters(scripts.get(prerun.path))) return true;
  for (const { steps } of subStages) {
    for (const step of steps) {
      if (step.path === file.path) return false;
      if (step.skipped !== undefined || step.kind === 'patches') continue;
      if (step.place === 'chroot' || enters(scripts.get(step.path))) return true;
    }
  }
  return false;
}

function enters(file: ScriptFile | undefined): boolean {
  return file === undefined || firstEntry(file.script) !== undefined;
}

/** Offset in the file of the first call of on_chroot. */
function firstEntry(script: Script): number | undefined {
  const calls = [...commandsDeep(script)].filter(({ command }) => nameOf(command) === 'on_chroot');
  const offsets = calls.map(({ script: program, command }) => program.toFileSpan(command.span).start);
  return offsets.length === 0 ? undefined : Math.min(...offsets);
}

/** The path of the file inside the image: below a folder it keeps the name of its source. */
function writtenName(rest: string, words: readonly Word[], target: Word): string | undefined {
  const last = rest.slice(rest.lastIndexOf('/') + 1);
  if (rest !== '/tmp' && rest !== '/run' && last !== '') return last;
  const source = words.findLast((word) => word !== target && !word.text.startsWith('-'));
  const path = source && pathWord(source).rest;
  const name = path?.slice(path.lastIndexOf('/') + 1);
  return name === undefined || name === '' || /[*$]/.test(name) ? undefined : name;
}

/** Whether a step of the stage inside the chroot names the file. */
function isUsedInside(name: string, { stage }: ScriptFile, { scripts }: TreeContext): boolean {
  const named = new RegExp(`/(?:tmp|run)/(?:[^\\s"';]*/)?${name.replaceAll(/[^\w]/g, '\\$&')}`);
  for (const file of scripts.values()) {
    if (file.stage !== stage) continue;
    for (const program of programsOf(file.script))
      if (program.place === 'chroot' && named.test(program.text)) return true;
  }
  return false;
}
