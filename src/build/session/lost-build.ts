import { open } from 'node:fs/promises';
import type { BuildProblem } from '../build-problem';
import { writeRecord } from './build-record';
import type { BuildRecord } from './build-record';

/** Bytes of a log's end that are looked at for its last words. */
const tailLength = 4096;

/**
 * What became of a build whose record was never closed and whose container is not there: it ended with the process that
 * prepared it, or its container was removed. Closes the record, so that it is told once.
 */
export async function reportLostBuild(logFile: string, record: BuildRecord): Promise<BuildProblem> {
  const end = { outcome: 'failed', exitCode: null, artifacts: [] } as const;
  await writeRecord(logFile, { ...record, end }).catch(() => undefined);
  const words = await lastLine(logFile);
  const last = words === undefined ? '' : ` Its last line: ${words}`;
  return record.position === undefined
    ? {
        kind: 'never-started',
        message: `The last build of ${record.treeRoot} ended while its container was still being prepared, because its window or terminal went away.${last}`,
        wayOut: 'Build again: what was made of the image is kept by the engine.',
      }
    : {
        kind: 'container-gone',
        message: `The last build of ${record.treeRoot} is gone: its container was removed while nobody followed it.${last}`,
        wayOut: `Build again. The log up to there is ${logFile}.`,
      };
}

async function lastLine(path: string): Promise<string | undefined> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(tailLength),
        position: Math.max(0, size - tailLength),
      });
      const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
      return lines.findLast((line) => line.trim() !== '');
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
