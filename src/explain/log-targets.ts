import type { StageTree } from '../pigen/stage-tree';
import { LocalPaths } from './local-paths';
import type { LogReference } from './log-index';

/** A local file or folder that a log mentions. */
export interface LogTarget {
  /** Absolute, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** 0-based. */
  readonly line: number | undefined;
}

/** Finds what a log mentions in the local tree; only what is there is a target. */
export class LogTargets {
  readonly #paths: LocalPaths;
  readonly #known = new Map<string, Omit<LogTarget, 'line'> | undefined>();

  constructor(tree: StageTree) {
    this.#paths = new LocalPaths(tree);
  }

  of({ path, targetLine }: LogReference): LogTarget | undefined {
    let target = this.#known.get(path);
    if (target === undefined && !this.#known.has(path)) {
      target = this.#find(path);
      this.#known.set(path, target);
    }
    const line = targetLine === undefined || targetLine < 1 ? undefined : targetLine - 1;
    return target && { ...target, line };
  }

  #find(path: string): Omit<LogTarget, 'line'> | undefined {
    const place = this.#paths.find(path);
    if (place?.stage === undefined) return undefined;
    if (place.prerun !== undefined) return { path: place.path, kind: 'file' };
    if (place.step !== undefined) {
      return { path: place.path, kind: place.step.kind === 'patches' ? 'folder' : 'file' };
    }
    const isFolder = [place.stage.path, place.subStage?.path].includes(place.path);
    if (isFolder) return { path: place.path, kind: 'folder' };
    const other = [...place.stage.others, ...(place.subStage?.others ?? [])].find(
      (entry) => entry.path === place.path,
    );
    return other === undefined || other.kind === 'other' ? undefined : { path: other.path, kind: other.kind };
  }
}
