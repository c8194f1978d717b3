import { joinPath } from '../pigen/files/path';
import type { EntryKind } from '../pigen/files/file-system';
import type { StageTree } from '../pigen/tree/stage-tree';
import { LocalPaths } from './local-paths';
import type { LogReference } from './log-index';
import { bodyLine } from './script-lines';
import type { BashMessage } from './script-lines';
import type { ReadScript } from './scene';

/** A local file or folder that a log mentions. */
export interface LogTarget {
  /** Absolute, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** 0-based. */
  readonly line: number | undefined;
}

/** What the files of the tree are asked for. Nothing of it rejects. */
export interface TargetFiles {
  /** Undefined where nothing is there. */
  readonly kindOf: (path: string) => Promise<EntryKind | undefined>;
  /** A host script of the tree, parsed. */
  readonly script: (path: string) => Promise<ReadScript | undefined>;
}

type FoundPath = Omit<LogTarget, 'line'>;

/** Finds what a log mentions in the local tree; only what is there is a target. */
export class LogTargets {
  readonly #paths: LocalPaths;
  readonly #known = new Map<string, Promise<FoundPath | undefined>>();
  readonly #scripts = new Map<string, Promise<ReadScript | undefined>>();

  constructor(
    tree: StageTree,
    private readonly files: TargetFiles,
  ) {
    this.#paths = new LocalPaths(tree);
  }

  async of({ path, targetLine, inBody }: LogReference): Promise<LogTarget | undefined> {
    const target = await remembered(this.#known, path, () => this.#find(path));
    if (target === undefined) return undefined;
    if (inBody !== undefined) return this.#inScript(target, inBody);
    const line = targetLine === undefined || targetLine < 1 ? undefined : targetLine - 1;
    return { ...target, line };
  }

  /** Without a line the message says no more than the step's own `Begin`. */
  async #inScript(target: FoundPath, message: BashMessage): Promise<LogTarget | undefined> {
    const { path } = target;
    const script = await remembered(this.#scripts, path, () => this.files.script(path));
    const place = script && bodyLine(script, message);
    return place && { ...target, line: place.range.start.line };
  }

  async #find(path: string): Promise<FoundPath | undefined> {
    // What a log says must not lead out of the tree.
    if (path.split('/').includes('..')) return undefined;
    const [folder = '', ...below] = path.split('/files/');
    if (below.length > 0) return this.#findFile(folder, `files/${below.join('/files/')}`);
    const place = this.#paths.find(path);
    if (place?.stage === undefined) return undefined;
    if (place.prerun !== undefined) return { path: place.path, kind: 'file' };
    if (place.step !== undefined) {
      return { path: place.path, kind: place.step.kind === 'patches' ? 'folder' : 'file' };
    }
    const isFolder = [place.stage.path, place.subStage?.path].includes(place.path);
    if (isFolder) return { path: place.path, kind: 'folder' };
    return this.#existing(place.path);
  }

  /** A file that a sub-stage brings along. */
  async #findFile(folder: string, name: string): Promise<FoundPath | undefined> {
    const subStage = this.#paths.find(folder)?.subStage;
    return subStage && this.#existing(joinPath(subStage.path, name));
  }

  async #existing(path: string): Promise<FoundPath | undefined> {
    const kind = await this.files.kindOf(path);
    return kind === undefined || kind === 'other' ? undefined : { path, kind };
  }
}

function remembered<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  find: () => Promise<Value>,
): Promise<Value> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = find();
  known.set(key, found);
  return found;
}
