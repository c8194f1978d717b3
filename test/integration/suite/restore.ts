import { chmod, copyFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { env } from 'node:process';
import * as vscode from 'vscode';

/** Brings the workspace back to its fixture, touching only what differs, so that one test cannot spoil the next. */
export async function restore(folder: vscode.Uri): Promise<void> {
  const fixture = env['PI_GEN_STAGES_FIXTURE'];
  if (fixture === undefined) throw new Error('PI_GEN_STAGES_FIXTURE is not set.');
  await mirror(fixture, folder.fsPath);
}

/** Milliseconds in which the editor tells of a folder. */
const limit = 10_000;

/**
 * Makes a folder, and resolves once the editor's watcher has told of it: what is made in it before that, it would miss, and all
 * that happens there later.
 */
async function makeFolder(target: string): Promise<void> {
  if (await isFolder(target)) return;
  const watcher = vscode.workspace.createFileSystemWatcher('**/*');
  try {
    const told = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`The editor does not tell of ${target} within ${limit / 1000} seconds.`));
      }, limit);
      const onEvent = (uri: vscode.Uri) => {
        if (uri.fsPath !== target) return;
        clearTimeout(timer);
        resolve();
      };
      watcher.onDidCreate(onEvent);
      // Where it was taken away a moment ago, both are told as one change.
      watcher.onDidChange(onEvent);
    });
    await mkdir(target);
    await told;
  } finally {
    watcher.dispose();
  }
}

async function isFolder(target: string): Promise<boolean> {
  return stat(target).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function mirror(from: string, to: string): Promise<void> {
  await makeFolder(to);
  const entries = await readdir(from, { withFileTypes: true });
  const wanted = new Set(entries.map(({ name }) => name));
  for (const name of await readdir(to)) {
    if (!wanted.has(name)) await rm(path.join(to, name), { recursive: true });
  }
  for (const entry of entries) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) await mirror(source, target);
    else await mirrorFile(source, target);
  }
}

async function mirrorFile(from: string, to: string): Promise<void> {
  const wanted = await readFile(from);
  const now = await readFile(to).catch(() => undefined);
  if (now?.equals(wanted) !== true) await copyFile(from, to);
  const { mode } = await stat(from);
  if ((await stat(to)).mode !== mode) await chmod(to, mode);
}
