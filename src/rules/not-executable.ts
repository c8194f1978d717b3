import { baseName } from '../pigen/path';
import type { ExecuteBit, Stage, StageTree } from '../pigen/stage-tree';
import type { Report, Rule, TreeContext } from './rule';

export const notExecutable: Rule = {
  name: 'not-executable',
  severity: 'warning',
  summary: 'A `NN-run.sh` or `prerun.sh` without its execute bit, which pi-gen passes over.',
  page: {
    why: `build.sh asks \`[ -x prerun.sh ]\` and \`[ -x NN-run.sh ]\` before it runs them (\`run_stage\`, \`run_sub_stage\`). Without the
execute bit they are skipped. The bit counts in two places: on the disk where the build runs, and in the git index, which decides what a
fresh clone and a build in CI get. \`NN-run-chroot.sh\` needs none: pi-gen feeds it to a shell.`,
    build: `Nothing of the script reaches the image, and the build goes on. Since 2025 the log says \`Skip …/00-run.sh (not executable)\`;
older branches say nothing. Without its \`prerun.sh\` a stage has no root file system, so that its first step fails: hence an error there
and a warning elsewhere.`,
    fix: `\`chmod +x 00-run.sh\`, and where the file is in git \`git update-index --chmod=+x 00-run.sh\`, which also works on Windows. The quick
fix does both.`,
    silent: [
      '`NN-run-chroot.sh`, which pi-gen runs without the bit',
      'files that git does not track, on a disk without execute bits (Windows)',
      'helpers and other files that pi-gen does not run by itself',
    ],
    bad: { tree: 'bad-modes', show: 'stage-app/00-service' },
    good: { tree: 'good-modes', show: 'stage-app/00-service' },
  },
  aboutSurroundings: true,

  *checkTree({ tree }: TreeContext): Iterable<Report> {
    for (const stage of tree.stages) {
      if (stage.prerun !== undefined && lacksBit(stage.prerun.executeBit)) {
        const { path, executeBit } = stage.prerun;
        yield {
          ...report(path, executeBit, prerunEffect(stage)),
          severity: isWithoutEffect(stage, tree) ? 'warning' : 'error',
        };
      }
      for (const { path, executeBit } of stage.subStages.flatMap(({ steps }) => steps)) {
        if (executeBit !== undefined && lacksBit(executeBit)) {
          yield report(path, executeBit, 'and nothing that it does reaches the image');
        }
      }
    }
  },
};

function lacksBit({ disk, index }: ExecuteBit): boolean {
  return disk === false || index === false;
}

/** Whether nothing fails without this prerun.sh as things are. */
function isWithoutEffect(stage: Stage, tree: StageTree): boolean {
  return stage.skip || (tree.layout === 'pi-gen' && stage.role === 'stage' && stage.position === undefined);
}

function prerunEffect(stage: Stage): string {
  return `and ${stage.name} starts without the root file system that its steps work in`;
}

function report(file: string, { disk, index }: ExecuteBit, effect: string): Report {
  const name = baseName(file);
  const where =
    disk === false && index !== true
      ? `${name} is not executable, so pi-gen skips it`
      : disk === false
        ? `${name} is executable in git but not on this disk, so a build from here skips it`
        : disk === true
          ? `${name} is executable on this disk but not in git, so a build from a fresh clone skips it`
          : `${name} is not executable in git, so a build from a clone skips it`;
  return {
    message: `${where}, ${effect}. Set its execute bit.`,
    file,
    fixes: [
      {
        title: 'Make it executable, in git too',
        edits: [{ kind: 'make-executable', file }],
        preferred: true,
      },
    ],
  };
}
