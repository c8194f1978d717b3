import { contextNames, resolveEngineEndpoint } from './engine-endpoint';
import type { EndpointRequest, EndpointResult, EngineEndpoint } from './engine-endpoint';

/** An engine that is known on this machine without anybody having named it for this build. */
export interface KnownEngine {
  /** As a setting would name it: a Docker context, or empty for the one that is taken when nothing else is said. */
  readonly name: string;
  readonly endpoint: EngineEndpoint;
}

/**
 * The engine that a build would take by itself, then those of the Docker contexts, each address once. Nothing is connected to;
 * never rejects: a context that names no engine is left out.
 */
export async function knownEngines(request: EndpointRequest): Promise<readonly KnownEngine[]> {
  const known = new Map<string, KnownEngine>();
  const add = (name: string, found: EndpointResult): void => {
    if (!found.ok || known.has(found.endpoint.label)) return;
    known.set(found.endpoint.label, { name, endpoint: found.endpoint });
  };
  add('', await resolveEngineEndpoint(request));
  for (const name of ['default', ...(await contextNames(request))]) {
    add(name, await resolveEngineEndpoint({ ...request, setting: name }));
  }
  return [...known.values()];
}

/**
 * The engine that is named by its label, as a record of a build does, or by what a setting may hold. A label is an address
 * without certificates: where a context or the settings name the same address, they say how it is reached.
 */
export async function engineOfLabel(request: EndpointRequest, label: string): Promise<EndpointResult> {
  const known = (await knownEngines(request)).find(({ endpoint }) => endpoint.label === label);
  if (known !== undefined) return { ok: true, endpoint: known.endpoint };
  return resolveEngineEndpoint({ ...request, setting: label, settingName: 'What is known of the build' });
}
