import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildTimeline } from '../../../../src/build/timeline/build-timeline';

export const folder = path.join(import.meta.dirname, '../../../fixtures/timeline');

/** The builds of test/fixtures/timeline/builds.json: one that failed, and two that passed before it. */
export async function fixtureBuilds(): Promise<readonly [BuildTimeline, BuildTimeline, BuildTimeline]> {
  const { builds } = JSON.parse(await readFile(path.join(folder, 'builds.json'), 'utf8')) as {
    builds: [BuildTimeline, BuildTimeline, BuildTimeline];
  };
  return builds;
}

/** The same on every machine. */
export function moment(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ');
}
