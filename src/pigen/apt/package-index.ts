import type { RepositoryPart } from './apt-sources';

/** Where else a package of a name is. */
export interface OtherPlace {
  readonly suite: string;
  readonly architecture: string;
}

/** What the index says of a name that none of the repositories asked has. */
export interface UnknownPackage {
  /** The names of these repositories that are really near, all at the same distance: a few, or none. */
  readonly nearest: readonly string[];
  /** Repositories in the index, of other releases or architectures, that have it. */
  readonly elsewhere: readonly OtherPlace[];
}

export interface PackageAnswers {
  /** Whether the index knows what a part of a repository holds. */
  covers(part: RepositoryPart): boolean;
  /** What is said of a name; undefined for one that a repository has, as a package or in `Provides`. */
  unknown(name: string): UnknownPackage | undefined;
  /** Days since the oldest of the parts was fetched. */
  readonly age: number;
}

/** An index of package names, as the rules ask it. Nothing is fetched by asking. */
export interface PackageIndex {
  /** Whether there is anything in it: asked before any work is done for it. */
  isPresent(): Promise<boolean>;
  /** Looks names up in those parts of repositories that the index covers. Rejects with the signal's reason when aborted. */
  lookUp(
    parts: readonly RepositoryPart[],
    names: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<PackageAnswers>;
}
