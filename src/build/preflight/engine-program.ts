import type { PreflightFacts } from './facts';

/** The command by which a user reaches the engine on its machine, for fixes to be pasted. */
export function engineProgram({ engine }: Pick<PreflightFacts, 'engine'>): string {
  return engine.ok && engine.facts.product === 'Podman' ? 'sudo podman' : 'docker';
}
