import { lstat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { makeFolder } from '../../pigen/files/make-folder';
import { joinPath } from '../../pigen/files/path';
import { PartFile } from './part-file';

export interface Artifact {
  /** Absolute, with `/`. */
  readonly file: string;
  readonly bytes: number;
  /** Of what was written, as hexadecimal digits. */
  readonly sha256: string;
  /** Whether the container's own hash of it is the same. */
  readonly verified: boolean;
}

/** What the source says of a file: it is whole, it is another, or nothing. */
export type Comparison = 'same' | 'different' | 'unknown';

/** An entry of the archive that was not written, and why. */
export interface RefusedEntry {
  readonly name: string;
  readonly reason: string;
}

export interface ExtractionResult {
  readonly artifacts: readonly Artifact[];
  readonly refused: readonly RefusedEntry[];
  /** Paths below the folder of files that did not arrive as they were sent. None of them stands in the folder. */
  readonly damaged: readonly string[];
}

export interface ExtractionOptions {
  /** Folders at the beginning of each entry's path that are left out: 1 for `deploy/…`, 0 for a lone file. */
  readonly strip: 0 | 1;
  readonly onArtifact: (artifact: Artifact) => void | Promise<void>;
  readonly signal: AbortSignal;
  /** Compares a file's hash with the source's, by its path below the folder, before it gets its name. */
  readonly compare?: (path: string, sha256: string) => Promise<Comparison>;
  /** Leaves what was written of a file where the stream breaks, so that the rest can be had later: see partPath. */
  readonly resumable?: boolean;
}

/**
 * Writes the files of a tar stream below a folder, which is made where it is missing. The archive comes from a container that ran other people's scripts, so nothing in it is
 * trusted: an entry that would leave the folder, a link, a device, and a place that a link of the local disk leads away
 * from are refused. Each file is written under a temporary name and renamed when it is whole.
 * Rejects with Node's error where the disk or the stream fails; no half-written file stays behind.
 */
export async function extractArtifacts(
  archive: Readable,
  folder: string,
  { strip, onArtifact, signal, compare, resumable = false }: ExtractionOptions,
): Promise<ExtractionResult> {
  const artifacts: Artifact[] = [];
  const refused: RefusedEntry[] = [];
  const damaged: string[] = [];
  const reader = extract();
  // Made before anything is waited for: from now on it is there to take an error of the connection.
  const entries = reader[Symbol.asyncIterator]();
  const giveUp = () => {
    archive.destroy();
    reader.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', giveUp, { once: true });
  archive.on('error', (error) => {
    reader.destroy(error);
  });
  archive.on('close', () => {
    // A connection that breaks off early ends a socket's stream without an error.
    if (!archive.readableEnded) reader.destroy(new Error('premature close'));
  });
  archive.pipe(reader);
  try {
    signal.throwIfAborted();
    await makeFolder(folder);
    let fromRoot: boolean | undefined;
    for await (const entry of { [Symbol.asyncIterator]: () => entries }) {
      fromRoot ??= isRoot(entry.header);
      const verdict = fromRoot
        ? await judge(folder, 0, { ...entry.header, name: entry.header.name.replace(/^\/+/, '') })
        : await judge(folder, strip, entry.header);
      if (verdict.kind === 'file') {
        const path = verdict.parts.join('/');
        const file = new PartFile(folder, path);
        try {
          await file.begin(entry.header.mode);
          await file.write(contentOf(entry));
          const artifact = await file.finish(compare);
          if (artifact === undefined) {
            damaged.push(path);
          } else {
            artifacts.push(artifact);
            await onArtifact(artifact);
          }
        } finally {
          await file.close(resumable);
        }
      } else if (verdict.kind === 'refused') {
        refused.push({ name: entry.header.name, reason: verdict.reason });
      }
      entry.resume();
    }
  } finally {
    signal.removeEventListener('abort', giveUp);
    archive.destroy();
  }
  return { artifacts, refused, damaged };
}

/** Podman names what lies in a volume from the volume's root on (`/`, `/build.log`), and Docker from the folder's name on. */
function isRoot({ name, type }: Header): boolean {
  return type === 'directory' && /^\/+$/.test(name);
}

/** streamx's types leave out that its streams are iterable. */
function contentOf(entry: object): AsyncIterable<Uint8Array> {
  return entry as AsyncIterable<Uint8Array>;
}

export type Verdict =
  | { readonly kind: 'file'; readonly parts: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'nothing' };

/** Whether a file of that name may be written below the folder, and where. */
export async function judge(
  folder: string,
  strip: number,
  header: Pick<Header, 'name' | 'type'>,
): Promise<Verdict> {
  const { name, type } = header;
  if (name.includes('\0') || name.includes('\\') || /^[A-Za-z]:/.test(name)) {
    return { kind: 'refused', reason: 'its name is no plain path' };
  }
  if (name.startsWith('/')) return { kind: 'refused', reason: 'its path is absolute' };
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return { kind: 'refused', reason: 'its path leads out of the folder' };
  if (type === 'directory') return { kind: 'nothing' };
  // Headers of other tars' making name neither.
  if (type !== 'file' && type !== 'contiguous-file') {
    return {
      kind: 'refused',
      reason: type === 'symlink' || type === 'link' ? 'it is a link' : 'it is no plain file',
    };
  }
  const inside = parts.slice(strip);
  if (inside.length === 0) return { kind: 'refused', reason: 'it has no name' };
  if (await leadsAway(folder, inside.slice(0, -1))) {
    return { kind: 'refused', reason: 'a link on this machine leads out of the folder there' };
  }
  return { kind: 'file', parts: inside };
}

/** Whether one of the folders on the way is something else than a folder: a link, for one. */
async function leadsAway(folder: string, parts: readonly string[]): Promise<boolean> {
  let path = folder;
  for (const part of parts) {
    path = joinPath(path, part);
    try {
      if (!(await lstat(path)).isDirectory()) return true;
    } catch {
      // Nothing there yet: it will be made as a plain folder.
      return false;
    }
  }
  return false;
}
