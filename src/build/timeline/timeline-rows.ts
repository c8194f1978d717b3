import { baseName, relativePath } from '../../pigen/files/path';
import { isStep } from './build-timeline';
import type { BuildTimeline, StageSize, TimedPart } from './build-timeline';

/** What a line of a timeline came to. `waiting`: the build before had it, and this one has not come to it, or never did. */
export type RowState = 'done' | 'running' | 'failed' | 'stopped' | 'waiting';

/** A stage, or a step of it, in this build and in the one before. */
export interface TimelineRow {
  readonly level: 'stage' | 'step';
  /** Tells the rows of a timeline apart, and stays the same while its build runs. */
  readonly key: string;
  readonly kind: TimedPart['kind'];
  /** `stage2`, or below its stage: `01-net/00-run.sh`. Empty for the image of the build container. */
  readonly name: string;
  /** Absolute local path; undefined where there is none. */
  readonly path: string | undefined;
  readonly state: RowState;
  /** Of one that runs: until now. Undefined where it did not run. */
  readonly milliseconds: number | undefined;
  readonly lastMilliseconds: number | undefined;
  readonly size: StageSize | undefined;
  readonly lastSize: StageSize | undefined;
}

interface Row {
  readonly part: TimedPart;
  readonly level: TimelineRow['level'];
  /** Key of the stage's row that a step stands below. */
  readonly parent: string | undefined;
  readonly key: string;
  readonly name: string;
}

/**
 * The lines of a build beside those of the build before: each stage, and below it its steps, in the order in which they ran.
 * Steps that only the build before had are told where this build did not pass: it may not have come to them yet.
 */
export function timelineRows(build: BuildTimeline, last: BuildTimeline | undefined): readonly TimelineRow[] {
  const own = rowsOf(build);
  const before = last === undefined ? [] : rowsOf(last);
  const durations = new Map(before.map(({ key, part }) => [key, part]));
  const known = new Set(own.map(({ key }) => key));
  const expected = build.outcome === 'succeeded' ? [] : before.filter(({ key }) => !known.has(key));
  const rows = [
    ...own.map((row) => told(row, row.part, durations.get(row.key), build, last)),
    ...expected.map((row) => told(row, undefined, row.part, build, last)),
  ];
  return inOrder(rows, [...own, ...expected]);
}

/** Steps stand below their stage, however late they came to be known. */
function inOrder(rows: readonly TimelineRow[], order: readonly Row[]): readonly TimelineRow[] {
  const below = new Map<string | undefined, TimelineRow[]>();
  rows.forEach((row, index) => {
    const parent = order[index]?.parent;
    below.set(parent, [...(below.get(parent) ?? []), row]);
  });
  return (below.get(undefined) ?? []).flatMap((row) => [row, ...(below.get(row.key) ?? [])]);
}

function told(
  { key, level, name, part: one }: Row,
  part: TimedPart | undefined,
  before: TimedPart | undefined,
  build: BuildTimeline,
  last: BuildTimeline | undefined,
): TimelineRow {
  const sizeIn = (timeline: BuildTimeline | undefined): StageSize | undefined =>
    level === 'stage' && one.kind === 'stage'
      ? timeline?.sizes.find(({ stage }) => stage === name)
      : undefined;
  return {
    level,
    key,
    kind: one.kind,
    name,
    path: one.path === '' ? undefined : one.path,
    state: part === undefined ? 'waiting' : stateOf(part, build),
    milliseconds: part?.milliseconds,
    // One that did not come to its end tells nothing of how long it takes.
    lastMilliseconds: before?.ended === true ? before.milliseconds : undefined,
    size: sizeIn(build),
    lastSize: sizeIn(last),
  };
}

function stateOf({ ended }: TimedPart, { outcome }: BuildTimeline): RowState {
  if (ended) return 'done';
  if (outcome === 'running') return 'running';
  return outcome === 'cancelled' ? 'stopped' : 'failed';
}

/** Leaves out the tree itself, and sub-stages, whose names their steps tell. */
function rowsOf({ parts }: BuildTimeline): readonly Row[] {
  const rows: Row[] = [];
  const seen = new Map<string, number>();
  let stage: Row | undefined;
  for (const part of parts) {
    if (part.kind === 'tree' || part.kind === 'sub-stage') continue;
    const parent = isStep(part) && part.stage !== undefined ? stage : undefined;
    const name =
      parent === undefined
        ? baseName(part.containerPath)
        : relativePath(parent.part.containerPath, part.containerPath);
    const place = parent === undefined ? part.containerPath : `${parent.key}/${name}`;
    // A stage that several images are exported with runs once for each.
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    const row: Row = {
      part,
      level: parent === undefined ? 'stage' : 'step',
      parent: parent?.key,
      key: `${place}#${count}`,
      name,
    };
    if (part.kind === 'stage') stage = row;
    rows.push(row);
  }
  return rows;
}
