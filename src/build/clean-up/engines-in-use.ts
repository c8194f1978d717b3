import { BuildProblemError } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import { resolveEngineEndpoint } from '../engine/engine-endpoint';
import type { EndpointRequest, EngineEndpoint } from '../engine/engine-endpoint';
import { silentProblem } from '../engine/engine-errors';
import { engineOfLabel, knownEngines } from '../engine/known-engines';
import { buildRecords } from '../session/build-record';
import { openCleanUpEngine } from './clean-up';
import type { CleanUpEngine } from './clean-up';

/** Milliseconds that each of several engines has to answer. */
const usualLimit = 10_000;

export interface EnginesInUse {
  /** Each once, whatever number of addresses it has. */
  readonly engines: readonly CleanUpEngine[];
  /** Label of the one that a build would take by itself; undefined where that is none. */
  readonly usual: string | undefined;
  /** Of those that do not answer. */
  readonly problems: readonly BuildProblem[];
}

/**
 * The engines that may hold something of this machine's builds: the one that a build would take by itself, those of the Docker
 * contexts, and those that builds were begun on. All are asked at once, and one that does not answer holds up the others only for
 * a while. Rejects with what `signal` was aborted with.
 *
 * @param deployFolders where the records of builds are
 */
export async function enginesInUse(
  request: EndpointRequest,
  deployFolders: readonly string[],
  signal: AbortSignal,
  limit = usualLimit,
): Promise<EnginesInUse> {
  const usual = await resolveEngineEndpoint(request);
  const places = await placesInUse(request, deployFolders);
  const only = places.length === 1;
  const opened = await Promise.all(
    places.map(({ endpoint }) => (only ? open(endpoint, signal) : openWithin(limit, endpoint, signal))),
  );
  const engines: CleanUpEngine[] = [];
  const problems = usual.ok ? [] : [usual.problem];
  for (const [index, one] of opened.entries()) {
    if ('inventory' in one) {
      if (one.id === '' || !engines.some(({ id }) => id === one.id)) engines.push(one);
    } else if (places[index]?.isGuess !== true) problems.push(one);
  }
  return { engines, usual: usual.ok ? usual.endpoint.label : undefined, problems };
}

interface PlaceInUse {
  readonly endpoint: EngineEndpoint;
  /** Nobody named it: that nothing is there is no news. */
  readonly isGuess: boolean;
}

/** By their addresses, each once. */
async function placesInUse(
  request: EndpointRequest,
  deployFolders: readonly string[],
): Promise<readonly PlaceInUse[]> {
  const places = new Map<string, PlaceInUse>();
  for (const { name, endpoint } of await knownEngines(request))
    places.set(endpoint.label, { endpoint, isGuess: name === 'default' });
  const records = (await Promise.all([...new Set(deployFolders)].map(buildRecords))).flat();
  for (const label of new Set(records.map(({ record }) => record.engine))) {
    if (label === '') continue;
    const found = await engineOfLabel(request, label);
    if (found.ok) places.set(found.endpoint.label, { endpoint: found.endpoint, isGuess: false });
  }
  return [...places.values()];
}

async function open(endpoint: EngineEndpoint, signal: AbortSignal): Promise<CleanUpEngine | BuildProblem> {
  try {
    return await openCleanUpEngine(endpoint, signal);
  } catch (error) {
    if (error instanceof BuildProblemError) return error.problem;
    throw error;
  }
}

async function openWithin(
  limit: number,
  endpoint: EngineEndpoint,
  signal: AbortSignal,
): Promise<CleanUpEngine | BuildProblem> {
  const over = AbortSignal.timeout(limit);
  const silent = () => silentProblem({ action: 'connect', endpoint: endpoint.label });
  try {
    const opened = await open(endpoint, AbortSignal.any([signal, over]));
    signal.throwIfAborted();
    return over.aborted && !('inventory' in opened) ? silent() : opened;
  } catch (error) {
    signal.throwIfAborted();
    if (over.aborted) return silent();
    throw error;
  }
}
