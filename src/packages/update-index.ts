import { partKey } from '../pigen/apt/apt-sources';
import type { RepositoryPart } from '../pigen/apt/apt-sources';
import { DownloadError } from './download';
import { fetchLimits, fetchNames, fetchRelease, findPackagesFile } from './fetch-names';
import type { FetchContext, FetchLimits, PackagesFile } from './fetch-names';
import type { IndexStore, StoredPart } from './index-store';
import type { ReleaseFile } from './release-file';

export interface UpdateProgress {
  /** Parts of repositories that are done. */
  readonly done: number;
  readonly total: number;
  /** The repository being asked: its address and suite. */
  readonly repository: string;
}

export interface UpdateOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: UpdateProgress) => void;
  readonly limits?: FetchLimits;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A repository that could not be asked. */
export interface UpdateFailure {
  /** What was asked for. */
  readonly url: string;
  /** The rest of a sentence that begins with that address. */
  readonly reason: string;
}

export interface UpdateResult {
  /** The parts that the index now covers. */
  readonly updated: readonly RepositoryPart[];
  readonly failures: readonly UpdateFailure[];
}

/**
 * Fetches the names of all packages of some parts of repositories, and keeps them. What has not changed is not fetched
 * again. A repository that cannot be asked is told, keeps what is known of it, and is no reason to leave the others.
 * Rejects with the signal's reason when aborted, and where the store cannot be written; what is complete by then is kept.
 */
export async function updateIndex(
  store: IndexStore,
  parts: readonly RepositoryPart[],
  options: UpdateOptions,
): Promise<UpdateResult> {
  const { signal, limits = fetchLimits, now = Date.now } = options;
  const unique = [...new Map(parts.map((part) => [partKey(part), part])).values()];
  const failures: UpdateFailure[] = [];
  const updated: RepositoryPart[] = [];
  let done = 0;
  for (const [folder, group] of byFolder(unique)) {
    const progress = (): void => {
      const [first] = group;
      const repository = first === undefined ? folder : `${first.uri} ${first.suite}`;
      options.onProgress?.({ done, total: unique.length, repository });
    };
    progress();
    const fail = (url: string, error: unknown): void => {
      if (!(error instanceof DownloadError)) throw error;
      failures.push({ url, reason: error.message });
    };
    signal.throwIfAborted();
    let release: ReleaseFile;
    try {
      release = await fetchRelease(folder, { signal, limits });
    } catch (error) {
      fail(`${folder}InRelease`, error);
      done += group.length;
      continue;
    }
    const fetcher = new PartFetcher(folder, release, { signal, limits }, await store.contents());
    for (const part of group) {
      try {
        await store.keep([{ ...part, ...(await fetcher.fetch(part)) }], now());
        updated.push(part);
      } catch (error) {
        fail(folder + folderOfPart(part, part.architecture), error);
      }
      done++;
      progress();
    }
  }
  return { updated, failures };
}

/** Parts by the folder in which their Release file lies. */
function byFolder(parts: readonly RepositoryPart[]): ReadonlyMap<string, readonly RepositoryPart[]> {
  const folders = new Map<string, RepositoryPart[]>();
  for (const part of parts) {
    const folder =
      part.component === '' ? part.uri + flatFolder(part.suite) : `${part.uri}dists/${part.suite}/`;
    const others = folders.get(folder);
    if (others === undefined) folders.set(folder, [part]);
    else others.push(part);
  }
  return folders;
}

/** The suite of a flat repository is its folder: `./`, `stable/`. */
function flatFolder(suite: string): string {
  return suite.replace(/^(?:\.?\/)+/, '');
}

function folderOfPart({ component }: RepositoryPart, architecture: string): string {
  return component === '' ? '' : `${component}/binary-${architecture}/`;
}

/** Fetches the parts that one Release file is about. */
class PartFetcher {
  /** What several parts share, such as `binary-all`, is fetched once. */
  readonly #fetched = new Map<string, readonly string[]>();

  constructor(
    private readonly folder: string,
    private readonly release: ReleaseFile,
    private readonly context: FetchContext,
    private readonly known: ReadonlyMap<string, StoredPart>,
  ) {}

  /** The names of a part: undefined where they are those that are known. A part that the repository has not is empty. */
  async fetch(part: RepositoryPart): Promise<{ sources: string; names: readonly string[] | undefined }> {
    const architectures = this.release.separateAll ? [part.architecture, 'all'] : [part.architecture];
    const folders = new Set(architectures.map((architecture) => folderOfPart(part, architecture)));
    const files = [...folders].flatMap((folder) => findPackagesFile(this.release, folder) ?? []);
    const sources = files.map(({ sha256 }) => sha256).join(' ');
    if (this.known.get(partKey(part))?.sources === sources) return { sources, names: undefined };
    const names = new Set<string>();
    for (const file of files) for (const name of await this.#namesOf(file)) names.add(name);
    return { sources, names: [...names].sort() };
  }

  async #namesOf(file: PackagesFile): Promise<readonly string[]> {
    const known = this.#fetched.get(file.sha256);
    if (known !== undefined) return known;
    const names = await fetchNames(this.folder, this.release, file, this.context);
    this.#fetched.set(file.sha256, names);
    return names;
  }
}
