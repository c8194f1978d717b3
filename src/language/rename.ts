import type { FileSystem } from '../pigen/files/file-system';
import type { FixEdit } from '../pigen/finding';
import { folderOf, isWithin, joinPath, relativePath } from '../pigen/files/path';
import type { StageTree } from '../pigen/tree/stage-tree';
import { parseStepName } from '../pigen/tree/step-names';
import type { BashParser } from '../shell/bash-parser';
import { referencesTo } from './references';
import { entriesOf } from './tree-entries';
import type { TreeEntry } from './tree-entries';

/** pi-gen hands paths around unquoted (`for STAGE_DIR in $STAGE_LIST`): no spaces, no glob characters. */
const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Why an entry must keep its name, in a sentence; undefined where it may have another one. */
export function whyNotRenamed(tree: StageTree, entry: TreeEntry): string | undefined {
  if (entry.kind === 'step' && entry.subStage === undefined)
    return 'pi-gen looks for prerun.sh by this name only.';
  if (entry.kind === 'postrun') return 'pi-gen looks for postrun.sh by this name only.';
  if (entry.kind === 'stage' && entry.stage.overlay)
    return `This folder is copied over pi-gen’s own ${entry.name}: under another name it would be a stage of its own.`;
  if (entry.kind === 'stage' && entry.stage.role === 'export' && entry.name !== 'export-image') {
    return `pi-gen looks for ${entry.name} by this name only.`;
  }
  if (tree.root === entry.path) return 'This stage is the folder that is open.';
  return undefined;
}

/** What is wrong with a new name, in a sentence; undefined where nothing is. */
export function judgeNewName(tree: StageTree, entry: TreeEntry, name: string): string | undefined {
  const kept = whyNotRenamed(tree, entry);
  if (kept !== undefined) return kept;
  if (name === '') return 'A name is needed.';
  if (/\s/.test(name)) return 'The name cannot hold spaces: pi-gen splits paths at them.';
  if (!plainName.test(name))
    return 'Use letters, digits, hyphens, dots and underscores only, and begin with a letter or a digit.';
  if (name !== entry.name && isTaken(tree, joinPath(folderOf(entry.path), name)))
    return `${name} exists already.`;
  switch (entry.kind) {
    case 'stage':
      if (
        tree.stageList.source === 'default' &&
        entry.stage.position !== undefined &&
        !name.startsWith('stage')
      ) {
        return 'Without a STAGE_LIST, pi-gen runs only folders whose names begin with “stage”: this one would no longer be built.';
      }
      return /^(?:export-image|export-noobs|work|deploy|scripts|files)$/.test(name)
        ? `pi-gen uses the folder ${name} for something else.`
        : undefined;
    case 'sub-stage':
      return name === 'files'
        ? 'Steps in a folder of this name are easily overlooked: choose another.'
        : undefined;
    case 'step':
    case 'postrun':
      return judgeStepName(entry.name, name);
  }
}

function judgeStepName(old: string, name: string): string | undefined {
  const [before, after] = [parseStepName(old), parseStepName(name)];
  if (after === undefined)
    return 'pi-gen runs a step by its name: two digits, then -run.sh, -run-chroot.sh, -packages, -packages-nr, -debconf or -patches.';
  if (before !== undefined && before.form.entry !== after.form.entry) {
    return after.form.entry === 'folder'
      ? 'Only a folder can be NN-patches.'
      : 'A folder can only be NN-patches.';
  }
  return undefined;
}

function isTaken(tree: StageTree, path: string): boolean {
  if (entriesOf(tree).has(path)) return true;
  return tree.stages.some(
    ({ others, subStages }) =>
      others.some((other) => other.path === path) ||
      subStages.some((one) => one.others.some((other) => other.path === path)),
  );
}

/**
 * Renames a stage, sub-stage or step and every mention of it. The folder or file is renamed first, so that the paths of the other
 * edits are those of afterwards. `name` must have been judged. Rejects with the signal's reason when aborted.
 */
export async function renameEdits(
  tree: StageTree,
  entry: TreeEntry,
  name: string,
  sources: { readonly fs: FileSystem; readonly parser: BashParser; readonly signal?: AbortSignal },
): Promise<readonly FixEdit[]> {
  const to = joinPath(folderOf(entry.path), name);
  const references = await referencesTo(tree, entry, sources);
  const moved = (path: string): string =>
    isWithin(entry.path, path)
      ? path === entry.path
        ? to
        : joinPath(to, relativePath(entry.path, path))
      : path;
  return [
    { kind: 'rename', from: entry.path, to },
    ...references.map(({ file, span }): FixEdit => ({
      kind: 'replace',
      file: moved(file.path),
      range: file.lines.range(span),
      text: name,
    })),
  ];
}
