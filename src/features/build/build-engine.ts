import { BuildProblemError } from '../../build/build-problem';
import { openEngine } from '../../build/engine/open-engine';
import type { Engine } from '../../build/engine/engine';
import { resolveEngineEndpoint } from '../../build/engine/engine-endpoint';
import type { EndpointRequest, EndpointResult, EngineEndpoint } from '../../build/engine/engine-endpoint';
import { engineOfLabel, knownEngines } from '../../build/engine/known-engines';
import type { KnownEngine } from '../../build/engine/known-engines';
import { buildRecords } from '../../build/session/build-record';
import type { FileSystem } from '../../pigen/files/file-system';
import { joinPath } from '../../pigen/files/path';
import { readBuildSettings } from './build-settings';
import { uriOf } from '../paths';
import { editorRequest } from './preflight';

/**
 * Where the engine is that the settings of a folder name, or the environment. Rejects with a BuildProblemError.
 *
 * @param folder absolute; empty: no folder's settings
 * @param named in their place: an address, as a record of a build holds it too, or a Docker context; empty: nothing is said
 */
export async function endpointOf(disk: FileSystem, folder: string, named = ''): Promise<EngineEndpoint> {
  return found(await resolve(disk, folder, named));
}

/**
 * The engine that a build of a folder's tree was begun on. Rejects with a BuildProblemError.
 *
 * @param label as its record holds it; empty: the one that the settings name
 */
export async function openRecordedEngine(disk: FileSystem, folder: string, label: string): Promise<Engine> {
  return openEngine(await endpointOf(disk, folder, label));
}

/** The engines that a build of a folder's tree could be begun on, the usual one first. Never rejects. */
export async function enginesFor(disk: FileSystem, folder: string): Promise<readonly KnownEngine[]> {
  return knownEngines(requestOf(disk, folder));
}

/**
 * The engines that may hold something of a tree's builds: the one that the settings name, and those that builds were begun on
 * before, each once, whatever number of addresses it has. Rejects with a BuildProblemError where the settings name none.
 */
export async function enginesWithBuilds(
  disk: FileSystem,
  root: string,
): Promise<readonly [EngineEndpoint, ...EngineEndpoint[]]> {
  const usual = await endpointOf(disk, root);
  const labels = new Set((await buildRecords(joinPath(root, 'deploy'))).map(({ record }) => record.engine));
  labels.delete(usual.label);
  labels.delete('');
  const others: EngineEndpoint[] = [];
  for (const label of labels) {
    const other = await engineOfLabel(requestOf(disk, root), label);
    if (other.ok) others.push(other.endpoint);
  }
  return [usual, ...(others.length === 0 ? [] : await othersThan(usual, others))];
}

/** Those that are engines of their own: one may have several addresses. What does not answer counts as one. */
async function othersThan(
  usual: EngineEndpoint,
  others: readonly EngineEndpoint[],
): Promise<readonly EngineEndpoint[]> {
  const [first, ...ids] = await Promise.all([usual, ...others].map(idOf));
  const seen = new Set([first]);
  return others.filter((_, index) => {
    const id = ids[index] ?? '';
    if (id !== '' && seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** Somebody waits for it, and nothing is lost where an engine counts as one of its own. */
const idPatience = { pause: 2000, answer: 4000 };

async function idOf(endpoint: EngineEndpoint): Promise<string> {
  try {
    return (await (await openEngine(endpoint, idPatience)).info()).id;
  } catch (error) {
    if (error instanceof BuildProblemError) return '';
    throw error;
  }
}

async function resolve(disk: FileSystem, folder: string, named: string): Promise<EndpointResult> {
  const request = requestOf(disk, folder);
  return named === '' ? resolveEngineEndpoint(request) : engineOfLabel(request, named);
}

function requestOf(disk: FileSystem, folder: string): EndpointRequest {
  return editorRequest(folder === '' ? '' : readBuildSettings(uriOf(folder)).engine, disk);
}

function found(result: EndpointResult): EngineEndpoint {
  if (!result.ok) throw new BuildProblemError(result.problem);
  return result.endpoint;
}
