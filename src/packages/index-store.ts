import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { makeFolder } from '../pigen/files/make-folder';
import { partKey } from '../pigen/apt/apt-sources';
import type { RepositoryPart } from '../pigen/apt/apt-sources';
import { NameList } from './name-list';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Bytes of a file of names, unpacked: ten times those of Debian. */
const unpackedLimit = 64 * 1024 * 1024;
const contentsLimit = 16 * 1024 * 1024;

/** A part of a repository whose names are kept. */
export interface StoredPart extends RepositoryPart {
  /** Name of the file that holds them; undefined where the part has none. */
  readonly file: string | undefined;
  /** How many names. */
  readonly count: number;
  /** SHA-256 of the Packages files that they were read from, to tell whether these have changed. */
  readonly sources: string;
  /** Milliseconds since 1970. */
  readonly fetched: number;
}

/**
 * Keeps package names on disk: a table of contents, `index.json`, and one compressed file of names for each part of a
 * repository. Whatever is written becomes visible at once and whole; what is broken counts as not there.
 */
export class IndexStore {
  #contents: { readonly stamp: string; readonly parts: ReadonlyMap<string, StoredPart> } | undefined;
  readonly #lists = new Map<
    string,
    { readonly stamp: string; readonly list: Promise<NameList | undefined> }
  >();

  /** @param folder absolute; made when something is first kept */
  constructor(readonly folder: string) {}

  /** What is kept, by partKey. */
  async contents(): Promise<ReadonlyMap<string, StoredPart>> {
    const file = this.#path(contentsFile);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || found.size > contentsLimit) return new Map();
    const stamp = `${found.mtimeMs} ${found.size} ${found.ino}`;
    if (this.#contents?.stamp !== stamp) {
      const text = await readFile(file, 'utf8').catch(() => '');
      this.#contents = { stamp, parts: readContents(text) };
    }
    return this.#contents.parts;
  }

  /** The names of a part; undefined where its file is gone or broken. */
  names(part: StoredPart): Promise<NameList | undefined> {
    const key = partKey(part);
    const stamp = `${part.file ?? ''} ${part.sources} ${part.fetched}`;
    const known = this.#lists.get(key);
    if (known?.stamp === stamp) return known.list;
    const list = this.#read(part);
    this.#lists.set(key, { stamp, list });
    return list;
  }

  /**
   * Keeps parts with their names, in the place of what was kept of them before. `names` is undefined for a part that is
   * still as it was. Rejects where the folder cannot be written; no half-written file stays.
   */
  async keep(
    parts: readonly (RepositoryPart & {
      readonly sources: string;
      readonly names: readonly string[] | undefined;
    })[],
    fetched: number,
  ): Promise<void> {
    await makeFolder(this.folder);
    const before = await this.contents();
    const kept: StoredPart[] = [];
    for (const { uri, suite, component, architecture, sources, names } of parts) {
      const part = { uri, suite, component, architecture };
      const known = before.get(partKey(part));
      if (names === undefined) {
        if (known !== undefined) kept.push({ ...known, fetched });
        continue;
      }
      const file = names.length === 0 ? undefined : fileNameOf(part);
      if (file !== undefined) await this.#write(file, await compress(`${names.join('\n')}\n`));
      kept.push({ ...part, file, count: names.length, sources, fetched });
    }
    // Another window may have kept something meanwhile.
    this.#contents = undefined;
    const all = new Map(await this.contents());
    for (const part of kept) all.set(partKey(part), part);
    await this.#write(contentsFile, JSON.stringify({ version, parts: [...all.values()] }));
    this.#contents = undefined;
  }

  async #read({ file }: StoredPart): Promise<NameList | undefined> {
    if (file === undefined) return new NameList(Buffer.alloc(0));
    try {
      const bytes = await readFile(this.#path(file));
      return new NameList(await decompress(bytes, { maxOutputLength: unpackedLimit }));
    } catch {
      return undefined;
    }
  }

  async #write(name: string, content: string | Uint8Array): Promise<void> {
    const temporary = this.#path(`.${randomUUID()}.tmp`);
    try {
      await writeFile(temporary, content, { flag: 'wx' });
      await rename(temporary, this.#path(name));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #path(name: string): string {
    return path.join(this.folder, name);
  }
}

const contentsFile = 'index.json';
const version = 1;

function fileNameOf(part: RepositoryPart): string {
  return `${createHash('sha256').update(partKey(part)).digest('hex').slice(0, 32)}.gz`;
}

/** The parts of a table of contents. One of another version, or a broken one, is empty. */
function readContents(text: string): ReadonlyMap<string, StoredPart> {
  const parts = new Map<string, StoredPart>();
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return parts;
  }
  if (!isRecord(read) || read['version'] !== version || !Array.isArray(read['parts'])) return parts;
  for (const item of read['parts'] as readonly unknown[]) {
    const part = storedPart(item);
    if (part !== undefined) parts.set(partKey(part), part);
  }
  return parts;
}

function storedPart(item: unknown): StoredPart | undefined {
  if (!isRecord(item)) return undefined;
  const { uri, suite, component, architecture, file, count, sources, fetched } = item;
  if (typeof uri !== 'string' || typeof suite !== 'string' || typeof component !== 'string') return undefined;
  if (typeof architecture !== 'string' || typeof sources !== 'string') return undefined;
  if (typeof count !== 'number' || typeof fetched !== 'number') return undefined;
  if (file !== undefined && (typeof file !== 'string' || !/^[0-9a-f]{32}\.gz$/.test(file))) return undefined;
  return { uri, suite, component, architecture, file, count, sources, fetched };
}

function isRecord(value: unknown): value is Readonly<Partial<Record<string, unknown>>> {
  return typeof value === 'object' && value !== null;
}
