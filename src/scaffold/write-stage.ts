import { stat, writeFile } from 'node:fs/promises';
import { makeFolder } from '../pigen/files/make-folder';
import { folderOf, joinPath } from '../pigen/files/path';
import type { NewFile } from './stage-template';

/** What writing a stage needs of a disk. Paths are absolute, with `/`. */
export interface StageWriter {
  exists(path: string): Promise<boolean>;
  /** Makes a file and the folders above it; rejects where the file exists. */
  create(path: string, text: string, executable: boolean): Promise<void>;
}

export type WriteResult =
  | { readonly kind: 'written'; readonly paths: readonly string[] }
  /** Nothing was written. */
  | { readonly kind: 'exists'; readonly path: string };

/**
 * Writes the files of a new stage (newStage) or sub-stage below `folder`. Writes nothing where any of them exists.
 * Rejects with what the writer rejects with; files made until then stay.
 */
export async function writeStage(
  writer: StageWriter,
  folder: string,
  files: readonly NewFile[],
): Promise<WriteResult> {
  const targets = files.map((file) => ({ file, path: joinPath(folder, file.path) }));
  for (const { path } of targets) {
    if (await writer.exists(path)) return { kind: 'exists', path };
  }
  for (const { file, path } of targets) await writer.create(path, file.text, file.executable);
  return { kind: 'written', paths: targets.map(({ path }) => path) };
}

/** The local disk. */
export class NodeStageWriter implements StageWriter {
  async exists(path: string): Promise<boolean> {
    try {
      await stat(path);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  async create(path: string, text: string, executable: boolean): Promise<void> {
    await makeFolder(folderOf(path));
    await writeFile(path, text, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  }
}
