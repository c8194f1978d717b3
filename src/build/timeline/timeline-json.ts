import { shownPath } from '../../pigen/files/path';
import type { BuildTimeline } from './build-timeline';
import { timelineRows } from './timeline-rows';
import type { TimelineRow } from './timeline-rows';

/**
 * A timeline as data for other programs, in a form that stays: one object for each stage with its steps. Times are
 * milliseconds, sizes bytes; `null` where something is not known, or was not.
 *
 * @param folder paths below it are told from there
 */
export function timelineJson(build: BuildTimeline, last: BuildTimeline | undefined, folder: string): object {
  const rows = timelineRows(build, last);
  const starts = rows.flatMap(({ level }, index) => (level === 'stage' ? [index] : []));
  return {
    version: 1,
    build: headOf(build),
    last: last === undefined ? null : headOf(last),
    stages: starts.map((start, index) => {
      const [stage, ...steps] = rows.slice(start, starts[index + 1]);
      return { ...(stage && stageJson(stage, folder)), steps: steps.map((step) => rowJson(step, folder)) };
    }),
  };
}

function headOf({ variant, began, outcome, milliseconds, whole }: BuildTimeline): object {
  return { variant, began, outcome, milliseconds: Math.round(milliseconds), whole };
}

function stageJson(row: TimelineRow, folder: string): object {
  const { size, lastSize } = row;
  return {
    ...rowJson(row, folder),
    bytesAdded: size?.added ?? null,
    lastBytesAdded: lastSize?.added ?? null,
    bytesTotal: size?.total ?? null,
    packagesAdded: size?.packages ?? null,
    lastPackagesAdded: lastSize?.packages ?? null,
  };
}

function rowJson({ name, kind, path, state, milliseconds, lastMilliseconds }: TimelineRow, folder: string) {
  return {
    name: kind === 'image' ? 'image' : name,
    kind,
    path: path === undefined ? null : shownPath(path, folder),
    state,
    milliseconds: rounded(milliseconds),
    lastMilliseconds: rounded(lastMilliseconds),
  };
}

function rounded(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : Math.round(milliseconds);
}
