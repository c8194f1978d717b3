import { FileError } from '../files/file-system';
import type { Entry, FileSystem } from '../files/file-system';

/** Lists each folder once, however often it is asked for, and no more than `limit` of them. */
export class FolderReader {
  #full = false;
  readonly #listings = new Map<string, Promise<readonly Entry[] | FileError>>();

  constructor(
    readonly fs: FileSystem,
    private readonly limit = 50_000,
  ) {}

  /** Whether folders were left unread because of the limit. */
  get full(): boolean {
    return this.#full;
  }

  /** The entries of a folder; none where it cannot be read, or where too many were read already. */
  async entries(path: string): Promise<readonly Entry[]> {
    const found = await this.list(path);
    return found instanceof FileError ? [] : found;
  }

  /** As `entries`, with the error where it cannot be read. */
  list(path: string): Promise<readonly Entry[] | FileError> {
    const known = this.#listings.get(path);
    if (known !== undefined) return known;
    if (this.#listings.size >= this.limit) {
      this.#full = true;
      return Promise.resolve([]);
    }
    const listing = this.fs.readFolder(path).catch((error: unknown) => {
      if (error instanceof FileError) return error;
      throw error;
    });
    this.#listings.set(path, listing);
    return listing;
  }
}
