export type EngineProduct = 'Docker' | 'Podman';

type Info = Readonly<Record<string, unknown>>;

/**
 * Whose engine answers, by its answer to GET /info: the version of Buildah is what Podman adds to Docker's (Info in its
 * pkg/api/handlers/types.go).
 */
export function productOf(info: Info): EngineProduct {
  return typeof info['BuildahVersion'] === 'string' ? 'Podman' : 'Docker';
}

/** What keeps root of a container from being root of the engine's machine, by the same answer. */
export function rightsOf(info: Info): { readonly rootless: boolean; readonly remapsUsers: boolean } {
  const options = Array.isArray(info['SecurityOptions']) ? info['SecurityOptions'].map(String) : [];
  const has = (name: string) => options.some((option) => option.split(',').includes(`name=${name}`));
  return { rootless: has('rootless'), remapsUsers: has('userns') };
}

/**
 * What tells an engine from others, by whatever address it is reached, by the same answer; empty where it has nothing of the kind.
 * Up to Docker 20.10 all engines of a machine have one ID, which lies in /etc/docker, and Podman's is another for each question
 * (GetInfo in its pkg/api/handlers/compat/info.go): what an engine holds lies in a folder of its own.
 */
export function identityOf(info: Info): string {
  const { ID: id, Name: machine, DockerRootDir: folder } = info;
  if (typeof id !== 'string' || id === '') return '';
  return [productOf(info) === 'Podman' ? '' : id, machine, folder].join(' ');
}
