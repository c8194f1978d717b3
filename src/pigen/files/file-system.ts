export type EntryKind = 'file' | 'folder' | 'other';

export interface Entry {
  readonly name: string;
  /** Of what a symbolic link points at; a broken or looping link is `other`. */
  readonly kind: EntryKind;
  readonly symbolicLink: boolean;
}

export interface FileStat {
  readonly kind: EntryKind;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Whether any execute bit is set on disk; undefined where the platform has none (Windows). */
  readonly executable: boolean | undefined;
}

export type FileErrorReason = 'not-found' | 'no-permission' | 'is-folder' | 'too-large' | 'unreadable';

/** What every method of a FileSystem rejects with, and nothing else. */
export class FileError extends Error {
  constructor(
    readonly reason: FileErrorReason,
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${reason}`, options);
    this.name = 'FileError';
  }
}

/**
 * The few things that the core asks of a file system. Paths are absolute, with `/` on every platform.
 * The editor's implementation shows open, unsaved documents; the CLI's shows what is on disk.
 */
export interface FileSystem {
  /** Rejects with a FileError: `too-large` above `limit` bytes. */
  readFile(path: string, limit?: number): Promise<Uint8Array>;
  /** Entries sorted by name in byte order, which is how bash sorts a glob in pi-gen's C locale. Rejects with a FileError. */
  readFolder(path: string): Promise<readonly Entry[]>;
  /** Undefined where nothing is at that path (or a link leads nowhere). Follows links. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Where a path leads when every link on its way is followed, as realpath(1) tells it; undefined where `stat` says so. */
  realPath(path: string): Promise<string | undefined>;
}
