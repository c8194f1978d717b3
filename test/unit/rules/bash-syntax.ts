import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of a folder by number: one process of bash a script, but only one that starts them. */
const runner =
  'for ((n = 0; n < $1; n++)); do bash -n "$2/$n.sh" 2> /dev/null && echo "$n"; done > "$2/accepted"';

/** Which of the texts bash takes for a script that it can run, as `bash -n` tells: the same index, true or false. */
export async function acceptedByBash(texts: readonly string[]): Promise<readonly boolean[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-syntax-'));
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all(texts.map((text, n) => writeFile(path.join(folder, `${n}.sh`), text)));
    await run('bash', ['--norc', '-c', `${runner}; :`, 'bash', String(texts.length), folder]);
    const accepted = new Set((await readFile(path.join(folder, 'accepted'), 'utf8')).split('\n'));
    return texts.map((_, n) => accepted.has(String(n)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
