import { fileStart } from '../pigen/text';
import type { Command, Script } from '../shell/script';
import type { Certainty } from './explanation';
import type { Clue, Place } from './failure-class';
import { chrootBodies } from './script-lines';
import type { ReadScript, Scene } from './scene';
import type { StepStack } from './step-stack';

/**
 * What on_chroot of pi-gen's scripts/common prints where `$ROOTFS_DIR` does not exist: realpath once for each mount
 * point, then capsh. The same lines come where a script in the chroot calls on_chroot (the path is the build host's)
 * and where the stage's rootfs was never made.
 */
export const missingRootfs =
  /^(?:Unable to chroot\/chdir to \[(?:.*\/)?rootfs\/*\]|realpath: .*\/rootfs\/(?:proc|dev|dev\/pts|sys|run|tmp): No such file or directory|mount: .*\/rootfs\/proc: mount point does not exist\.?)/;

/** What stands in each such line. */
export const missingRootfsSigns: readonly string[] = ['Unable to chroot/chdir to [', '/rootfs/'];

/** A cause that missing-rootfs lines can have. */
export interface RootfsCause {
  readonly name: 'nested-on-chroot' | 'missing-copy-previous' | 'not-executable' | 'postrun-too-late';
  readonly certainty: Certainty;
  readonly cause: string;
  readonly fix: string;
  readonly place: Place | undefined;
}

/** Tells the causes of missing-rootfs lines apart, the likeliest first: by the log, and by the tree where there is one. */
export async function missingRootfsCauses(
  clue: Clue,
  scene: Scene,
  stack: StepStack,
): Promise<readonly RootfsCause[]> {
  if (scene.frame?.kind === 'postrun') return [await postrunCause(scene)];
  const nested = await findNestedCall(scene);
  const prerun = await judgePrerun(scene, stack);
  const kind = scene.frame?.kind;
  const isScript = kind === 'run-chroot' || kind === 'run' || kind === 'prerun';
  // mount speaks only where a rootfs folder without content exists: never inside the chroot.
  const madeByHand = clue.text.startsWith('mount:');
  const rootfsExists = stack.chrootStepPassed;

  if (isScript && rootfsExists && !madeByHand) {
    return [nestedCause(scene, nested.place, kind === 'run-chroot' || nested.place ? 'certain' : 'likely')];
  }
  const never = missingCause(scene, prerun);
  if (!isScript) return [never];
  if (prerun.problem !== 'none') {
    return nested.place === undefined ? [never] : [never, nestedCause(scene, nested.place, 'guess')];
  }
  if (nested.place !== undefined) return [nestedCause(scene, nested.place, 'certain')];
  if (nested.known) return [{ ...never, certainty: 'guess' }];
  // Only the log is there: where prerun.sh ran, the rootfs was most likely made.
  const call = nestedCause(scene, undefined, stack.prerunBegan ? 'likely' : 'guess');
  const other: RootfsCause = { ...never, certainty: 'guess' };
  return stack.prerunBegan || kind === 'run-chroot' ? [call, other] : [other, call];
}

/** export-image's last step has unmounted the image from its rootfs folder when build.sh runs postrun.sh. */
async function postrunCause(scene: Scene): Promise<RootfsCause> {
  const read = await scene.script();
  const call = read?.script?.commands.find((command) => command.name?.literal === 'on_chroot');
  return {
    name: 'postrun-too-late',
    certainty: 'certain',
    cause:
      'postrun.sh runs when all images are made: the one that $ROOTFS_DIR led to is unmounted, so on_chroot finds no root file system there. The images are in the deploy folder.',
    fix: 'Move what on_chroot does here to the last sub-stage of a stage; to change an image that is made, mount it first.',
    place: read?.script && call ? callPlace(read, read.script, call) : scene.stepPlace(),
  };
}

function nestedCause(scene: Scene, place: Place | undefined, certainty: Certainty): RootfsCause {
  const chrootStep = scene.frame?.kind === 'run-chroot';
  return {
    name: 'nested-on-chroot',
    certainty,
    cause: chrootStep
      ? 'This script already runs inside the chroot, and calls on_chroot there once more. Inside, ' +
        'the path of the rootfs on the build host does not exist, so the inner on_chroot fails and the build stops.'
      : 'The code in this on_chroot block already runs inside the chroot, and calls on_chroot there once more. ' +
        'Inside, the path of the rootfs on the build host does not exist, so the build stops.',
    fix: chrootStep
      ? 'Remove the on_chroot line and the line that ends its heredoc, and keep the commands between them; ' +
        'or move the block into a NN-run.sh, which runs on the build host.'
      : 'Remove the inner on_chroot and keep its commands.',
    place: place ?? scene.stepPlace(),
  };
}

interface NestedCall {
  readonly place: Place | undefined;
  /** Whether the script could be read and parsed: then no place means no call. */
  readonly known: boolean;
}

async function findNestedCall(scene: Scene): Promise<NestedCall> {
  const read = await scene.script();
  if (read?.script === undefined) return { place: undefined, known: false };
  const own = scene.frame?.kind === 'run-chroot' ? [read.script] : [];
  for (const script of [...own, ...chrootBodies(read.script)]) {
    const call = script.commands.find((command) => command.name?.literal === 'on_chroot');
    if (call !== undefined) return { place: callPlace(read, script, call), known: true };
  }
  return { place: undefined, known: true };
}

function callPlace(read: ReadScript, script: Script, call: Command): Place {
  const span = script.toFileSpan(call.name?.span ?? call.span);
  return { file: read.path, range: read.lines.range(span) };
}

type PrerunProblem = 'none' | 'absent' | 'not-executable' | 'copies-nothing' | 'not-run';

interface PrerunVerdict {
  readonly problem: PrerunProblem;
  readonly place: Place | undefined;
}

/** What is wrong with the open stage's prerun.sh: run_stage passes it over silently where it is not executable. */
async function judgePrerun(scene: Scene, stack: StepStack): Promise<PrerunVerdict> {
  const stage = scene.stage?.stage;
  const sawStageBegin = stack.stage?.line !== undefined;
  const notRun = sawStageBegin && !stack.prerunBegan;
  if (stage === undefined) return { problem: notRun ? 'not-run' : 'none', place: undefined };
  const { prerun } = stage;
  if (prerun === undefined) {
    if (stack.prerunBegan) return { problem: 'none', place: undefined };
    return { problem: 'absent', place: { file: stage.path, range: fileStart } };
  }
  const place = { file: prerun.path, range: fileStart };
  const { disk, index } = prerun.executeBit;
  if (notRun || (!stack.prerunBegan && (disk === false || index === false))) {
    return { problem: 'not-executable', place };
  }
  const read = await scene.readScript(prerun.path, 'host');
  if (read?.script !== undefined && !makesRootfs(read.script)) return { problem: 'copies-nothing', place };
  return { problem: 'none', place };
}

const rootfsMakers = new Set([
  'copy_previous',
  'bootstrap',
  'debootstrap',
  'mmdebstrap',
  'rsync',
  'cp',
  'mv',
  'tar',
]);

function makesRootfs(script: Script): boolean {
  return script.commands.some((command) => rootfsMakers.has(command.name?.literal ?? ''));
}

function missingCause(scene: Scene, prerun: PrerunVerdict): RootfsCause {
  const consequence =
    'so the stage has no root file system to work in, and its first step in the chroot fails';
  const place = prerun.place ?? (scene.stage && { file: scene.stage.path, range: fileStart });
  switch (prerun.problem) {
    case 'not-executable':
      return {
        name: 'not-executable',
        certainty: 'certain',
        cause: `pi-gen did not run this stage's prerun.sh because it is not executable, ${consequence}.`,
        fix: 'Set its execute bit, in git too: chmod +x prerun.sh && git update-index --chmod=+x prerun.sh.',
        place,
      };
    case 'absent':
      return {
        name: 'missing-copy-previous',
        certainty: 'certain',
        cause: `The stage has no prerun.sh that copies the previous stage, ${consequence}.`,
        fix: 'Add an executable prerun.sh that calls copy_previous where ${ROOTFS_DIR} does not exist yet.',
        place,
      };
    case 'copies-nothing':
      return {
        name: 'missing-copy-previous',
        certainty: 'certain',
        cause: `The stage's prerun.sh never calls copy_previous, ${consequence}.`,
        fix: 'Call copy_previous in prerun.sh where ${ROOTFS_DIR} does not exist yet.',
        place,
      };
    case 'not-run':
    case 'none':
      return {
        name: 'missing-copy-previous',
        certainty: 'likely',
        cause: `The stage's prerun.sh did not make its root file system (it is missing, misspelt, not executable, or does not reach copy_previous), ${consequence}.`,
        fix: 'Make sure that the stage has an executable prerun.sh that calls copy_previous where ${ROOTFS_DIR} does not exist yet.',
        place,
      };
  }
}
