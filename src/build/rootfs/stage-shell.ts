import { createFolderArchive, createTextArchive } from '../session/context-archive';
import { BuildProblemError } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import type { Engine, Helper } from '../engine/engine';
import { labelsFor } from '../labels';
import type { PreparedStage } from '../stage-loop/prepare-stage';
import { partsOfStagePlan, placeOf } from '../stage-loop/stage-plan';
import { keptMount } from './rootfs-source';
import type { KeptStage } from './rootfs-source';

export interface StageShellScripts {
  /** kept-view.sh and failing-shell.sh. */
  readonly view: string;
  readonly hook: string;
}

const hookPath = '/pi-gen-shell/failing-shell.sh';
const viewPath = '/pi-gen-shell/kept-view.sh';
/** As in kept-view.sh. */
const scratchPlace = '/pi-gen-scratch';

/** Of what the stage loop keeps of one stage, what a shell in it is best opened on: what the failed step left, or else the newest. */
export function bestKept(
  stages: readonly KeptStage[],
  { plan, stage }: PreparedStage,
): KeptStage | undefined {
  const { record } = partsOfStagePlan(plan);
  const own = stages.filter((one) => one.stage === stage.name && one.record === record);
  return own.find(({ state }) => state === 'failed') ?? own[0];
}

/**
 * Opens a shell in the chroot of a stage as the stage loop keeps it, with the environment of its steps. What is changed there
 * goes with the shell: what is kept stays as it was. Rejects with a BuildProblemError, or what `signal` was aborted with.
 */
export async function openStageShell(
  engine: Engine,
  prepared: PreparedStage,
  kept: Pick<KeptStage, 'record' | 'state'>,
  { view, hook }: StageShellScripts,
  signal: AbortSignal,
): Promise<Helper> {
  const { plan, stage, volume } = prepared;
  const image = plan.image.ready;
  if (image === undefined) throw new BuildProblemError(otherPiGen(stage.name));
  const { startLine, workFolder } = partsOfStagePlan(plan);
  const { environment, network, mounts } = plan.container.options;
  const shown = `${kept.state === 'failed' ? '!' : ''}${stage.name}`;
  const files = plan.files.map(({ path, text }) => ({ name: path.slice(1), text, mode: 0o600 }));
  const folders = plan.folders.map(({ local, container }) => ({ from: local, name: container.slice(1) }));
  return engine.openHelper(
    {
      image,
      command: [
        ...['bash', viewPath, 'shell', kept.record, shown, workFolder, '--'],
        ...['env', `BASH_ENV=${hookPath}`, 'bash', '-e', '-o', 'pipefail', '-c', startLine],
      ],
      environment: [
        ...environment,
        'TERM=xterm-256color',
        'HISTFILE=',
        // Where a step failed, pi-gen's log tells where to stand.
        ...(kept.state === 'failed' ? [] : [`PI_GEN_SHELL_STAGE=${placeOf(plan, stage.path)}`]),
      ],
      labels: labelsFor('look', { treeRoot: plan.treeRoot }),
      volumesFrom: [],
      readOnly: false,
      mounts: [
        ...mounts.filter(({ source }) => source !== volume.name),
        keptMount(volume.name),
        { type: 'volume', source: undefined, target: scratchPlace, readOnly: false },
      ],
      network: network ?? 'default',
      privileged: true,
      terminal: true,
      archives: [
        () =>
          Promise.resolve(
            createTextArchive([
              { name: hookPath.slice(1), text: hook, mode: 0o644 },
              { name: viewPath.slice(1), text: view, mode: 0o644 },
              ...files,
            ]),
          ),
        ...(folders.length === 0
          ? []
          : [() => Promise.resolve(createFolderArchive(folders, process.platform))]),
      ],
    },
    signal,
  );
}

function otherPiGen(stage: string): BuildProblem {
  return {
    kind: 'nothing-kept',
    message: `pi-gen's own files are others than when ${stage} was built last, so a shell would not be what its steps see.`,
    wayOut: `Build ${stage} again, and open the shell then.`,
  };
}

/** What to do where nothing is kept of a stage. */
export function nothingKeptOf(stage: string): BuildProblemError {
  return new BuildProblemError({
    kind: 'nothing-kept',
    message: `Nothing is kept of ${stage}, so there is nothing to look into.`,
    wayOut: `Run "Pi-gen: Build Stage" (\`pigen build --stage ${stage}\` in a terminal): what it comes to is kept, also where it fails.`,
  });
}
