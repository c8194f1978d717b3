import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { joinPath } from '../pigen/path';

export interface Artifact {
  /** Absolute, with `/`. */
  readonly file: string;
  readonly bytes: number;
}

/** An entry of the archive that was not written, and why. */
export interface RefusedEntry {
  readonly name: string;
  readonly reason: string;
}

export interface ExtractionResult {
  readonly artifacts: readonly Artifact[];
  readonly refused: readonly RefusedEntry[];
}

export interface ExtractionOptions {
  /** Folders at the beginning of each entry's path that are left out: 1 for `deploy/…`, 0 for a lone file. */
  readonly strip: 0 | 1;
  readonly onArtifact: (artifact: Artifact) => void | Promise<void>;
  readonly signal: AbortSignal;
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
  { strip, onArtifact, signal }: ExtractionOptions,
): Promise<ExtractionResult> {
  const artifacts: Artifact[] = [];
  const refused: RefusedEntry[] = [];
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
    await mkdir(folder, { recursive: true });
    for await (const entry of { [Symbol.asyncIterator]: () => entries }) {
      const verdict = await judge(folder, strip, entry.header);
      if (verdict.kind === 'file') {
        const bytes = await writeFile(folder, verdict.parts, contentOf(entry), entry.header.mode);
        const artifact = { file: joinPath(folder, verdict.parts.join('/')), bytes };
        artifacts.push(artifact);
        await onArtifact(artifact);
      } else if (verdict.kind === 'refused') {
        refused.push({ name: entry.header.name, reason: verdict.reason });
      }
      entry.resume();
    }
  } finally {
    signal.removeEventListener('abort', giveUp);
    archive.destroy();
  }
  return { artifacts, refused };
}

/** streamx's types leave out that its streams are iterable. */
function contentOf(entry: object): AsyncIterable<Uint8Array> {
  return entry as AsyncIterable<Uint8Array>;
}

type Verdict =
  | { readonly kind: 'file'; readonly parts: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'nothing' };

async function judge(folder: string, strip: number, header: Header): Promise<Verdict> {
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

async function writeFile(
  folder: string,
  parts: readonly string[],
  content: AsyncIterable<Uint8Array>,
  mode: number,
): Promise<number> {
  const target = joinPath(folder, parts.join('/'));
  const parent = joinPath(folder, parts.slice(0, -1).join('/'));
  await mkdir(parent, { recursive: true });
  const temporary = joinPath(parent, `.pigen-${randomBytes(6).toString('hex')}.part`);
  // `wx` follows no link and overwrites nothing. The owner can always read and write the result.
  const file = await open(temporary, 'wx', (mode & 0o755) | 0o600);
  try {
    const bytes = await writeAll(file, content).finally(() => file.close());
    await rename(temporary, target);
    return bytes;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAll(file: FileHandle, content: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of content) {
    let at = 0;
    while (at < chunk.length) at += (await file.write(chunk, at)).bytesWritten;
    bytes += chunk.length;
  }
  return bytes;
}
