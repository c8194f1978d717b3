/** What stopped a build that is no fault of a stage. Stable: shown in JSON as the failure's class. */
export type BuildProblemKind =
  | 'no-engine'
  | 'no-permission'
  | 'bad-endpoint'
  | 'rootless-engine'
  | 'privileged-refused'
  | 'name-taken'
  | 'disk-full'
  | 'local-disk-full'
  | 'no-binfmt'
  | 'base-image'
  | 'image-build'
  | 'engine-lost'
  /** It answers, but does not end what runs in a container. */
  | 'engine-stuck'
  | 'engine-refused'
  | 'already-building'
  | 'container-gone'
  | 'never-started'
  | 'ended-from-outside'
  | 'out-of-memory'
  | 'damaged-copy'
  | 'nothing-kept'
  | 'docker-options'
  | 'unreadable-file'
  | 'bad-plan'
  /** A check before the build says that it will fail. */
  | 'preflight';

/** A problem as a value, in the user's words. */
export interface BuildProblem {
  readonly kind: BuildProblemKind;
  /** What is wrong and what it means for the build: one or two sentences. */
  readonly message: string;
  /** What to do about it: one or two sentences. */
  readonly wayOut: string;
}

/** The engine's own words may hold what was handed to it. */
export function maskedProblem(problem: BuildProblem, mask: (text: string) => string): BuildProblem {
  return { ...problem, message: mask(problem.message), wayOut: mask(problem.wayOut) };
}

/** Carries a problem through code that would otherwise have to hand it up by hand. Caught inside src/build/. */
export class BuildProblemError extends Error {
  constructor(
    readonly problem: BuildProblem,
    options?: ErrorOptions,
  ) {
    super(problem.message, options);
    this.name = 'BuildProblemError';
  }
}
