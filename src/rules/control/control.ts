import { minimatch } from 'minimatch';
import type { Finding } from '../../pigen/finding';
import { folderOf, isWithin, relativePath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { DataFile } from '../inputs/data-file';
import type { ScriptFile } from '../rule';
import type { FileComment } from './comments';
import {
  configComments,
  debconfComments,
  packageListComments,
  scriptComments,
  yamlComments,
} from './comments';
import type { RuleLevel, RuleLevels } from './rule-level';
import type { SettingsFile } from './settings-file';
import { mentionsPigen, Silencing } from './silencing';
import { statementLines } from './statements';

/** What decides which findings are told, and how gravely. */
export interface Control {
  readonly settings: SettingsFile | undefined;
  /** What the comments of each file silence, by absolute path: only of files that have such comments. */
  readonly silencings: ReadonlyMap<string, Silencing>;
}

export interface ControlSources {
  readonly tree: StageTree;
  readonly scripts: ReadonlyMap<string, ScriptFile>;
  readonly dataFiles: ReadonlyMap<string, DataFile>;
  readonly settings: SettingsFile | undefined;
}

/** Reads the comments to the checker in every file of a tree. */
export function readControl({ tree, scripts, dataFiles, settings }: ControlSources): Control {
  const silencings = new Map<string, Silencing>();
  const add = (path: string, text: string, comments: (text: string) => readonly FileComment[]): void => {
    if (mentionsPigen(text)) silencings.set(path, new Silencing(text, comments(text)));
  };
  for (const { path, text, script, lines } of withDirectives(scripts)) {
    silencings.set(path, new Silencing(text, scriptComments(script), statementLines(script, lines)));
  }
  for (const { path, text } of tree.configs) add(path, text, configComments);
  for (const { path, text } of tree.workflows) add(path, text, yamlComments);
  if (settings !== undefined) add(settings.path, settings.text, yamlComments);
  for (const { path, kind, text } of dataFiles.values()) {
    if (kind === 'debconf') add(path, text, debconfComments);
    if (kind === 'packages') add(path, text, packageListComments);
  }
  return { settings, silencings };
}

/** Asked for their syntax are only those scripts that need be: it may not have been read yet. */
function* withDirectives(scripts: ReadonlyMap<string, ScriptFile>): Generator<ScriptFile> {
  for (const file of scripts.values()) if (mentionsPigen(file.text)) yield file;
}

/**
 * The findings that a user wants to hear of, as gravely as wanted: what comments silence, `paths.ignore` leaves out or a
 * level turns off is gone.
 *
 * @param levels of the editor or the command line: they go before those of .pigen.yaml
 */
export function applyControl(
  findings: readonly Finding[],
  { settings, silencings }: Control,
  levels: RuleLevels = new Map(),
): readonly Finding[] {
  const ignored = new IgnoredPaths(settings);
  const levelOf = (name: string): RuleLevel | undefined => levels.get(name) ?? settings?.levels.get(name);
  return findings.flatMap((finding) => {
    const { rule, code, file, range } = finding;
    const ofRule = levelOf(rule);
    // A code of a rule that is turned off as a whole stays off.
    const level = ofRule === 'off' || code === undefined ? ofRule : (levelOf(code.name) ?? ofRule);
    if (level === 'off' || ignored.has(file)) return [];
    const silencing = silencings.get(file);
    const names = code === undefined ? [rule] : [rule, code.name];
    if (names.some((name) => silencing?.silences(name, range.start.line) === true)) return [];
    return [level === undefined ? finding : { ...finding, severity: level }];
  });
}

/** What `paths.ignore` leaves out. A pattern without `/` matches a name anywhere; a folder's goes for all below it. */
export class IgnoredPaths {
  readonly #known = new Map<string, boolean>();

  constructor(private readonly settings: SettingsFile | undefined) {}

  has(file: string): boolean {
    if (this.settings === undefined || this.settings.ignored.length === 0) return false;
    const base = folderOf(this.settings.path);
    if (!isWithin(base, file)) return false;
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const ignored = this.#matches(relativePath(base, file), this.settings.ignored);
    this.#known.set(file, ignored);
    return ignored;
  }

  #matches(path: string, patterns: readonly string[]): boolean {
    const parts = path.split('/');
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return patterns.some((written) => {
      const pattern = written.replace(/^\.?\//, '').replace(/\/$/, '');
      const options = { dot: true, nocomment: true, nonegate: true, matchBase: !written.includes('/') };
      return paths.some((one) => minimatch(one, pattern, options));
    });
  }
}
