import { readdir, rm, stat } from 'node:fs/promises';
import { joinPath } from '../../pigen/files/path';
import { judge } from './artifacts';
import type { Artifact, RefusedEntry } from './artifacts';
import { lostOutput } from '../output/container-output';
import type { Engine } from '../engine/engine';
import { readTail } from '../afterwards/manifest';
import type { ManifestEntry } from '../afterwards/manifest';
import { PartFile, hashOfFile, isPartName } from './part-file';

/** Times that a file is copied anew when it does not arrive as it was sent. */
const triesOfDamaged = 2;

export interface ResumeOptions {
  readonly container: string;
  /** Of the results, in the container. */
  readonly results: string;
  /** Where they go. */
  readonly folder: string;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly onArtifact: (artifact: Artifact) => Promise<void>;
}

export interface ResumeResult {
  readonly refused: readonly RefusedEntry[];
  /** Paths below the folder: they did not arrive as they were sent, however often they were copied. */
  readonly damaged: readonly string[];
}

/** Whether an earlier copy into the folder was interrupted in the middle of a file. */
export async function wasInterrupted(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder, { recursive: true })).some((name) =>
      isPartName(name.split(/[/\\]/).at(-1) ?? ''),
    );
  } catch {
    return false;
  }
}

/**
 * Copies the results that are not here yet: a file that is here whole is left as it is, one of which a part is here is gone
 * on with. Rejects with a BuildProblemError, or with what `signal` was aborted with; what has arrived until then stays.
 */
export async function resumeCopy(
  entries: Iterable<ManifestEntry>,
  options: ResumeOptions,
): Promise<ResumeResult> {
  const refused: RefusedEntry[] = [];
  const damaged: string[] = [];
  for (const entry of entries) {
    const verdict = await judge(options.folder, 0, { name: entry.path, type: 'file' });
    if (verdict.kind !== 'file') {
      refused.push({
        name: entry.path,
        reason: verdict.kind === 'refused' ? verdict.reason : 'it has no name',
      });
      continue;
    }
    const artifact = (await alreadyHere(entry, options.folder)) ?? (await copied(entry, options));
    if (artifact === undefined) damaged.push(entry.path);
    else await options.onArtifact(artifact);
  }
  return { refused, damaged };
}

async function alreadyHere(entry: ManifestEntry, folder: string): Promise<Artifact | undefined> {
  const file = joinPath(folder, entry.path);
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : -1),
    () => -1,
  );
  if (size !== entry.bytes || (await hashOfFile(file)) !== entry.sha256) return undefined;
  return { file, bytes: entry.bytes, sha256: entry.sha256, verified: true };
}

async function copied(entry: ManifestEntry, options: ResumeOptions): Promise<Artifact | undefined> {
  for (let attempt = 0; attempt <= triesOfDamaged; attempt++) {
    const artifact = await copyRest(entry, options);
    if (artifact !== undefined) return artifact;
  }
  return undefined;
}

async function copyRest(entry: ManifestEntry, options: ResumeOptions): Promise<Artifact | undefined> {
  const { container, results, folder, engine, signal } = options;
  const file = new PartFile(folder, entry.path);
  try {
    const there = await file.resume(entry.mode);
    if (there < entry.bytes) {
      const rest = await readTail(engine, container, joinPath(results, entry.path), there, signal);
      try {
        if (rest !== undefined) await file.write(rest.content);
        // A connection that breaks off can look like the file's end.
        if (file.bytes < entry.bytes) throw lostOutput(engine, 'copy-out');
      } finally {
        await rest?.close();
      }
    }
    return await file.finish((_path, sha256) =>
      Promise.resolve(sha256 === entry.sha256 ? 'same' : 'different'),
    );
  } finally {
    await file.close(true);
  }
}

/** Takes away what is left of interrupted copies, once they have no use any more. */
export async function removeParts(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names) {
    if (isPartName(name.split(/[/\\]/).at(-1) ?? ''))
      await rm(joinPath(folder, name.replaceAll('\\', '/')), { force: true });
  }
}
