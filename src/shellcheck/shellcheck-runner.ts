import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { ShellCheckBinary } from './find-shellcheck';
import { runProcess } from './run-process';
import { readShellCheckOutput } from './shellcheck-output';
import type { ShellCheckComment } from './shellcheck-output';

/** A text to be read, with the settings file that goes for it. */
export interface ShellCheckSource {
  readonly text: string;
  /** Text of the .shellcheckrc; empty where there is none. */
  readonly settings: string;
}

export interface RunnerOptions {
  /** Milliseconds that one process may take. */
  readonly timeout?: number;
  /** Told, in a sentence, where a text could not be checked. */
  readonly onTrouble?: (message: string) => void;
}

/** So many files share a process: its start costs about as much as one of them, and a kill loses few. */
const filesPerProcess = 32;

/** Milliseconds; 32 files of a usual size take two seconds. */
const defaultTimeout = 10_000;

/** Bytes. */
const outputLimit = 32 * 1024 * 1024;

/** Texts whose comments are kept: several times the programs of a large tree. */
const cacheSize = 4096;

/**
 * Runs ShellCheck over many texts: few processes, no more at a time than leave a core to others, no text twice. Its files lie
 * in a folder of their own for as long as a process runs.
 */
export class ShellCheckRunner {
  /** The least recently used first. */
  readonly #cache = new Map<string, readonly ShellCheckComment[]>();
  readonly #waiting: (() => void)[] = [];
  readonly #timeout: number;
  readonly #onTrouble: (message: string) => void;
  #free = Math.max(1, availableParallelism() - 1);
  #swept: Promise<void> | undefined;

  constructor({ timeout = defaultTimeout, onTrouble = () => undefined }: RunnerOptions = {}) {
    this.#timeout = timeout;
    this.#onTrouble = onTrouble;
  }

  /**
   * What ShellCheck says of each text, in their order; nothing of a text that it cannot cope with, of which `onTrouble` is told
   * once. Rejects with the signal's reason when aborted, which kills what runs; and with an Error where ShellCheck cannot be
   * started. What was done until then is kept for the next call.
   */
  async check(
    binary: ShellCheckBinary,
    sources: readonly ShellCheckSource[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly ShellCheckComment[])[]> {
    const keys = sources.map((source) => keyOf(binary, source));
    const results = new Map<string, readonly ShellCheckComment[]>();
    const missing = new Map<string, ShellCheckSource>();
    for (const [index, source] of sources.entries()) {
      const key = keys[index] ?? '';
      const known = this.#recall(key);
      if (known === undefined) missing.set(key, source);
      else results.set(key, known);
    }
    const parts = inParts([...missing], filesPerProcess);
    const keep = (key: string, comments: readonly ShellCheckComment[]): void => {
      results.set(key, comments);
      this.#remember(key, comments);
    };
    await Promise.all(
      parts.map((part) => this.#inTurn(() => this.#checkPart(binary, part, keep, signal), signal)),
    );
    return keys.map((key) => results.get(key) ?? []);
  }

  #recall(key: string): readonly ShellCheckComment[] | undefined {
    const known = this.#cache.get(key);
    if (known !== undefined) this.#remember(key, known);
    return known;
  }

  #remember(key: string, comments: readonly ShellCheckComment[]): void {
    this.#cache.delete(key);
    this.#cache.set(key, comments);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= cacheSize) break;
      this.#cache.delete(oldest);
    }
  }

  async #inTurn<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    // Who ends hands the place over.
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  async #checkPart(
    binary: ShellCheckBinary,
    part: readonly (readonly [key: string, ShellCheckSource])[],
    keep: (key: string, comments: readonly ShellCheckComment[]) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const output = await this.#run(
      binary,
      part.map(([, source]) => source),
      signal,
    );
    if (typeof output !== 'string') {
      for (const [index, [key]] of part.entries()) keep(key, output[index] ?? []);
      return;
    }
    if (part.length === 1) {
      // Kept as well: it would fail again at each key press.
      for (const [key] of part) keep(key, []);
      this.#onTrouble(`ShellCheck ${binary.version} ${output}, so a script is not checked by it.`);
      return;
    }
    // One of them is to blame; the others have not deserved it.
    const middle = Math.ceil(part.length / 2);
    await this.#checkPart(binary, part.slice(0, middle), keep, signal);
    await this.#checkPart(binary, part.slice(middle), keep, signal);
  }

  /** What one process says of some texts, in their order; else what became of it. */
  async #run(
    { path: program }: ShellCheckBinary,
    sources: readonly ShellCheckSource[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly ShellCheckComment[])[] | string> {
    await (this.#swept ??= removeLeftovers());
    const folder = await mkdtemp(path.join(tmpdir(), `${folderPrefix}${process.pid}-`));
    try {
      const names = await writeSources(folder, sources);
      const ended = await runProcess(program, ['--format=json1', '--', ...names], {
        ...{ signal, cwd: folder, timeout: this.#timeout, outputLimit },
        env: readsUtf8(process.env),
      });
      signal?.throwIfAborted();
      if (ended.kind === 'not-started')
        throw new Error(`ShellCheck at ${program} cannot be run: ${ended.reason}`);
      if (ended.kind === 'killed') return whyKilled[ended.reason];
      // 1: it has something to say.
      if (ended.code > 1) return `failed (${firstLine(ended.err) || `exit code ${ended.code}`})`;
      try {
        const comments = readShellCheckOutput(ended.out);
        return names.map((name) => comments.get(name) ?? []);
      } catch (error) {
        return `wrote what cannot be read (${error instanceof Error ? error.message : String(error)})`;
      }
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

const whyKilled = {
  aborted: 'was stopped',
  timeout: 'took too long',
  output: 'had too much to say',
  signal: 'crashed',
} as const;

const folderPrefix = 'pigen-shellcheck-';

/** Folders of processes that were killed before they could clean up. */
async function removeLeftovers(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const owner = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    // Another user's stays: it cannot be removed.
    await rm(path.join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * One folder for each settings file, since ShellCheck looks for it from the script's folder upwards; an empty one keeps it
 * from those of the folders above. Answers the names of the files.
 */
async function writeSources(
  folder: string,
  sources: readonly ShellCheckSource[],
): Promise<readonly string[]> {
  const groups = new Map<string, string>();
  for (const { settings } of sources) {
    if (groups.has(settings)) continue;
    const group = String(groups.size);
    groups.set(settings, group);
    await mkdir(path.join(folder, group));
    await writeFile(path.join(folder, group, '.shellcheckrc'), settings);
  }
  return Promise.all(
    sources.map(async ({ text, settings }, index) => {
      const name = `${groups.get(settings) ?? '0'}/${index}`;
      await writeFile(path.join(folder, name), text);
      return name;
    }),
  );
}

/** Where the locale is C, Haskell's programs may write in ASCII only. */
function readsUtf8(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return process.platform === 'linux' ? { ...environment, LC_ALL: 'C.UTF-8' } : environment;
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}

function keyOf({ path: program, version }: ShellCheckBinary, { text, settings }: ShellCheckSource): string {
  return createHash('sha1')
    .update(JSON.stringify([program, version, settings, text]))
    .digest('base64');
}

function inParts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size),
  );
}
