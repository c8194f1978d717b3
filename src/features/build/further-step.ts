import type { BuildProblemKind } from '../../build/build-problem';

/** What the user may do about a problem, of what this extension has a command for. */
export type FurtherStep = 'attach' | 'engine-setting' | 'docker-settings' | 'clean-up' | 'check-environment';

/**
 * What leads further with a problem. Undefined: nothing of ours does.
 *
 * @param isLeft a container of the build is left, or may be: without one there is nothing to attach to
 */
export function furtherStep(kind: BuildProblemKind, isLeft: boolean): FurtherStep | undefined {
  switch (kind) {
    case 'already-building':
      return 'attach';
    case 'engine-lost':
      return isLeft ? 'attach' : 'check-environment';
    case 'no-engine':
    case 'bad-endpoint':
    case 'no-permission':
    case 'rootless-engine':
      return 'engine-setting';
    case 'docker-options':
      return 'docker-settings';
    case 'name-taken':
    case 'disk-full':
      return 'clean-up';
    case 'no-binfmt':
    case 'privileged-refused':
      return 'check-environment';
    default:
      return undefined;
  }
}
