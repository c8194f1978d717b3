import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { baseName, folderOf, joinPath } from '../../pigen/files/path';
import type { Artifact } from '../results/artifacts';
import { resultFolders } from '../results/result-folders';
import type { OutputStream } from '../output/lines';

/** How a build ended, for those who followed it without being its owner. */
export interface RecordedEnd {
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  readonly exitCode: number | null;
  readonly artifacts: readonly Artifact[];
}

/** What stands beside the log of a build, so that another process can go on exactly where this one ended. */
export interface BuildRecord {
  readonly session: string;
  readonly treeRoot: string;
  readonly deployFolder: string;
  /** ISO 8601. */
  readonly began: string;
  /** The address that the engine was asked for with; empty: what DOCKER_HOST, contexts and the usual sockets say. */
  readonly engine: string;
  /**
   * The first `log` bytes of the log file hold the image's build and so many whole lines of each stream of the container.
   * Undefined as long as there is no container.
   */
  readonly position: ({ readonly log: number } & Readonly<Record<OutputStream, number>>) | undefined;
  readonly end: RecordedEnd | undefined;
}

/** `deploy/.build-docker.log.state` for `deploy/build-docker.log`. */
export function recordPath(logFile: string): string {
  return joinPath(folderOf(logFile), `.${baseName(logFile)}.state`);
}

/** The record beside a log; undefined where there is none, or it cannot be read. */
export async function readRecord(logFile: string): Promise<BuildRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(recordPath(logFile), 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export interface LogRecord {
  readonly logFile: string;
  readonly record: BuildRecord;
}

/**
 * What the records say of the builds of a deploy folder, and of those with one of several configs in the folders below it. A
 * folder that is not there has none.
 */
export async function buildRecords(deployFolder: string): Promise<readonly LogRecord[]> {
  const found: LogRecord[] = [];
  for (const folder of await resultFolders(deployFolder)) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort()) {
      const log = /^\.(build-docker.*\.log)\.state$/.exec(name)?.[1];
      if (log === undefined) continue;
      const logFile = joinPath(folder, log);
      const record = await readRecord(logFile);
      if (record !== undefined) found.push({ logFile, record });
    }
  }
  return found;
}

/** Replaces the record in one step: who reads it finds the old or the new one whole. Rejects with Node's error. */
export async function writeRecord(logFile: string, record: BuildRecord): Promise<void> {
  const path = recordPath(logFile);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function isRecord(value: unknown): value is BuildRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'session' in value &&
    typeof value.session === 'string' &&
    'treeRoot' in value &&
    typeof value.treeRoot === 'string' &&
    'deployFolder' in value &&
    typeof value.deployFolder === 'string'
  );
}

/** Where somebody who is not the owner says that the user wants the build to end. */
function stopMark(logFile: string): string {
  return joinPath(folderOf(logFile), `.${baseName(logFile)}.stop`);
}

/** Leaves word that a build was stopped on purpose. Never rejects: it then looks as if it had failed. */
export async function markStopped(logFile: string, session: string): Promise<void> {
  await writeFile(stopMark(logFile), session).catch(() => undefined);
}

export async function wasStopped(logFile: string, session: string): Promise<boolean> {
  return (await readFile(stopMark(logFile), 'utf8').catch(() => '')) === session;
}

export async function clearStopMark(logFile: string): Promise<void> {
  await rm(stopMark(logFile), { force: true });
}
