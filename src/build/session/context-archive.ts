import { lstat, open, readdir, readFile, readlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import type { Stats } from 'node:fs';
import dockerignore from '@balena/dockerignore';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { compareBytes } from '../../pigen/files/byte-order';
import { joinPath } from '../../pigen/files/path';
import { BuildProblemError } from '../build-problem';
import { unreadableProblem } from '../engine/engine-errors';

/** What goes into an archive: a file or folder of the disk, or a text. */
export type ArchiveEntry =
  | { readonly kind: 'disk'; readonly name: string; readonly path: string; readonly stats: Stats }
  | { readonly kind: 'text'; readonly name: string; readonly text: string; readonly mode: number }
  | { readonly kind: 'link'; readonly name: string; readonly target: string };

export interface ContextOptions {
  /** Folder that is sent, absolute with `/`. */
  readonly root: string;
  /** Paths below it that stay behind besides what .dockerignore names. */
  readonly omit: readonly string[];
  readonly platform: NodeJS.Platform;
}

/** Never sent, whatever .dockerignore says: results of builds, and what git holds besides its references. */
const neverSent = ['work', 'deploy', '.git/objects', '.git/lfs', '.git/modules', 'node_modules'];

/** Sent whatever .dockerignore says, as the docker command does: the engine reads them. */
const alwaysSent = new Set(['Dockerfile', '.dockerignore']);

/**
 * A pi-gen tree as the engine wants it for an image build: a tar stream without what .dockerignore names. It reads on
 * only as fast as it is read. Errs with a BuildProblemError that names the file which cannot be read.
 */
export function createContextArchive(options: ContextOptions): Readable {
  return archiveOf(contextEntries(options), options.platform);
}

/** Folders of the disk under names of their own, whole but for git's data. Errs as createContextArchive does. */
export function createFolderArchive(
  folders: readonly { readonly from: string; readonly name: string }[],
  platform: NodeJS.Platform,
): Readable {
  return archiveOf(folderEntries(folders), platform);
}

/** Small texts as files. Modes as in chmod, owner root. */
export function createTextArchive(
  files: readonly { readonly name: string; readonly text: string; readonly mode: number }[],
): Readable {
  const entries = files.map((file): ArchiveEntry => ({ kind: 'text', ...file }));
  return archiveOf(entries, process.platform);
}

/** Entries of any kind, of which a later one takes the place of an earlier one. Errs as createContextArchive does. */
export function createArchive(entries: AsyncIterable<ArchiveEntry>, platform: NodeJS.Platform): Readable {
  return archiveOf(entries, platform);
}

/** What createContextArchive sends, in its order. Rejects with a BuildProblemError. */
export async function* contextEntries(
  options: Pick<ContextOptions, 'root' | 'omit'>,
): AsyncGenerator<ArchiveEntry> {
  const { root, omit } = options;
  const left = new Set([...neverSent, ...omit]);
  const patterns = await ignorePatterns(root);
  const ignored = dockerignore().add([...patterns]);
  // A pattern such as !work/keep brings back what lies in an ignored folder, so those have to be entered then.
  const entersIgnored = patterns.some((pattern) => pattern.startsWith('!'));
  yield* walk(root, '', (name, folder) => {
    if (left.has(name)) return 'leave';
    if (alwaysSent.has(name) || !ignored.ignores(name)) return 'take';
    return folder && entersIgnored ? 'enter' : 'leave';
  });
}

/** What createFolderArchive sends, in its order. Rejects with a BuildProblemError. */
export async function* folderEntries(
  folders: readonly { readonly from: string; readonly name: string }[],
): AsyncGenerator<ArchiveEntry> {
  for (const { from, name } of folders) {
    yield { kind: 'text', name: `${name}/`, text: '', mode: 0o755 };
    for await (const entry of walk(from, '', (path) => (path === '.git' ? 'leave' : 'take'))) {
      yield { ...entry, name: `${name}/${entry.name}` };
    }
  }
}

type Judge = (name: string, folder: boolean) => 'take' | 'enter' | 'leave';

async function* walk(root: string, below: string, judge: Judge): AsyncGenerator<ArchiveEntry> {
  const folder = below === '' ? root : joinPath(root, below);
  const names = await reading(folder, () => readdir(folder));
  const entries = await Promise.all(
    names.sort(compareBytes).map(async (entryName) => {
      const name = below === '' ? entryName : `${below}/${entryName}`;
      const path = joinPath(root, name);
      return { name, path, stats: await reading(path, () => lstat(path)) };
    }),
  );
  for (const { name, path, stats } of entries) {
    const judgement = judge(name, stats.isDirectory());
    if (judgement === 'leave') continue;
    if (judgement === 'take') yield { kind: 'disk', name, path, stats };
    if (stats.isDirectory()) yield* walk(root, name, judge);
  }
}

/** The patterns of .dockerignore as the docker command reads them: comments and blank lines dropped. */
async function ignorePatterns(root: string): Promise<readonly string[]> {
  const path = joinPath(root, '.dockerignore');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new BuildProblemError(unreadableProblem(path, codeOf(error)), { cause: error });
  }
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function archiveOf(
  entries: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>,
  platform: NodeJS.Platform,
): Readable {
  const archive = pack();
  fill(archive, entries, platform).then(
    () => {
      archive.finalize();
    },
    (error: unknown) => {
      archive.destroy(error instanceof Error ? error : new Error(String(error)));
    },
  );
  // tar-stream's streams are streamx's, which differ from Node's in their types only.
  return archive as unknown as Readable;
}

async function fill(
  archive: Pack,
  entries: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>,
  platform: NodeJS.Platform,
): Promise<void> {
  for await (const entry of entries) {
    if (archive.destroyed) return;
    if (entry.kind === 'text') await addText(archive, entry.name, entry.text, entry.mode);
    else if (entry.kind === 'link') addLink(archive, entry.name, entry.target);
    else await addFromDisk(archive, entry.name, entry.path, entry.stats, platform);
  }
}

function addLink(archive: Pack, name: string, target: string): void {
  archive.entry({ name, type: 'symlink', linkname: target });
}

async function addText(archive: Pack, name: string, text: string, mode: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const type = name.endsWith('/') ? 'directory' : 'file';
    archive.entry({ name, mode, type }, text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function addFromDisk(
  archive: Pack,
  name: string,
  path: string,
  stats: Stats,
  platform: NodeJS.Platform,
): Promise<void> {
  const header = { name, mtime: stats.mtime };
  if (stats.isDirectory()) {
    const mode = platform === 'win32' ? 0o755 : stats.mode & 0o7777;
    archive.entry({ ...header, type: 'directory', mode });
  } else if (stats.isSymbolicLink()) {
    const linkname = (await reading(path, () => readlink(path))).replaceAll('\\', '/');
    archive.entry({ ...header, type: 'symlink', linkname, mode: 0o777 });
  } else if (stats.isFile()) {
    await addFile(archive, header, path, platform);
  }
  // Sockets, pipes and devices cannot be sent, and no build needs them.
}

async function addFile(
  archive: Pack,
  header: { readonly name: string; readonly mtime: Date },
  path: string,
  platform: NodeJS.Platform,
): Promise<void> {
  const file = await reading(path, () => open(path));
  try {
    // Of the open file, so that size and content belong together.
    const { size, mode: diskMode } = await file.stat();
    const mode = platform === 'win32' ? await modeByContent(file, path) : diskMode & 0o7777;
    const entry = archive.entry({ ...header, size, mode }) as unknown as Writable;
    if (size === 0) {
      entry.end();
      return;
    }
    await pipeline(file.createReadStream({ start: 0, end: size - 1, autoClose: false }), entry);
  } catch (error) {
    if (archive.destroyed) return;
    const reason = codeOf(error) === '' ? 'it changed while it was read' : codeOf(error);
    throw new BuildProblemError(unreadableProblem(path, reason), { cause: error });
  } finally {
    await file.close();
  }
}

/** Windows knows no execute bit: a script is told by its name or its first two bytes. */
async function modeByContent(file: Awaited<ReturnType<typeof open>>, path: string): Promise<number> {
  if (path.endsWith('.sh')) return 0o755;
  const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x23 && buffer[1] === 0x21 ? 0o755 : 0o644;
}

async function reading<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new BuildProblemError(unreadableProblem(path, codeOf(error) || String(error)), { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
