import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../pigen/files/make-folder';
import { Fingerprints } from '../build/stage-loop/fingerprint';
import type { KnownContent } from '../build/stage-loop/fingerprint';
import { cacheFolder } from './code-cache';
import type { Terminal } from './terminal';

type Row = readonly [path: string, stamp: string, hash: string];

/** Keeps the hashes of a tree's files between two runs, in a folder that only its user may write. Never rejects: it saves only time. */
export class FingerprintStore {
  readonly #folder: string | undefined;

  constructor({ environment }: Pick<Terminal, 'environment'>) {
    this.#folder = cacheFolder(environment, process.platform);
  }

  async read(treeRoot: string): Promise<Fingerprints> {
    const file = this.#fileOf(treeRoot);
    const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
    return new Fingerprints(rowsOf(text).map(([name, stamp, hash]) => [name, { stamp, hash }] as const));
  }

  async write(treeRoot: string, fingerprints: Fingerprints): Promise<void> {
    const file = this.#fileOf(treeRoot);
    const news = fingerprints.news();
    if (file === undefined || news === undefined) return;
    const temporary = `${file}.${randomBytes(4).toString('hex')}`;
    try {
      await makeFolder(path.dirname(file), 0o700);
      await writeFile(temporary, textOf(news), { mode: 0o600 });
      await rename(temporary, file);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  #fileOf(treeRoot: string): string | undefined {
    const name = createHash('sha256').update(treeRoot).digest('hex').slice(0, 12);
    return this.#folder === undefined ? undefined : path.join(this.#folder, `fingerprints-${name}.json`);
  }
}

function textOf(known: ReadonlyMap<string, KnownContent>): string {
  return JSON.stringify([...known].map(([name, { stamp, hash }]): Row => [name, stamp, hash]));
}

/** What was not written here counts as nothing. */
function rowsOf(text: string): readonly Row[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isRow) : [];
  } catch {
    return [];
  }
}

function isRow(value: unknown): value is Row {
  return Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === 'string');
}
