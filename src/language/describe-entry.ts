import { relativePath } from '../pigen/files/path';
import { isExported, orderOf } from '../pigen/tree/order';
import type { OrderItem } from '../pigen/tree/order';
import { isExecutable } from '../pigen/tree/load-stage';
import type { Place, Stage, StageTree, StepKind } from '../pigen/tree/stage-tree';
import { parseStepName } from '../pigen/tree/step-names';
import { findBranch } from '../pigen/branches';
import type { TreeEntry } from './tree-entries';

/** Where a step stands in the run of its stage, or postrun.sh in that of the tree. */
export interface StepOrder {
  /** 1-based among the steps of its stage that run; undefined where it is passed over. */
  readonly position: number | undefined;
  /** How many steps of the stage, or of the tree, run. */
  readonly count: number;
  readonly place: Place | undefined;
  /** Undefined for postrun.sh. */
  readonly stage: string | undefined;
  /** One sentence: why it is passed over. */
  readonly reason: string | undefined;
}

const orders = new WeakMap<StageTree, readonly OrderItem[]>();

/** Where a step, prerun.sh or postrun.sh stands; undefined for every other path. */
export function stepOrder(tree: StageTree, path: string): StepOrder | undefined {
  const items = orders.get(tree) ?? orderOf(tree);
  orders.set(tree, items);
  const item = items.find((one) => one.path === path && one.kind !== 'entry');
  if (item === undefined) return undefined;
  const stage = tree.stages.find((one) => path.startsWith(`${one.path}/`));
  const around = `${stage?.path ?? tree.root}/`;
  const running = items.filter((one) => one.position !== undefined && one.path?.startsWith(around) === true);
  const position = running.indexOf(item);
  return {
    position: position < 0 ? undefined : position + 1,
    count: running.length,
    place: item.place,
    stage: item.stage,
    reason: item.reason,
  };
}

const does: Readonly<Record<StepKind | 'prerun' | 'postrun', string>> = {
  prerun:
    'Runs on the build host before all sub-stages, in the folder of the stage. It has to make `$ROOTFS_DIR`: by `copy_previous`, or by `bootstrap` in the first stage.',
  debconf:
    'Answers to the questions of packages. They go to `debconf-set-selections` inside the chroot, through an unquoted heredoc: `$x` and backticks in it are replaced.',
  'packages-nr':
    '`apt-get install --no-install-recommends -y` inside the chroot, without an `apt-get update` before it.',
  packages: '`apt-get install -y` inside the chroot, without an `apt-get update` before it.',
  patches: 'Patches that quilt applies on the build host, in `$STAGE_WORK_DIR`, in the order of `series`.',
  run: 'Runs on the build host, in the folder of the sub-stage: `files/…` is here, the image is `$ROOTFS_DIR`. It needs the execute bit.',
  'run-chroot':
    'Runs inside the chroot, as the standard input of `on_chroot`: `/` is the image, `files/…` is not there. It needs no execute bit.',
  postrun:
    'Runs once on the build host, beside build.sh, when all images are made and lie in `$DEPLOY_DIR`. Nothing that it does to a root file system reaches an image.',
};

/** What a step of a name does, where it runs and how, in Markdown. */
export function describeKind(kind: StepKind | 'prerun' | 'postrun'): string {
  return does[kind];
}

/** What pi-gen does with a stage, sub-stage or step, in Markdown. */
export function describeEntry(tree: StageTree, entry: TreeEntry): string {
  const path = relativePath(tree.root, entry.path);
  switch (entry.kind) {
    case 'stage':
      return [
        `**${entry.name}** — ${whereOfStage(tree, entry.stage)}`,
        ...stageFacts(tree, entry.stage),
      ].join('\n\n');
    case 'sub-stage': {
      const steps = entry.subStage.steps.map(({ name, skipped }) =>
        skipped === undefined ? `\`${name}\`` : `~~${name}~~`,
      );
      const listed =
        steps.length === 0
          ? 'It holds no step: pi-gen runs nothing of it.'
          : `In this order: ${steps.join(', ')}.`;
      const skip = entry.subStage.skip ? ['It holds a `SKIP` file, so pi-gen passes over it.'] : [];
      return [`**${path}** — sub-stage of ${entry.stage.name}`, listed, ...skip].join('\n\n');
    }
    case 'step':
    case 'postrun': {
      const kind = entry.kind === 'postrun' ? entry.kind : 'kind' in entry.step ? entry.step.kind : 'prerun';
      return [`**${path}** — ${whenOfStep(tree, entry.path)}`, does[kind], ...unexecutable(tree, entry)].join(
        '\n\n',
      );
    }
  }
}

function whenOfStep(tree: StageTree, path: string): string {
  const order = stepOrder(tree, path);
  if (order === undefined) return 'a file that pi-gen does not look at';
  if (order.position === undefined) return order.reason ?? 'pi-gen passes over it.';
  return order.stage === undefined
    ? 'the last thing that pi-gen runs'
    : `step ${order.position} of ${order.count} of ${order.stage}`;
}

function unexecutable(tree: StageTree, entry: TreeEntry): readonly string[] {
  if (entry.kind !== 'step' && entry.kind !== 'postrun') return [];
  const { executeBit } = entry.step;
  if (executeBit === undefined || isExecutable(executeBit)) return [];
  const silent =
    findBranch(tree.branch)?.logsSkippedSteps !== true || parseStepName(entry.name) === undefined;
  return [silent ? 'The build passes over it without a word.' : 'The build logs `Skip … (not executable)`.'];
}

function whereOfStage({ stageList }: StageTree, stage: Stage): string {
  if (stage.role === 'export') return 'runs for every image that is written';
  if (stage.position !== undefined) return `stage ${stage.position + 1} of ${stageList.entries.length}`;
  return stageList.source === 'none' ? 'no list of stages is here' : 'the stage list does not name it';
}

function stageFacts(tree: StageTree, stage: Stage): readonly string[] {
  const subStages = stage.subStages
    .filter(({ steps }) => steps.length > 0)
    .map(({ name, skip }) => (skip ? `~~${name}~~` : `\`${name}\``));
  return [
    ...(subStages.length > 0 ? [`Sub-stages: ${subStages.join(', ')}.`] : []),
    ...(stage.skip ? ['It holds a `SKIP` file: nothing of it runs.'] : []),
    ...(isExported(stage) ? ['An image is written after it (`EXPORT_IMAGE`).'] : []),
    ...(stage.exportImage && stage.skipImages
      ? ['It holds `SKIP_IMAGES`, so no image is written after it.']
      : []),
    ...(stage.prerun === undefined && stage.role === 'stage' && !stage.overlay
      ? ['It has no `prerun.sh`, so nothing makes its root file system.']
      : []),
    `Folder: \`${relativePath(tree.root, stage.path)}\``,
  ];
}
