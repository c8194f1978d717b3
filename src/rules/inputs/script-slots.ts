import type { Place, Prerun, Stage, StageTree, Step, SubStage } from '../../pigen/tree/stage-tree';

/** A place of the tree where pi-gen runs a script, before that script is read. */
export interface ScriptSlot {
  readonly path: string;
  readonly place: Place;
  /** Undefined for postrun.sh. */
  readonly stage: Stage | undefined;
  /** Undefined for prerun.sh and postrun.sh. */
  readonly subStage: SubStage | undefined;
  readonly step: Step | Prerun;
}

/** Every prerun.sh, NN-run.sh and NN-run-chroot.sh of the tree, skipped ones too, in pi-gen's order; then postrun.sh. */
export function scriptSlots(tree: StageTree): readonly ScriptSlot[] {
  const slots: ScriptSlot[] = [];
  for (const stage of tree.stages) {
    if (stage.prerun !== undefined) {
      slots.push({ path: stage.prerun.path, place: 'host', stage, subStage: undefined, step: stage.prerun });
    }
    for (const subStage of stage.subStages) {
      for (const step of subStage.steps) {
        if (step.kind !== 'run' && step.kind !== 'run-chroot') continue;
        slots.push({ path: step.path, place: step.place, stage, subStage, step });
      }
    }
  }
  const { postrun } = tree;
  if (postrun !== undefined) {
    slots.push({ path: postrun.path, place: 'host', stage: undefined, subStage: undefined, step: postrun });
  }
  return slots;
}
