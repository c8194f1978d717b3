import { isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import type { Node } from 'yaml';
import { branches } from '../../pigen/branches';
import type { FileSystem } from '../../pigen/files/file-system';
import { folderOf, joinPath } from '../../pigen/files/path';
import { describeFileError, readText } from '../../pigen/files/read-text';
import { fileStart, LineIndex } from '../../pigen/text';
import type { TextRange } from '../../pigen/text';
import type { RuleLevel, RuleLevels } from './rule-level';
import { ruleLevelOf, ruleLevels } from './rule-level';
import type { PlacedName } from './silencing';

/** The first is the one that is written where there is none. */
export const settingsFileNames: readonly string[] = ['.pigen.yaml', '.pigen.yml'];

/** What a .pigen.yaml says. */
export interface SettingsFile {
  readonly path: string;
  readonly text: string;
  readonly levels: RuleLevels;
  /** The rules named in it, known or not. */
  readonly ruleNames: readonly PlacedName[];
  /** Glob patterns, relative to the file's folder. */
  readonly ignored: readonly string[];
  /** Debian release that the stages are for. */
  readonly release: string | undefined;
  /** Branch of pi-gen that they are built with. */
  readonly branch: string | undefined;
  /** Whether what is in files of pi-gen's own is told as well. */
  readonly upstream: boolean | undefined;
  readonly problems: readonly SettingsProblem[];
}

export interface SettingsProblem {
  readonly range: TextRange;
  /** One sentence for the user. */
  readonly message: string;
}

/** Bytes. Twenty times what a line for every rule takes; yaml slows down with the square of a nesting. */
const sizeLimit = 64 * 1024;

/**
 * Finds and reads the settings of a tree: in its root, else in the folders around it up to the one of its repository.
 * Undefined where there are none. Rejects only as the file system does when aborted.
 */
export async function findSettings(fs: FileSystem, root: string): Promise<SettingsFile | undefined> {
  const path = await settingsPath(fs, root);
  return path === undefined ? undefined : readSettings(fs, path);
}

/** Reads a settings file, which may lie anywhere. A file that cannot be read is a problem of its own. */
export async function readSettings(fs: FileSystem, path: string): Promise<SettingsFile> {
  const text = await readText(fs, path, sizeLimit);
  if (typeof text === 'string') return parseSettings(path, text);
  return { ...empty(path, ''), problems: [{ range: fileStart, message: describeFileError(text) }] };
}

async function settingsPath(fs: FileSystem, root: string): Promise<string | undefined> {
  const inRoot = await settingsIn(fs, root);
  if (inRoot !== undefined || (await isRepository(fs, root))) return inRoot;
  let nearest: string | undefined;
  for (
    let folder = folderOf(root), below = root;
    folder !== below;
    below = folder, folder = folderOf(folder)
  ) {
    nearest ??= await settingsIn(fs, folder);
    if (await isRepository(fs, folder)) return nearest;
  }
  // Outside of a repository nothing says that a file higher up is about this tree.
  return undefined;
}

async function settingsIn(fs: FileSystem, folder: string): Promise<string | undefined> {
  for (const name of settingsFileNames) {
    const path = joinPath(folder, name);
    if ((await fs.stat(path))?.kind === 'file') return path;
  }
  return undefined;
}

async function isRepository(fs: FileSystem, folder: string): Promise<boolean> {
  return (await fs.stat(joinPath(folder, '.git'))) !== undefined;
}

function empty(path: string, text: string): SettingsFile {
  return {
    path,
    text,
    levels: new Map(),
    ruleNames: [],
    ignored: [],
    release: undefined,
    branch: undefined,
    upstream: undefined,
    problems: [],
  };
}

/** Reads the text of a settings file. Never throws: what is wrong in it becomes a problem, the rest holds. */
export function parseSettings(path: string, text: string): SettingsFile {
  try {
    return new SettingsReader(path, text).read();
  } catch (error) {
    // yaml gives up on such things as a deep nesting that overflows its stack.
    const message = error instanceof Error ? error.message : String(error);
    return {
      ...empty(path, text),
      problems: [{ range: fileStart, message: `This is not valid YAML: ${message}` }],
    };
  }
}

const topKeys = ['rules', 'paths', 'release', 'branch', 'upstream'];
const releases: readonly string[] = [...new Set(branches.map(({ release }) => release))];

class SettingsReader {
  readonly #lines: LineIndex;
  readonly #problems: SettingsProblem[] = [];
  readonly #levels = new Map<string, RuleLevel>();
  readonly #ruleNames: PlacedName[] = [];
  #ignored: readonly string[] = [];
  #release: string | undefined;
  #branch: string | undefined;
  #upstream: boolean | undefined;

  constructor(
    private readonly path: string,
    private readonly text: string,
  ) {
    this.#lines = new LineIndex(text);
  }

  read(): SettingsFile {
    const document = parseDocument(this.text, { prettyErrors: false, logLevel: 'silent' });
    const [error] = document.errors;
    if (error !== undefined) {
      const range = this.#lines.range({ start: error.pos[0], end: error.pos[1] });
      this.#problems.push({ range, message: `This is not valid YAML: ${error.message}.` });
    }
    for (const { name, key, value } of this.#entries(document.contents, 'This file'))
      this.#top(name, key, value);
    return {
      path: this.path,
      text: this.text,
      levels: this.#levels,
      ruleNames: this.#ruleNames,
      ignored: this.#ignored,
      release: this.#release,
      branch: this.#branch,
      upstream: this.#upstream,
      problems: this.#problems,
    };
  }

  #top(name: string, key: Node, value: unknown): void {
    switch (name) {
      case 'rules':
        for (const rule of this.#entries(value, 'rules')) this.#rule(rule);
        break;
      case 'paths':
        for (const entry of this.#entries(value, 'paths')) {
          if (entry.name === 'ignore') this.#ignored = this.#strings(entry.value, 'paths.ignore');
          else this.#unknown(entry.key, entry.name, ['ignore']);
        }
        break;
      case 'release':
        this.#release = this.#oneOf(value, key, 'release', releases);
        break;
      case 'branch':
        this.#branch = this.#oneOf(
          value,
          key,
          'branch',
          branches.map((branch) => branch.name),
        );
        break;
      case 'upstream':
        if (isScalar(value) && typeof value.value === 'boolean') this.#upstream = value.value;
        else this.#problem(isNode(value) ? value : key, 'upstream is true or false.');
        break;
      default:
        this.#unknown(key, name, topKeys);
    }
  }

  #rule({ name, key, value }: Entry): void {
    this.#ruleNames.push({ name, range: this.#range(key) });
    const level = isScalar(value) ? ruleLevelOf(value.value) : undefined;
    if (level === undefined) {
      this.#problem(isNode(value) ? value : key, `A rule is set to one of ${ruleLevels.join(', ')}.`);
    } else this.#levels.set(name, level);
  }

  /** The pairs of a map; nothing at all counts as an empty one. */
  #entries(value: unknown, what: string): readonly Entry[] {
    if (isMap(value)) {
      return value.items.flatMap(({ key, value: own }) =>
        isScalar(key) ? [{ name: String(key.value), key, value: own }] : [],
      );
    }
    if (isNode(value) && !(isScalar(value) && value.value === null)) {
      this.#problem(value, `${what} has to be a map of names and values.`);
    }
    return [];
  }

  #strings(value: unknown, what: string): readonly string[] {
    if (isScalar(value) && value.value === null) return [];
    if (!isSeq(value)) {
      if (isNode(value)) this.#problem(value, `${what} has to be a list of patterns.`);
      return [];
    }
    return value.items.flatMap((item) => {
      if (isScalar(item) && typeof item.value === 'string' && item.value !== '') return [item.value];
      if (isNode(item)) this.#problem(item, 'A pattern has to be a text.');
      return [];
    });
  }

  #oneOf(value: unknown, key: Node, what: string, allowed: readonly string[]): string | undefined {
    const found = isScalar(value) ? allowed.find((one) => one === value.value) : undefined;
    if (found === undefined) {
      this.#problem(isNode(value) ? value : key, `The ${what} has to be one of ${allowed.join(', ')}.`);
    }
    return found;
  }

  #unknown(key: Node, name: string, allowed: readonly string[]): void {
    this.#problem(key, `There is no setting ${name} here, so it does nothing. Known: ${allowed.join(', ')}.`);
  }

  #problem(node: Node, message: string): void {
    this.#problems.push({ range: this.#range(node), message });
  }

  #range(node: Node): TextRange {
    const [start, end] = node.range ?? [0, 0];
    return this.#lines.range({ start, end });
  }
}

interface Entry {
  readonly name: string;
  readonly key: Node;
  readonly value: unknown;
}
