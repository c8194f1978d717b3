import { chmod, copyFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { env } from 'node:process';
import type * as vscode from 'vscode';

/** Brings the workspace back to its fixture, touching only what differs, so that one test cannot spoil the next. */
export async function restore(folder: vscode.Uri): Promise<void> {
  const fixture = env['PI_GEN_STAGES_FIXTURE'];
  if (fixture === undefined) throw new Error('PI_GEN_STAGES_FIXTURE is not set.');
  await mirror(fixture, folder.fsPath);
}

async function mirror(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
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
