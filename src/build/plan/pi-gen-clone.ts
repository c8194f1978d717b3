import { createHash, randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../pigen/files/make-folder';
import type { BuildProblem } from '../build-problem';
import { BuildProblemError } from '../build-problem';
import { runGit } from './run-git';

/** A pi-gen to clone: where from, and which branch or tag. */
export interface CloneSource {
  readonly url: string;
  /** A branch or a tag; a commit's hash cannot be cloned by, as little as pi-gen-action can. */
  readonly version: string;
}

/** A clone that is there. */
export interface PiGenClone extends CloneSource {
  /** Absolute, with `/`. */
  readonly folder: string;
  /** The commit that it stands on. */
  readonly commit: string;
  /** When it was fetched last: ISO 8601, in UTC. */
  readonly fetched: string;
}

export type CloneSourceResult =
  | { readonly ok: true; readonly source: CloneSource }
  | { readonly ok: false; readonly problem: BuildProblem };

/**
 * Reads where to clone from: `owner/name` on GitHub, or an https, ssh or file URL. What git could take for an option or for
 * a program to run is refused, as is a URL with a password in it.
 */
export function cloneSource(repository: string, version: string): CloneSourceResult {
  const url = /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(repository)
    ? `https://github.com/${repository}`
    : repository;
  const complaint = urlComplaint(url) ?? versionComplaint(version);
  return complaint === undefined
    ? { ok: true, source: { url, version } }
    : {
        ok: false,
        problem: {
          kind: 'bad-plan',
          message: `pi-gen cannot be cloned from there: ${complaint}.`,
          wayOut:
            'Write the repository as OWNER/NAME or as a URL that begins with https://, ssh:// or file://, and the version as the name of a branch or a tag.',
        },
      };
}

function urlComplaint(url: string): string | undefined {
  if (!/^(?:https|ssh|file):\/\//.test(url) || !URL.canParse(url)) {
    return `"${url.replace(/\/\/[^/@]*@/, '//…@')}" is no such URL`;
  }
  const { protocol, hostname, password, username } = new URL(url);
  if (password !== '')
    return "its URL holds a password, which would be kept; leave that to git's credential helper";
  if (protocol !== 'file:' && !/^(?:[\w][\w.-]*|\[[\da-f:.]+\])$/i.test(hostname))
    return 'its URL names no host';
  if (username.startsWith('-')) return 'its user begins with a dash';
  return /[\s\0]/.test(url) ? 'its URL has a space in it' : undefined;
}

/** What git-check-ref-format allows, but for a few characters that nobody puts into the name of a version. */
function versionComplaint(version: string): string | undefined {
  const plain = /^[\w][\w./+-]*$/.test(version);
  return plain && !/\.\.|\/\/|\.lock$|[/.]$/.test(version)
    ? undefined
    : `"${version}" is no name of a branch or a tag`;
}

/** The clones of pi-gen that are kept in one folder. Every method rejects with a BuildProblemError, or with the signal's reason. */
export class CloneStore {
  /** @param folder absolute; made when it is needed */
  constructor(private readonly folder: string) {}

  /** Where a clone of it is, or would be. */
  folderOf(source: CloneSource): string {
    return path.join(this.folder, nameOf(source)).replaceAll('\\', '/');
  }

  /** Undefined where it was not cloned yet. */
  async find(source: CloneSource): Promise<PiGenClone | undefined> {
    return this.#read(nameOf(source));
  }

  async list(): Promise<readonly PiGenClone[]> {
    const names = await readdir(this.folder).catch(() => []);
    const clones = await Promise.all(
      names.filter((name) => !name.endsWith('.json')).map((name) => this.#read(name)),
    );
    return clones.filter((clone) => clone !== undefined);
  }

  /** Clones the newest commit of the version. What was begun and given up does not stay behind. */
  async clone(source: CloneSource, signal: AbortSignal): Promise<PiGenClone> {
    const name = nameOf(source);
    const part = path.join(this.folder, `.${name}-${randomBytes(4).toString('hex')}`);
    try {
      await makeFolder(this.folder);
      const references = await this.#references(source, this.folder, signal);
      await this.#git(
        [
          ...['clone', '--quiet', '--depth', '1', '--single-branch', '--branch', source.version],
          // As pi-gen has them, whatever this machine does to files of its own: the build runs them on Linux.
          ...['--config', 'core.autocrlf=false', '--config', 'core.eol=lf'],
          ...['--', source.url, part],
        ],
        this.folder,
        source,
        signal,
      );
      // Where there are both, `git clone --branch` has taken the branch.
      if (references.length > 1) await this.#moveTo(references[0], part, source, signal);
      await rm(path.join(this.folder, name), { recursive: true, force: true });
      await rename(part, path.join(this.folder, name));
      return await this.#note(source, signal);
    } catch (error) {
      throw error instanceof BuildProblemError || signal.aborted ? error : localFault(error, this.folder);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  }

  /** Fetches what the branch or tag stands on now. The clone stays as it was where that fails. */
  async update(source: CloneSource, signal: AbortSignal): Promise<PiGenClone> {
    const folder = path.join(this.folder, nameOf(source));
    const [reference] = await this.#references(source, folder, signal);
    await this.#moveTo(reference, folder, source, signal);
    return this.#note(source, signal);
  }

  /** What the version names, in full, what counts first: a tag before a branch, as in pi-gen-action's src/git.ts. */
  async #references(
    source: CloneSource,
    folder: string,
    signal: AbortSignal,
  ): Promise<readonly [string, ...string[]]> {
    const names = [`refs/tags/${source.version}`, `refs/heads/${source.version}`];
    const told = await this.#git(
      ['ls-remote', '--quiet', '--', source.url, ...names],
      folder,
      source,
      signal,
    );
    // git takes the names for ends of names.
    const there = new Set(told.split('\n').map((line) => line.split('\t')[1]));
    const [first, ...rest] = names.filter((name) => there.has(name));
    if (first !== undefined) return [first, ...rest];
    throw new BuildProblemError(unfetchable(source, 'no branch and no tag of that name was found there'));
  }

  async #moveTo(reference: string, folder: string, source: CloneSource, signal: AbortSignal): Promise<void> {
    const fetching = ['fetch', '--quiet', '--depth', '1', '--', source.url, reference];
    await this.#git(fetching, folder, source, signal);
    await this.#git(['reset', '--quiet', '--hard', 'FETCH_HEAD'], folder, source, signal);
  }

  async remove(clone: CloneSource): Promise<void> {
    const folder = path.join(this.folder, nameOf(clone));
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}.json`, { force: true });
  }

  async #note(source: CloneSource, signal: AbortSignal): Promise<PiGenClone> {
    const folder = this.folderOf(source);
    const commit = (await this.#git(['rev-parse', 'HEAD'], folder, source, signal)).trim();
    const clone = { ...source, commit, fetched: new Date().toISOString() };
    await writeFile(`${folder}.json`, `${JSON.stringify(clone)}\n`);
    return { ...clone, folder };
  }

  /** A clone counts as there when both its folder and the note that it is whole are. */
  async #read(name: string): Promise<PiGenClone | undefined> {
    const folder = path.join(this.folder, name).replaceAll('\\', '/');
    try {
      const note: unknown = JSON.parse(await readFile(`${folder}.json`, 'utf8'));
      if (!isNote(note) || nameOf(note) !== name || !(await lstat(folder)).isDirectory()) return undefined;
      const { url, version, commit, fetched } = note;
      return { url, version, commit, fetched, folder };
    } catch {
      return undefined;
    }
  }

  async #git(
    words: readonly string[],
    folder: string,
    source: CloneSource,
    signal: AbortSignal,
  ): Promise<string> {
    const result = await runGit(words, folder, signal);
    if (result.ok) return result.output;
    throw new BuildProblemError(
      result.missing
        ? {
            kind: 'bad-plan',
            message: 'There is no git on this machine, so pi-gen cannot be cloned.',
            wayOut: 'Install git, or name a folder that holds pi-gen: setting `pi-gen.path`, or `--tree`.',
          }
        : unfetchable(source, result.reason),
    );
  }
}

function unfetchable({ url, version }: CloneSource, reason: string): BuildProblem {
  return {
    kind: 'bad-plan',
    message: `pi-gen cannot be fetched from ${url} at ${version}: ${reason}.`,
    wayOut:
      'See that the repository can be reached and has a branch or a tag of that name (a commit cannot be named).',
  };
}

function isNote(note: unknown): note is Omit<PiGenClone, 'folder'> {
  const keys = ['url', 'version', 'commit', 'fetched'];
  return (
    typeof note === 'object' &&
    note !== null &&
    keys.every((key) => typeof (note as Record<string, unknown>)[key] === 'string')
  );
}

/** `RPi-Distro-pi-gen-arm64-1a2b3c4d`: to be known by, and a hash to be told apart by. */
function nameOf({ url, version }: CloneSource): string {
  const words = url
    .replace(/\.git$/, '')
    .split('/')
    .slice(-2);
  const readable = [...words, version]
    .join('-')
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '');
  const hash = createHash('sha256').update(`${url}\n${version}`).digest('hex');
  return `${readable.slice(0, 80)}-${hash.slice(0, 8)}`;
}

function localFault(error: unknown, folder: string): BuildProblemError {
  const reason = error instanceof Error ? error.message : String(error);
  return new BuildProblemError(
    {
      kind: 'bad-plan',
      message: `pi-gen cannot be kept in ${folder}: ${reason}.`,
      wayOut: 'See that there is space and that the folder can be written to.',
    },
    { cause: error },
  );
}
