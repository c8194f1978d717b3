import { compareBytes } from '../files/byte-order';
import { FileError } from '../files/file-system';
import type { Entry, FileSystem } from '../files/file-system';
import { baseName, folderOf, isAbsolute, isWithin, joinPath, resolvePath } from '../files/path';
import type { StageListEntry } from './stage-tree';
import { stageTarget } from './stage-target';
import type { TextRange } from '../text';

/** A word of a stage list, before globs are expanded and folders looked for. */
export interface StageListWord {
  /** As written. */
  readonly text: string;
  /** With known variables replaced; undefined where an unknown one or an expression takes part in it. */
  readonly value: string | undefined;
  readonly range: TextRange | undefined;
}

/** The names of the stages that pi-gen brings along. */
export const upstreamStage = /^stage[0-5]$/;

/** The names of all folders that pi-gen brings along and that build.sh runs like a stage. */
export const upstreamFolder = /^(?:stage[0-5]|export-image|export-noobs)$/;

export interface StageListPlace {
  /** Of the tree or repository. */
  readonly root: string;
  /** Where relative words start: the tree (build.sh), or the repository (pi-gen-action). */
  readonly folder: string;
  /** In a repository without pi-gen, stage0 to stage5 are those of the pi-gen that it is used with. */
  readonly layout: 'pi-gen' | 'stages';
  /** Folders of the repository's stages, for paths that name a place inside the build container. */
  readonly stagePaths: readonly string[];
}

/** Finds the folders that the words of a stage list name, in the order in which build.sh would run them. */
export async function resolveStageList(
  fs: FileSystem,
  words: readonly StageListWord[],
  place: StageListPlace,
): Promise<readonly StageListEntry[]> {
  const resolved = words.map(async ({ text, value, range }): Promise<readonly StageListEntry[]> => {
    if (value === undefined) return [{ text, path: undefined, upstream: false, unknown: true, range }];
    const names = hasGlob(value) ? await expandGlob(fs, place.folder, value) : [value];
    return Promise.all(
      names.map(async (name) => ({ text, range, ...(await findStageFolder(fs, name, place)) })),
    );
  });
  return (await Promise.all(resolved)).flat();
}

async function findStageFolder(
  fs: FileSystem,
  name: string,
  place: StageListPlace,
): Promise<Pick<StageListEntry, 'path' | 'link' | 'upstream' | 'unknown'>> {
  const path = resolvePath(place.folder, name);
  // `.`, `..` or `/` begins a path that is still being typed; only a repository that is one stage names itself.
  if (isWithin(path, place.root) && !place.stagePaths.includes(path)) {
    return { path: undefined, upstream: false, unknown: true };
  }
  if ((await fs.stat(path))?.kind === 'folder') {
    const target = await stageTarget(fs, place.root, path);
    return { path: target, ...(target === path ? {} : { link: path }), upstream: false };
  }
  if (place.layout === 'stages') {
    const base = baseName(path);
    if (upstreamStage.test(base)) return { path: undefined, upstream: true };
    // A config of such a repository names places inside the container (`/pi-gen/stage-x`) or beside a clone of pi-gen.
    const same = place.stagePaths.filter((stage) => baseName(stage) === base);
    if (same.length === 1) return { path: same[0], upstream: false };
  }
  return { path: undefined, upstream: false };
}

function hasGlob(word: string): boolean {
  return /[*?[]/.test(word);
}

/**
 * What bash makes of a word with `*`, `?` or `[…]`: the paths that match, sorted by bytes (`stage10` before `stage2`), or
 * the word itself where none does. Files match too. Relative words stay relative to `folder`.
 */
export async function expandGlob(fs: FileSystem, folder: string, word: string): Promise<readonly string[]> {
  const rooted = isAbsolute(word);
  const segments = word.split('/').filter((segment) => segment !== '');
  let found: readonly string[] = [rooted ? '/' : ''];
  if (rooted && !word.startsWith('/')) found = [`${segments.shift() ?? ''}/`];
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1;
    const next = found.map(async (base) => {
      const join = (name: string): string => (base === '' ? name : joinPath(base, name));
      if (!hasGlob(segment)) return [join(segment)];
      const entries = await listed(fs, base === '' ? folder : resolvePath(folder, base));
      const pattern = globPattern(segment);
      return entries
        .filter((entry) => (last || entry.kind === 'folder') && pattern.test(entry.name))
        .filter((entry) => segment.startsWith('.') || !entry.name.startsWith('.'))
        .map((entry) => join(entry.name));
    });
    found = (await Promise.all(next)).flat();
  }
  return found.length === 0 ? [word] : [...found].sort(compareBytes);
}

async function listed(fs: FileSystem, path: string): Promise<readonly Entry[]> {
  try {
    return await fs.readFolder(path);
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

function globPattern(segment: string): RegExp {
  let source = '';
  for (let i = 0; i < segment.length; i++) {
    const unit = segment.charAt(i);
    const close = unit === '[' ? segment.indexOf(']', i + 2) : -1;
    if (unit === '*') source += '[^]*';
    else if (unit === '?') source += '[^]';
    else if (close > 0) {
      const negated = /[!^]/.test(segment.charAt(i + 1));
      const body = segment.slice(i + (negated ? 2 : 1), close).replaceAll(/[\\\]^[]/g, '\\$&');
      source += `[${negated ? '^' : ''}${body}]`;
      i = close;
    } else source += unit.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    // A reversed range such as `[z-a]` matches nothing in bash either.
    return /^(?!)/;
  }
}

/** build.sh's own list where config names none: the glob `stage*` in the tree. */
export function defaultStageWords(root: string): readonly StageListWord[] {
  return [{ text: 'stage*', value: joinPath(root, 'stage*'), range: undefined }];
}

/** The folder against which a config's relative words count: build.sh runs in its tree, and sources `config` there. */
export function folderOfConfig(layout: 'pi-gen' | 'stages', root: string, config: string): string {
  return layout === 'pi-gen' ? root : folderOf(config);
}
