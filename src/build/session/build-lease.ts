import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { makeFolder } from '../../pigen/files/make-folder';
import { baseName, folderOf, joinPath } from '../../pigen/files/path';

/** Milliseconds between two signs of life of an owner. */
const beatInterval = 2000;
/** So many looks without a sign of life between them, a second apart at least, and an owner counts as dead. */
const patience = 10;
const lookInterval = 1000;

interface Holder {
  readonly generation: number;
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  readonly beat: number;
}

/** The right to write a log file and to collect what its build makes. One process has it at a time. */
export class BuildLease {
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly path: string) {
    this.#timer = setInterval(() => {
      const now = new Date();
      // Taken away, or the folder is gone: then there is nothing to give signs of.
      utimes(path, now, now).catch(() => undefined);
    }, beatInterval);
    this.#timer.unref();
  }

  /** Never rejects. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await rm(this.path, { force: true }).catch(() => undefined);
  }
}

/**
 * Seeks to become the owner of a log file. Owners are numbered: the file of the next number is made so that only one
 * process can, whoever else tries at the same moment. An owner that was killed is told by its process number, and where
 * that says nothing (another name space, a number that was given again) by its lack of signs of life over several tries.
 */
export class LeaseSeeker {
  #last: Holder | undefined;
  #looks = 0;
  #looked = 0;

  /** @param logFile absolute; its folder is made where it is missing */
  constructor(private readonly logFile: string) {}

  /** Undefined: somebody else is the owner. Rejects with Node's error where the folder cannot be written to. */
  async try(): Promise<BuildLease | undefined> {
    await makeFolder(folderOf(this.logFile));
    const holder = await this.#holder();
    if (holder !== undefined && !this.#isDead(holder)) return undefined;
    const path = this.#pathOf((holder?.generation ?? 0) + 1);
    const content = { token: randomBytes(8).toString('hex'), pid: process.pid, host: os.hostname() };
    try {
      await writeFile(path, JSON.stringify(content), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
      // On a full disk the file is made, and stays empty: nobody could tell later that its owner is gone.
      if (error instanceof Error && 'syscall' in error && error.syscall === 'write')
        await rm(path, { force: true });
      throw error;
    }
    if (holder !== undefined) await rm(this.#pathOf(holder.generation), { force: true });
    return new BuildLease(path);
  }

  get #prefix(): string {
    return `.${baseName(this.logFile)}.owner-`;
  }

  #pathOf(generation: number): string {
    return joinPath(folderOf(this.logFile), `${this.#prefix}${generation}`);
  }

  async #holder(): Promise<Holder | undefined> {
    const names = await readdir(folderOf(this.logFile));
    const generations = names
      .filter((name) => name.startsWith(this.#prefix))
      .map((name) => Number(name.slice(this.#prefix.length)))
      .filter((number) => Number.isSafeInteger(number));
    if (generations.length === 0) return undefined;
    const generation = Math.max(...generations);
    const path = this.#pathOf(generation);
    try {
      const beat = (await stat(path)).mtimeMs;
      return { ...contentOf(await readFile(path, 'utf8')), generation, beat };
    } catch {
      // Released just now.
      return undefined;
    }
  }

  #isDead(holder: Holder): boolean {
    if (holder.host === os.hostname() && holder.pid > 0 && !processExists(holder.pid)) return true;
    const now = performance.now();
    const last = this.#last;
    if (last?.token !== holder.token || last.beat !== holder.beat) {
      this.#last = holder;
      this.#looks = 0;
      this.#looked = now;
    } else if (now - this.#looked >= lookInterval) {
      this.#looks++;
      this.#looked = now;
    }
    return this.#looks >= patience;
  }
}

/** An owner's file that is half written says nothing yet. */
function contentOf(text: string): Pick<Holder, 'token' | 'pid' | 'host'> {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const { token, pid, host } = value;
    if (typeof token === 'string' && typeof pid === 'number' && typeof host === 'string') {
      return { token, pid, host };
    }
  } catch {
    // As without a token.
  }
  return { token: '', pid: 0, host: '' };
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is somebody else's, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
