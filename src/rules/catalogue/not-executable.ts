import { mountsStages } from '../../pigen/tree/own-build-scripts';
import { baseName } from '../../pigen/files/path';
import type { ExecuteBit, Stage } from '../../pigen/tree/stage-tree';
import { lacksExecuteBit } from '../inputs/sub-stage-files';
import { isLater, needsRootfs } from './missing-copy-previous';
import type { Report, Rule, TreeContext } from '../rule';

export const notExecutable: Rule = {
  name: 'not-executable',
  severity: 'warning',
  summary: 'A `NN-run.sh`, `prerun.sh` or `postrun.sh` without its execute bit, which pi-gen passes over.',
  page: {
    why: `build.sh asks \`[ -x prerun.sh ]\` and \`[ -x NN-run.sh ]\` before it runs them (\`run_stage\`, \`run_sub_stage\`),
and asks the same of the \`postrun.sh\` beside it. Without the
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
      'what a workflow, a Makefile or a script at the root makes executable by chmod: information only',
    ],
    bad: { tree: 'bad-modes', show: 'stage-app/00-service' },
    good: { tree: 'good-modes', show: 'stage-app/00-service' },
  },
  aboutSurroundings: true,

  *checkTree(context: TreeContext): Iterable<Report> {
    for (const told of checkModes(context)) {
      yield context.subStageFiles.maySetExecuteBit(told.file) ? setBefore(told) : told;
    }
  },
};

function* checkModes(context: TreeContext): Iterable<Report> {
  const { tree } = context;
  if (tree.postrun !== undefined && lacksExecuteBit(tree.postrun.executeBit)) {
    const { path, executeBit } = tree.postrun;
    yield report(path, executeBit, 'and nothing is done with the finished images');
  }
  for (const stage of tree.stages) {
    if (stage.prerun !== undefined && lacksExecuteBit(stage.prerun.executeBit)) {
      const { path, executeBit } = stage.prerun;
      yield isWithoutEffect(stage, context)
        ? report(path, executeBit, 'and nothing that it does takes place')
        : { ...report(path, executeBit, prerunEffect(stage)), severity: 'error' };
    }
    for (const { path, executeBit } of stage.subStages.flatMap(({ steps }) => steps)) {
      if (executeBit !== undefined && lacksExecuteBit(executeBit)) {
        yield report(path, executeBit, 'and nothing that it does reaches the image');
      }
    }
  }
}

/** A script or a workflow of the repository runs chmod before it builds: without it the bit is missing all the same. */
function setBefore(told: Report): Report {
  const message = told.message.replace(
    / Set its execute bit\.$/,
    ' A script or a workflow here seems to set its execute bit before it builds: set it in the file, and other ways to build go well too.',
  );
  return { ...told, message, severity: 'information' };
}

/** Whether nothing fails without this prerun.sh as things are. */
function isWithoutEffect(stage: Stage, context: TreeContext): boolean {
  const { tree } = context;
  if (stage.skip) return true;
  if (tree.layout === 'pi-gen' && stage.role === 'stage' && stage.position === undefined) return true;
  // The first stage's makes the root file system for all others, whatever else it does.
  return (
    stage.role === 'stage' && isLater(stage, tree) && (mountsStages(tree) || !needsRootfs(stage, context))
  );
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
