import * as vscode from 'vscode';
import { BuildProblemError } from '../../build/build-problem';
import { RootfsProblemError } from '../../build/rootfs/rootfs-problem';
import { wordsOf } from '../../build/rootfs/rootfs-reader';
import type { RootfsNode, RootfsReader, RootfsType } from '../../build/rootfs/rootfs-reader';
import { openRootfs } from '../../build/rootfs/rootfs-source';
import { readLookScripts } from '../../build/rootfs/rootfs-scripts';
import type { FileSystem } from '../../pigen/files/file-system';
import { openRecordedEngine } from '../build/build-engine';
import type { RootfsFileSystem } from './late-file-system';
import type { OpenRootfsList } from './open-rootfs-list';

export interface RootfsProviderParts {
  readonly disk: FileSystem;
  readonly list: OpenRootfsList;
  readonly scriptFolder: string;
}

/** Bytes. More than this comes over the engine only to be thrown away by an editor. */
const largestFile = 64 * 1024 ** 2;
/** Milliseconds that the helper of a root file system nobody reads is kept. */
const idleTime = 10 * 60_000;

interface Opened {
  readonly reader: Promise<RootfsReader>;
  readonly stop: AbortController;
  timer: NodeJS.Timeout;
}

/** Reads root file systems on engines for the editor, which knows them as documents and folders. Rejects with a FileSystemError. */
export class RootfsProvider implements RootfsFileSystem, vscode.Disposable {
  readonly #opened = new Map<string, Opened>();

  constructor(private readonly parts: RootfsProviderParts) {}

  dispose(): void {
    for (const key of this.#opened.keys()) void this.close(key);
  }

  /** Ends what reads a root file system; it is begun anew where that is read again. Never rejects. */
  async close(key: string): Promise<void> {
    const opened = this.#opened.get(key);
    if (opened === undefined) return;
    this.#opened.delete(key);
    clearTimeout(opened.timer);
    opened.stop.abort();
    await opened.reader.then((reader) => reader.close()).catch(() => undefined);
  }

  /** What is in a folder, with where links lead. */
  async list(uri: vscode.Uri): Promise<readonly RootfsNode[]> {
    return this.#ask(uri, (reader) => reader.list(uri.path));
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const node = await this.#ask(uri, (reader) => reader.stat(uri.path));
    const { changed, bytes } = node;
    return {
      type: fileTypeOf(node),
      ctime: changed,
      mtime: changed,
      size: bytes,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return (await this.list(uri)).map((node) => [node.name, fileTypeOf(node)]);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#ask(uri, (reader) => reader.read(uri.path, largestFile));
  }

  async #ask<Result>(uri: vscode.Uri, question: (reader: RootfsReader) => Promise<Result>): Promise<Result> {
    const key = uri.authority;
    try {
      const wasOpen = this.#opened.has(key);
      const reader = await this.#reader(uri);
      try {
        return await question(reader);
      } catch (error) {
        if (!reader.isLost) throw error;
        await this.close(key);
        // The engine may have been restarted since it was asked last.
        if (!wasOpen) throw error;
        return await question(await this.#reader(uri));
      }
    } catch (error) {
      throw asFileSystemError(error, uri);
    }
  }

  #reader(uri: vscode.Uri): Promise<RootfsReader> {
    const key = uri.authority;
    const there = this.#opened.get(key);
    if (there !== undefined) {
      there.timer.refresh();
      return there.reader;
    }
    const stop = new AbortController();
    const opened: Opened = {
      stop,
      reader: this.#open(uri, stop.signal),
      timer: setTimeout(() => void this.close(key), idleTime),
    };
    this.#opened.set(key, opened);
    opened.reader.catch(() => {
      if (this.#opened.get(key) !== opened) return;
      this.#opened.delete(key);
      clearTimeout(opened.timer);
    });
    return opened.reader;
  }

  async #open(uri: vscode.Uri, signal: AbortSignal): Promise<RootfsReader> {
    const { list, disk, scriptFolder } = this.parts;
    const rootfs = list.find(uri.authority);
    if (rootfs === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    if (!vscode.workspace.isTrusted) {
      throw vscode.FileSystemError.NoPermissions(
        vscode.l10n.t('Root file systems on an engine are read in trusted folders only.'),
      );
    }
    const [engine, scripts] = await Promise.all([
      openRecordedEngine(disk, rootfs.root, rootfs.engine ?? ''),
      readLookScripts(disk, scriptFolder),
    ]);
    return openRootfs(engine, rootfs.source, scripts, signal, { treeRoot: rootfs.root });
  }
}

function fileTypeOf({ type, end }: RootfsNode): vscode.FileType {
  if (type !== 'l') return plainType(type);
  return vscode.FileType.SymbolicLink | (end === undefined ? vscode.FileType.Unknown : plainType(end));
}

function plainType(type: RootfsType): vscode.FileType {
  if (type === 'f') return vscode.FileType.File;
  return type === 'd' ? vscode.FileType.Directory : vscode.FileType.Unknown;
}

function asFileSystemError(error: unknown, uri: vscode.Uri): Error {
  if (error instanceof vscode.FileSystemError) return error;
  if (error instanceof BuildProblemError) return vscode.FileSystemError.Unavailable(wordsOf(error));
  if (!(error instanceof RootfsProblemError)) return vscode.FileSystemError.Unavailable(String(error));
  switch (error.kind) {
    case 'missing':
      return vscode.FileSystemError.FileNotFound(uri);
    case 'no-folder':
      return vscode.FileSystemError.FileNotADirectory(error.message);
    case 'folder':
      return vscode.FileSystemError.FileIsADirectory(error.message);
    default:
      return vscode.FileSystemError.Unavailable(error.message);
  }
}
