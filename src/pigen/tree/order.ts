import { isExecutable } from './load-stage';
import { findNearMiss } from './near-miss';
import { postrunName } from './step-names';
import type {
  OtherEntry,
  Place,
  Prerun,
  Stage,
  StageListEntry,
  StageTree,
  Step,
  StepKind,
  SubStage,
} from './stage-tree';

/** Why a line of the order is passed over. */
export type PassedOver =
  | NonNullable<Step['skipped']>
  | 'not-looked-at'
  | 'not-listed'
  | 'not-exported'
  | 'stage-missing'
  | 'stage-unknown';

/** Something that pi-gen runs, or passes over, at its place in the run. */
export interface OrderItem {
  /** 1-based among what runs; undefined for what is passed over. */
  readonly position: number | undefined;
  /** Name of the stage; undefined for postrun.sh, which belongs to none. */
  readonly stage: string | undefined;
  readonly subStage: string | undefined;
  readonly kind: StepKind | 'prerun' | 'postrun' | 'entry' | 'upstream-stage';
  /** Undefined for what does not run by itself. */
  readonly place: Place | undefined;
  /** Base name. */
  readonly name: string;
  /** Undefined for a stage that is not here. */
  readonly path: string | undefined;
  readonly passedOver: PassedOver | undefined;
  /** One sentence for the user; undefined where it runs. */
  readonly reason: string | undefined;
  /** The stage's image is exported. */
  readonly exported: boolean;
}

const reasons: Readonly<Record<PassedOver, string>> = {
  'not-executable': 'It has no execute bit, so pi-gen passes over it.',
  'sub-stage-skipped': 'The sub-stage holds a SKIP file.',
  'stage-skipped': 'The stage holds a SKIP file.',
  'not-looked-at': 'pi-gen looks for no file of this name here.',
  'not-listed': 'The stage list does not name this stage.',
  'not-exported': 'No stage of the list asks for this export.',
  'stage-missing': 'The stage list names it, but there is no such folder.',
  'stage-unknown': 'Only the build itself can tell which stage this is.',
};

/**
 * What pi-gen does with a tree, in its running order: the stages of the list, then, where one of them is exported, the
 * export folders, then postrun.sh; last what the list does not name. `files` folders and other folders without steps are
 * left out.
 */
export function orderOf(tree: StageTree): readonly OrderItem[] {
  const stages = new Map(tree.stages.map((stage) => [stage.path, stage]));
  const items: OrderItem[] = [];
  const listed = new Set<Stage>();
  for (const entry of tree.stageList.entries) {
    const stage = entry.path === undefined ? undefined : stages.get(entry.path);
    if (stage === undefined) {
      items.push(stageNotHere(entry));
    } else {
      listed.add(stage);
      items.push(...itemsOfStage(stage, undefined));
    }
  }
  const exports = [...listed].filter(isExported);
  const rest = tree.stages.filter((stage) => !listed.has(stage));
  for (const stage of rest.filter((one) => runsAtExport(one, exports)))
    items.push(...itemsOfStage(stage, undefined));
  if (tree.postrun !== undefined) items.push(itemOfPostrun(tree.postrun));
  // What the list says nothing certain of may run or not.
  const certain = tree.stageList.source !== 'none' && !tree.stageList.entries.some((entry) => entry.unknown);
  for (const stage of rest.filter((one) => !runsAtExport(one, exports))) {
    items.push(...itemsOfStage(stage, certain ? whyNotRun(stage) : undefined));
  }
  return numbered(items);
}

/** Whether build.sh makes an image of a stage: EXPORT_IMAGE without SKIP_IMAGES, whether or not it has SKIP. */
export function isExported(stage: Stage): boolean {
  return stage.exportImage && !stage.skipImages;
}

function runsAtExport(stage: Stage, exports: readonly Stage[]): boolean {
  if (stage.role !== 'export') return false;
  return exports.some((exported) => stage.name !== 'export-noobs' || exported.exportNoobs);
}

function whyNotRun(stage: Stage): PassedOver {
  return stage.role === 'export' ? 'not-exported' : 'not-listed';
}

function stageNotHere({ text, upstream, unknown }: StageListEntry): OrderItem {
  const passedOver = upstream ? undefined : unknown === true ? 'stage-unknown' : 'stage-missing';
  return {
    position: undefined,
    stage: text,
    subStage: undefined,
    kind: 'upstream-stage',
    place: undefined,
    name: text,
    path: undefined,
    passedOver,
    reason: passedOver && reasons[passedOver],
    exported: false,
  };
}

/** build.sh runs it when all images are made, and also where there is none to make. */
function itemOfPostrun({ path, executeBit }: Prerun): OrderItem {
  const passedOver = isExecutable(executeBit) ? undefined : 'not-executable';
  return {
    position: undefined,
    stage: undefined,
    subStage: undefined,
    kind: 'postrun',
    place: 'host',
    name: postrunName,
    path,
    passedOver,
    reason: passedOver && reasons[passedOver],
    exported: false,
  };
}

function itemsOfStage(stage: Stage, unlisted: PassedOver | undefined): readonly OrderItem[] {
  const base = { position: undefined, stage: stage.name, exported: isExported(stage) };
  const item = (
    own: Pick<OrderItem, 'kind' | 'place' | 'name' | 'path' | 'subStage'>,
    why: PassedOver | undefined,
  ): OrderItem => {
    const passedOver = why ?? unlisted;
    return { ...base, ...own, passedOver, reason: passedOver && reasons[passedOver] };
  };
  const entry = (name: string, path: string, subStage: string | undefined): OrderItem =>
    item({ kind: 'entry', place: undefined, name, path, subStage }, 'not-looked-at');
  const ofSubStage = (subStage: SubStage): readonly OrderItem[] => [
    ...subStage.steps.map(({ kind, place, name, path, skipped }) =>
      item({ kind, place, name, path, subStage: subStage.name }, skipped),
    ),
    ...subStage.others
      .filter((other) => isWorthNaming(other, 'sub-stage', subStage.steps.length > 0))
      .map((other) => entry(other.name, other.path, subStage.name)),
  ];
  const prerun = (found: Prerun): OrderItem =>
    item(
      { kind: 'prerun', place: 'host', name: 'prerun.sh', path: found.path, subStage: undefined },
      stage.skip ? 'stage-skipped' : isExecutable(found.executeBit) ? undefined : 'not-executable',
    );
  return [
    ...(stage.prerun === undefined ? [] : [prerun(stage.prerun)]),
    ...stage.subStages.flatMap(ofSubStage),
    ...stage.others
      .filter((other) => isWorthNaming(other, 'stage', true))
      .map((other) => entry(other.name, other.path, undefined)),
  ];
}

/** Of a folder without steps, such as `files`, only what was surely meant to be a step. */
function isWorthNaming(other: OtherEntry, where: 'stage' | 'sub-stage', holdsSteps: boolean): boolean {
  if (findNearMiss(other.name, other.kind, where) !== undefined) return true;
  return holdsSteps && other.kind !== 'folder' && !other.name.startsWith('.');
}

function numbered(items: readonly OrderItem[]): readonly OrderItem[] {
  let position = 0;
  return items.map((item) =>
    item.passedOver === undefined && item.place !== undefined ? { ...item, position: ++position } : item,
  );
}
