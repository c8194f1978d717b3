import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const trees = path.join(import.meta.dirname, '../../fixtures/trees');

/** A folder outside of any repository, so that nothing above it takes part. */
export class TemporaryFolder {
  private constructor(readonly path: string) {}

  static async create(): Promise<TemporaryFolder> {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'pigen-')));
    return new TemporaryFolder(folder.replaceAll('\\', '/'));
  }

  /** Copies one of test/fixtures/trees/, modes and all; its path. */
  async copyTree(name: string, as = name): Promise<string> {
    await cp(path.join(trees, name), path.join(this.path, as), {
      recursive: true,
      verbatimSymlinks: true,
    });
    return `${this.path}/${as}`;
  }

  async write(name: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
    const file = `${this.path}/${name}`;
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content, { mode });
    return file;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
