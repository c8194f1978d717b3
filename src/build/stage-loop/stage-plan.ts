import { relativePath } from '../../pigen/files/path';
import type { Stage } from '../../pigen/tree/stage-tree';
import { containerPath, containerTree } from '../plan/build-plan';
import type { BuildPlan } from '../plan/build-plan';
import { noRunOptions } from '../plan/docker-options';
import type { KeptNode, Takes } from './kept-nodes';

/** The scripts of src/build/stage-loop/container/, which run in the build container. */
export interface ContainerScripts {
  readonly tryStage: string;
  readonly keptLayers: string;
}

export interface StagePlanRequest {
  /** The plan of a whole build of the same tree. */
  readonly plan: BuildPlan;
  /** All stages of the list, in order. */
  readonly order: readonly Stage[];
  /** The one that is tried. */
  readonly stage: Stage;
  readonly nodes: readonly KeptNode[];
  readonly keys: readonly string[];
  /** Index of the first node that runs anew in any case; nodes.length where what is kept may decide. */
  readonly first: number;
  /** Index of the tried stage's first node. */
  readonly target: number;
  readonly takes: ReadonlyMap<string, Takes>;
  /** The folder that holds the work of all stages in the container. */
  readonly workFolder: string;
  readonly volume: string;
  /** Tells the runs of one config from those of another. */
  readonly record: string;
  readonly exportImage: boolean;
  /** What its timeline calls it. */
  readonly variant: string;
  /** Stages of the tree whose copy in the image is another. Local paths. */
  readonly changed: readonly string[];
  readonly image: BuildPlan['image'];
  readonly scripts: ContainerScripts;
}

/** As in kept-layers.sh. */
const volumePlace = '/pi-gen-kept';
const tryPlace = '/pi-gen-try';
const startLinePath = `${tryPlace}/start-line`;

/** The plan for one try of a stage: what a whole build does, between the kept layers and the hooks that make them. Pure. */
export function createStagePlan(request: StagePlanRequest): BuildPlan {
  const { plan, stage, exportImage } = request;
  const put = request.changed.map((local, index) => ({
    local,
    from: `${tryPlace}/new/${index}`,
    to: placeOf(plan, local),
  }));
  const startLine = plan.container.command.at(-1) ?? '';
  const { options } = plan.container;
  const text = (name: string, rows: readonly (readonly string[])[]) => ({
    path: `${tryPlace}/${name}`,
    text: rows.map((row) => `${row.join('\t')}\n`).join(''),
  });
  return {
    ...plan,
    image: request.image,
    container: {
      ...plan.container,
      name: `${plan.container.name}_${stage.name.replaceAll(/[^\w.-]/g, '-')}`,
      command: [
        'bash',
        `${tryPlace}/try-stage.sh`,
        request.workFolder,
        String(request.first),
        String(request.target),
        stage.name,
        request.record,
      ],
      options: {
        ...noRunOptions,
        ...options,
        mounts: [
          ...options.mounts,
          { type: 'volume', source: request.volume, target: volumePlace, readOnly: false },
        ],
      },
      // A try is repeated: a container that stays would be in the way of the next.
      keep: false,
      takesInput: true,
    },
    files: [
      ...plan.files,
      { path: `${tryPlace}/try-stage.sh`, text: request.scripts.tryStage },
      { path: `${tryPlace}/kept-layers.sh`, text: request.scripts.keptLayers },
      { path: startLinePath, text: startLine },
      text(
        'nodes',
        request.nodes.map((node, index) => nodeRow(plan, node, request.keys[index] ?? '')),
      ),
      text('stages', stageRows(request)),
      text(
        'put',
        put.map(({ from, to }) => [from, to]),
      ),
    ],
    folders: [...plan.folders, ...put.map(({ local, from }) => ({ local, container: from }))],
    // Without an export there is nothing to copy here, and what an earlier whole build left must not be overwritten.
    results: exportImage ? plan.results : undefined,
    buildLog: undefined,
    subject: {
      variant: request.variant,
      whole: plan.subject.whole,
      sizes: { kind: 'log' },
    },
  };
}

/** What of a stage's plan is needed to stand in the stage, instead of trying it. */
export function partsOfStagePlan({ container, files }: BuildPlan): {
  readonly startLine: string;
  readonly workFolder: string;
  readonly record: string;
} {
  const [, , workFolder = '', , , , record = ''] = container.command;
  return {
    startLine: files.find(({ path }) => path === startLinePath)?.text ?? '',
    workFolder,
    record,
  };
}

function nodeRow(plan: BuildPlan, node: KeptNode, key: string): readonly string[] {
  const path = node.path === undefined ? '-' : placeOf(plan, node.path);
  return [key, node.own, node.kind, path, String(node.from), node.name];
}

function stageRows({
  plan,
  order,
  stage,
  takes,
  exportImage,
}: StagePlanRequest): readonly (readonly string[])[] {
  const position = order.indexOf(stage);
  return order.map((one, index) => {
    const how = index < position ? 'earlier' : index > position ? 'later' : exportImage ? 'export' : 'tried';
    return [placeOf(plan, one.path), how, takes.get(one.path) ?? 'copy'];
  });
}

/** Every stage of a plan stands in the container: in the tree, or as a folder that is copied in. */
export function placeOf(plan: BuildPlan, local: string): string {
  return containerPath(plan, local) ?? `${containerTree}/${relativePath(plan.treeRoot, local)}`;
}
