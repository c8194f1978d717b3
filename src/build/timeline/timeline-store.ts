import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { baseName, folderOf, joinPath } from '../../pigen/files/path';
import { resultFolders } from '../results/result-folders';
import type { BuildTimeline, StageSize, TimedPart } from './build-timeline';

/** How many builds of one kind are kept, and how many of all. */
const keptOfVariant = 5;
const keptInAll = 20;
/** Bytes. What is larger was not written here. */
const sizeLimit = 16_000_000;

const ending = '.timeline';

export interface KeptTimelines {
  /** The newest first. */
  readonly builds: readonly BuildTimeline[];
  /** In words for the user: what stands there and could not be read. */
  readonly problem: string | undefined;
}

/** `deploy/.build-docker.log.timeline` for `deploy/build-docker.log`: how long the last builds with that log took. */
export function timelinePath(logFile: string): string {
  return joinPath(folderOf(logFile), `.${baseName(logFile)}${ending}`);
}

/** What is kept of the builds with a log. Never rejects; nothing, where nothing is there. */
export async function readTimelines(logFile: string): Promise<KeptTimelines> {
  return readFileOf(timelinePath(logFile));
}

/**
 * What is kept of all builds whose results went into a folder, or, with one of several configs, into one below it: the newest
 * first. Never rejects.
 */
export async function readAllTimelines(deployFolder: string): Promise<KeptTimelines> {
  const kept: KeptTimelines[] = [];
  for (const folder of await resultFolders(deployFolder)) {
    const names = await readdir(folder).catch(() => []);
    const own = names.filter((name) => name.startsWith('.') && name.endsWith(ending));
    kept.push(...(await Promise.all(own.map((name) => readFileOf(joinPath(folder, name))))));
  }
  return {
    builds: newestFirst(kept.flatMap(({ builds }) => builds)),
    problem: kept.find(({ problem }) => problem !== undefined)?.problem,
  };
}

/**
 * Adds a build to those that are kept, in one step: who reads finds the old or the new. A file that cannot be read is put
 * aside, not written over. Never rejects: gives in words what is amiss.
 */
export async function keepTimeline(logFile: string, timeline: BuildTimeline): Promise<string | undefined> {
  const path = timelinePath(logFile);
  const { builds, problem } = await readFileOf(path);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    if (problem !== undefined) await rename(path, `${path}.unreadable`);
    const kept = bounded(newestFirst([timeline, ...builds.filter(({ id }) => id !== timeline.id)]));
    await writeFile(temporary, JSON.stringify({ version: 1, builds: kept }), { mode: 0o600 });
    await rename(temporary, path);
    return problem === undefined ? undefined : `${problem} It is kept as ${baseName(path)}.unreadable.`;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return `How long this build took could not be kept in ${path}: ${reasonOf(error)}.`;
  }
}

/** Builds in the order in which they are shown. */
export function newestFirst(builds: readonly BuildTimeline[]): readonly BuildTimeline[] {
  return builds.toSorted((a, b) => (a.began < b.began ? 1 : a.began > b.began ? -1 : 0));
}

/** The last of each kind, and the last that passed, which others are measured against. */
function bounded(builds: readonly BuildTimeline[]): readonly BuildTimeline[] {
  const counts = new Map<string, number>();
  const passed = new Set<string>();
  const kept = builds.filter(({ variant, outcome, whole }) => {
    const count = (counts.get(variant) ?? 0) + 1;
    counts.set(variant, count);
    const isLastPassed = outcome === 'succeeded' && whole && !passed.has(variant);
    if (isLastPassed) passed.add(variant);
    return count <= keptOfVariant || isLastPassed;
  });
  return kept.slice(0, keptInAll);
}

async function readFileOf(path: string): Promise<KeptTimelines> {
  const text = await readBounded(path).catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing ? undefined : { problem: reasonOf(error) };
  });
  if (text === undefined) return { builds: [], problem: undefined };
  if (typeof text !== 'string') return unreadable(path, text.problem);
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !Array.isArray(value['builds']))
      return unreadable(path, 'it holds something else');
    const builds = value['builds'].filter(isTimeline);
    return builds.length === value['builds'].length
      ? { builds, problem: undefined }
      : { builds, problem: `Some of what ${path} tells of earlier builds is not what was written there.` };
  } catch (error) {
    return unreadable(path, reasonOf(error));
  }
}

function unreadable(path: string, reason: string): KeptTimelines {
  return { builds: [], problem: `How long earlier builds took cannot be read from ${path}: ${reason}.` };
}

async function readBounded(path: string): Promise<string> {
  // What stands there may be anybody's: a pipe would be read for ever.
  const stats = await stat(path);
  if (!stats.isFile()) throw new Error('it is no file');
  if (stats.size > sizeLimit) throw new Error('it is too large');
  return readFile(path, 'utf8');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTimeline(value: unknown): value is BuildTimeline {
  return (
    isObject(value) &&
    ['id', 'variant', 'began'].every((name) => typeof value[name] === 'string') &&
    typeof value['whole'] === 'boolean' &&
    isDuration(value['milliseconds']) &&
    ['succeeded', 'failed', 'cancelled'].includes(String(value['outcome'])) &&
    Array.isArray(value['parts']) &&
    value['parts'].every(isPart) &&
    Array.isArray(value['sizes']) &&
    value['sizes'].every(isSize)
  );
}

function isPart(value: unknown): value is TimedPart {
  return (
    isObject(value) &&
    ['kind', 'path', 'containerPath'].every((name) => typeof value[name] === 'string') &&
    typeof value['ended'] === 'boolean' &&
    isDuration(value['milliseconds']) &&
    (value['stage'] === undefined || typeof value['stage'] === 'string')
  );
}

function isSize(value: unknown): value is StageSize {
  return (
    isObject(value) &&
    typeof value['stage'] === 'string' &&
    Number.isFinite(value['added']) &&
    ['total', 'packages'].every((name) => value[name] === undefined || Number.isFinite(value[name]))
  );
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
