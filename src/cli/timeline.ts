import { parseArgs } from 'node:util';
import { buildBefore } from '../build/timeline/build-timeline';
import type { BuildTimeline } from '../build/timeline/build-timeline';
import { timelineJson } from '../build/timeline/timeline-json';
import { readAllTimelines, readTimelines } from '../build/timeline/timeline-store';
import type { KeptTimelines } from '../build/timeline/timeline-store';
import { timelineSvg } from '../build/timeline/timeline-svg';
import { timelineTable } from '../build/timeline/timeline-table';
import { englishWords } from '../build/timeline/timeline-words';
import { stageLogName } from '../build/stage-loop/run-stage';
import { joinPath } from '../pigen/files/path';
import { searchOf } from './build-place';
import { Core } from './core';
import { oneOf, pathFrom } from './options';
import type { ExitCode, Terminal } from './terminal';

const options = {
  format: { type: 'string' },
  tree: { type: 'string' },
  output: { type: 'string' },
  stage: { type: 'string' },
} as const;

/** Pixels across of a picture. */
const pictureWidth = 1100;

/** `pigen timeline`. */
export async function runTimeline(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...words], options });
  const format = oneOf('--format', values.format, ['pretty', 'json', 'svg'], 'pretty');
  const core = new Core();
  try {
    const { treeRoot = '', repositoryRoot } =
      values.output === undefined ? await searchOf(core, values.tree, terminal) : {};
    const root = repositoryRoot ?? treeRoot;
    const folder = values.output === undefined ? joinPath(root, 'deploy') : pathFrom(terminal, values.output);
    const { builds, problem } = await keptIn(folder, values.stage);
    if (problem !== undefined) terminal.complain(`pigen: ${problem}`);
    const [build] = builds;
    if (build === undefined) {
      terminal.complain(
        `pigen: Nothing is kept of a build with results in ${folder}.\nBuild with 'pigen build' or the editor first; with another --output, name it.`,
      );
      return 2;
    }
    await terminal.write(shown(build, buildBefore(build, builds), format, terminal));
    return 0;
  } finally {
    core.dispose();
  }
}

function keptIn(folder: string, stage: string | undefined): Promise<KeptTimelines> {
  return stage === undefined
    ? readAllTimelines(folder)
    : readTimelines(joinPath(folder, stageLogName({ name: stage })));
}

function shown(
  build: BuildTimeline,
  last: BuildTimeline | undefined,
  format: 'pretty' | 'json' | 'svg',
  { workingFolder }: Terminal,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(timelineJson(build, last, workingFolder))}\n`;
    case 'svg':
      return timelineSvg(build, last, {
        width: pictureWidth,
        words: englishWords,
        alone: true,
        folded: new Set(),
        moment,
      });
    case 'pretty':
      return timelineTable(build, last, englishWords, moment);
  }
}

/** `2026-11-26 09:12`, by this machine's clock. */
function moment(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
