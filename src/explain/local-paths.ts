import { baseName, folderOf, isWithin, joinPath, relativePath } from '../pigen/files/path';
import type { Prerun, Stage, StageTree, Step, SubStage } from '../pigen/tree/stage-tree';
import { postrunName } from '../pigen/tree/step-names';

/** A folder of the build container and the local folder that was copied or mounted there. Both absolute, with `/`. */
export interface PathPair {
  readonly container: string;
  readonly local: string;
}

/** What a path of the log is in the local tree. */
export interface LocalPlace {
  /** Absolute, with `/`. The file need not exist: a missing prerun.sh has a place too. */
  readonly path: string;
  readonly stage?: Stage;
  readonly subStage?: SubStage;
  readonly step?: Step;
  readonly prerun?: Prerun;
}

/** Translates the paths of a log's `Begin` and `End` lines into local ones. */
export class LocalPaths {
  constructor(
    private readonly tree: StageTree | undefined,
    private readonly pairs: readonly PathPair[] = [],
  ) {}

  /**
   * The local place of a stage, sub-stage or step of the log; undefined where nothing local fits. Goes by the given
   * pairs first, then by the tree: pi-gen's own stages are below `/pi-gen` in a container, those of pi-gen-action at
   * their real path of another machine, or relative to the workspace. Stage, sub-stage and step names tell them.
   */
  find(path: string): LocalPlace | undefined {
    // build.sh names it without its folder.
    if (path === postrunName) return this.tree?.postrun && { path: this.tree.postrun.path };
    const mapped = this.#mapped(path);
    if (mapped !== undefined) return this.#inTree(mapped) ?? { path: mapped };
    return this.#inTree(path) ?? this.#byNames(path);
  }

  /** The local path of any file below the tree of the container, such as one of its work folder. */
  inTree(path: string): string | undefined {
    // What a log says must not lead out of the tree.
    if (path.split('/').includes('..')) return undefined;
    const mapped = this.#mapped(path);
    if (mapped !== undefined || this.tree === undefined) return mapped;
    if (isWithin(this.tree.root, path)) return path;
    const rest = /^\/pi-gen\/(.+)$/.exec(path)?.[1];
    return rest === undefined ? undefined : joinPath(this.tree.root, rest);
  }

  #mapped(path: string): string | undefined {
    const pair = this.pairs
      .filter(({ container }) => isWithin(container, path))
      .sort((a, b) => b.container.length - a.container.length)[0];
    if (pair === undefined) return undefined;
    const rest = relativePath(pair.container, path);
    return rest === '' ? pair.local : joinPath(pair.local, rest);
  }

  #inTree(path: string): LocalPlace | undefined {
    const stage = this.tree?.stages
      .filter((candidate) => isWithin(candidate.path, path))
      .sort((a, b) => b.path.length - a.path.length)[0];
    if (stage !== undefined) return placeIn(stage, relativePath(stage.path, path));
    return path === this.tree?.root ? { path } : undefined;
  }

  #byNames(path: string): LocalPlace | undefined {
    const parts = path.split('/').filter((part) => part !== '');
    const found: { place: LocalPlace; fits: boolean; shared: number }[] = [];
    for (const stage of this.tree?.stages ?? []) {
      // The last part of that name: a stage may lie in a folder of its own name. Only two levels hang below a stage.
      const index = parts.lastIndexOf(stage.name);
      if (index < 0 || parts.length - index > 3) continue;
      const rest = parts.slice(index + 1);
      const place = placeIn(stage, rest.join('/'));
      const fits = rest.length === 0 || place.subStage !== undefined || place.prerun !== undefined;
      found.push({ place, fits, shared: sharedTail(parts.slice(0, index + 1), stage.path) });
    }
    found.sort((a, b) => Number(b.fits) - Number(a.fits) || b.shared - a.shared);
    return found[0]?.place;
  }
}

function placeIn(stage: Stage, rest: string): LocalPlace {
  const path = rest === '' ? stage.path : joinPath(stage.path, rest);
  if (stage.prerun?.path === path) return { path, stage, prerun: stage.prerun };
  const [name] = rest.split('/');
  const subStage = stage.subStages.find((candidate) => candidate.name === name);
  const step = subStage?.steps.find((candidate) => candidate.name === baseName(path));
  return {
    path,
    stage,
    ...(subStage && { subStage }),
    ...(step !== undefined && folderOf(path) === subStage?.path && { step }),
  };
}

function sharedTail(parts: readonly string[], path: string): number {
  const own = path.split('/');
  let shared = 0;
  while (shared < parts.length && parts.at(-1 - shared) === own.at(-1 - shared)) shared++;
  return shared;
}
