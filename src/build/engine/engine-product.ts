export type EngineProduct = 'Docker' | 'Podman';

/**
 * Whose engine answers, by its answer to GET /info: the version of Buildah is what Podman adds to Docker's (Info in its
 * pkg/api/handlers/types.go).
 */
export function productOf(info: Readonly<Record<string, unknown>>): EngineProduct {
  return typeof info['BuildahVersion'] === 'string' ? 'Podman' : 'Docker';
}
