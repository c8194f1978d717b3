import { FileError } from '../../pigen/files/file-system';
import type { Entry, FileSystem } from '../../pigen/files/file-system';
import { readPackageList } from '../../pigen/apt/package-list';
import type { PackageList } from '../../pigen/apt/package-list';
import { joinPath } from '../../pigen/files/path';
import type { Stage, StageTree, SubStage } from '../../pigen/tree/stage-tree';
import { LineIndex } from '../../pigen/text';
import type { UpstreamFiles } from '../../pigen/tree/upstream-files';

export type DataKind = 'debconf' | 'packages' | 'series' | 'patch' | 'export-image';

interface DataPlace {
  readonly path: string;
  readonly kind: DataKind;
  readonly stage: Stage;
  /** Undefined for EXPORT_IMAGE. */
  readonly subStage: SubStage | undefined;
}

/** A file that pi-gen reads and that is no script. What is read out of its text is kept until the text changes. */
export interface DataFile extends DataPlace {
  readonly text: string;
  /** It is, byte for byte, one of pi-gen's own. */
  readonly upstream: boolean;
  readonly lines: LineIndex;
  /** The text as a list of packages; of use for `packages` only, NN-packages-nr among them. */
  readonly packages: PackageList;
}

export interface DataFiles {
  /** By absolute path, in the tree's order. */
  readonly dataFiles: ReadonlyMap<string, DataFile>;
  readonly patchFolders: ReadonlyMap<string, readonly Entry[]>;
}

/** Bytes. A patch of more is one of a kernel; everything else is a few lines. */
const sizeLimit = 1024 * 1024;

/** Files of one patches folder that are read. */
const patchLimit = 200;

/**
 * Reads the data files of a tree. What cannot be read, or holds a NUL byte, is left out: nothing is known of it.
 *
 * @param before what the last check read: a file with the same text keeps what was worked out for it
 */
export async function readDataFiles(
  fs: FileSystem,
  tree: StageTree,
  before: ReadonlyMap<string, DataFile> | undefined,
  upstream: UpstreamFiles,
): Promise<DataFiles> {
  const patchFolders = await listPatchFolders(fs, tree);
  const places = [...placesIn(tree, patchFolders)];
  const read = await Promise.all(places.map(({ path }) => readContent(fs, path, upstream)));
  const dataFiles = new Map<string, DataFile>();
  for (const [i, place] of places.entries()) {
    const found = read[i];
    if (found === undefined) continue;
    const known = before?.get(place.path);
    const content =
      known instanceof PlacedData && known.text === found.text
        ? known.content
        : new DataContent(found.text, found.upstream);
    dataFiles.set(place.path, new PlacedData(place, content));
  }
  return { dataFiles, patchFolders };
}

async function readContent(
  fs: FileSystem,
  path: string,
  upstream: UpstreamFiles,
): Promise<{ readonly text: string; readonly upstream: boolean } | undefined> {
  try {
    const bytes = await fs.readFile(path, sizeLimit);
    if (bytes.includes(0)) return undefined;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    return { text, upstream: upstream.has(bytes) };
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

function* placesIn(
  tree: StageTree,
  patchFolders: ReadonlyMap<string, readonly Entry[]>,
): Generator<DataPlace> {
  for (const stage of tree.stages) {
    if (stage.exportImage) {
      yield {
        path: joinPath(stage.path, 'EXPORT_IMAGE'),
        kind: 'export-image',
        stage,
        subStage: undefined,
      };
    }
    for (const subStage of stage.subStages) {
      for (const { kind, path } of subStage.steps) {
        if (kind === 'debconf') yield { path, kind, stage, subStage };
        if (kind === 'packages' || kind === 'packages-nr') yield { path, kind: 'packages', stage, subStage };
        if (kind !== 'patches') continue;
        const files = (patchFolders.get(path) ?? []).filter((entry) => entry.kind === 'file');
        for (const { name } of files.slice(0, patchLimit)) {
          if (name === 'series') yield { path: joinPath(path, name), kind: 'series', stage, subStage };
          else if (isPatchName(name)) yield { path: joinPath(path, name), kind: 'patch', stage, subStage };
        }
      }
    }
  }
}

/** Whether a file of a NN-patches folder is a patch by its name. */
export function isPatchName(name: string): boolean {
  return /\.(?:patch|diff)$/.test(name);
}

async function listPatchFolders(
  fs: FileSystem,
  tree: StageTree,
): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const steps = tree.stages.flatMap((stage) => stage.subStages.flatMap((subStage) => subStage.steps));
  const folders = steps.filter(({ kind }) => kind === 'patches').map(({ path }) => path);
  const listed = await Promise.all(folders.map(async (path) => [path, await entriesOf(fs, path)] as const));
  return new Map(listed.flatMap(([path, entries]) => (entries === undefined ? [] : [[path, entries]])));
}

/** The entries of a folder; undefined where there is none, or it may not be read. */
export async function entriesOf(fs: FileSystem, path: string): Promise<readonly Entry[] | undefined> {
  try {
    return await fs.readFolder(path);
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

class DataContent {
  #lines: LineIndex | undefined;
  #packages: PackageList | undefined;

  constructor(
    readonly text: string,
    readonly upstream: boolean,
  ) {}

  get lines(): LineIndex {
    return (this.#lines ??= new LineIndex(this.text));
  }

  get packages(): PackageList {
    return (this.#packages ??= readPackageList(this.text));
  }
}

class PlacedData implements DataFile {
  readonly path: string;
  readonly kind: DataKind;
  readonly stage: Stage;
  readonly subStage: SubStage | undefined;
  readonly text: string;

  constructor(
    place: DataPlace,
    readonly content: DataContent,
  ) {
    this.path = place.path;
    this.kind = place.kind;
    this.stage = place.stage;
    this.subStage = place.subStage;
    this.text = content.text;
  }

  get upstream(): boolean {
    return this.content.upstream;
  }

  get lines(): LineIndex {
    return this.content.lines;
  }

  get packages(): PackageList {
    return this.content.packages;
  }
}
