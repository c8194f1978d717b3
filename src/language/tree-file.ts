import { baseName, folderOf, isWithin, relativePath } from '../pigen/files/path';
import type { Place, Stage, StageTree, SubStage } from '../pigen/tree/stage-tree';
import { parseStepName, prerunName } from '../pigen/tree/step-names';
import { LineIndex } from '../pigen/text';
import { analyseScript } from '../shell/analyse-script';
import type { BashParser } from '../shell/bash-parser';
import type { Script } from '../shell/script';

/** What a file of a tree is to pi-gen, and so what may be said of its text. */
export type FileRole =
  | 'script'
  /** Assignments that build.sh sources: `config`, the file of `-c`. */
  | 'config'
  /** EXPORT_IMAGE and EXPORT_NOOBS, which build.sh sources too. */
  | 'export'
  | 'workflow'
  | 'packages'
  | 'debconf'
  | 'series'
  /** .pigen.yaml */
  | 'settings'
  /** Lines of path patterns: .gitignore, .gitattributes, .dockerignore. */
  | 'patterns'
  /** What builds or checks the tree by paths: other workflows, Makefiles. */
  | 'tooling'
  | 'other';

/** A file and where in its tree it lies. */
export interface FilePlace {
  readonly role: FileRole;
  readonly stage: Stage | undefined;
  readonly subStage: SubStage | undefined;
  /** Where code in it runs. */
  readonly place: Place;
}

/** A text of a tree, as it stands in an editor. */
export interface TreeFile extends FilePlace {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly tree: StageTree;
  /** Parsed when first asked for; undefined for what no bash reads. */
  readonly script: Script | undefined;
}

/** Says what a file of a tree is, by its path alone. */
export function placeOfFile(tree: StageTree, path: string): FilePlace {
  const stage = tree.stages.find((one) => isWithin(one.path, path));
  const subStage = stage?.subStages.find((one) => isWithin(one.path, path));
  const role = roleOf(tree, path, stage, subStage);
  const place = parseStepName(baseName(path))?.form.place ?? 'host';
  return { role, stage, subStage, place: role === 'script' ? place : 'host' };
}

/** What pi-gen and others make, not what the user writes. */
const closed = new Set(['work', 'deploy', 'rootfs', 'node_modules', '.git']);

function roleOf(
  tree: StageTree,
  path: string,
  stage: Stage | undefined,
  subStage: SubStage | undefined,
): FileRole {
  const name = baseName(path);
  const folder = folderOf(path);
  const parts = relativePath(tree.root, path).split('/');
  if (parts.some((part) => closed.has(part))) return 'other';
  if (tree.configs.some((config) => config.path === path)) return 'config';
  if (tree.workflows.some((workflow) => workflow.path === path)) return 'workflow';
  if (/^\.(?:gitignore|gitattributes|dockerignore)$/.test(name)) return 'patterns';
  if (folder === tree.root && /^(?:(?:GNU)?[Mm]akefile|[Jj]ustfile|Dockerfile)$|\.mk$/.test(name))
    return 'tooling';
  if (folder === `${tree.root}/.github/workflows` && /\.ya?ml$/.test(name)) return 'tooling';
  if (/^\.pigen\.ya?ml$/.test(name)) return 'settings';
  if (folder === subStage?.path) {
    switch (parseStepName(name)?.form.kind) {
      case 'packages':
      case 'packages-nr':
        return 'packages';
      case 'debconf':
        return 'debconf';
      case 'run':
      case 'run-chroot':
        return 'script';
      default:
        return isShellName(name) ? 'script' : 'other';
    }
  }
  if (path === tree.postrun?.path) return 'script';
  if (folder === stage?.path) {
    if (name === prerunName) return 'script';
    if (/^EXPORT_(?:IMAGE|NOOBS)$/.test(name)) return 'export';
  }
  if (name === 'series' && parseStepName(baseName(folder))?.form.kind === 'patches') return 'series';
  // What lies in `files` is copied into the image, and runs on the Raspberry Pi.
  if (parts.includes('files')) return 'other';
  return isShellName(name) ? 'script' : 'other';
}

function isShellName(name: string): boolean {
  return /\.(?:sh|bash)$/.test(name);
}

/** Takes up a text of a tree. The parser is asked only when the syntax is; undefined where there is none yet. */
export function treeFile(
  tree: StageTree,
  path: string,
  text: string,
  parser: BashParser | undefined,
): TreeFile {
  return new EditedFile(tree, path, text, parser);
}

const withBash: ReadonlySet<FileRole> = new Set(['script', 'config', 'export']);

class EditedFile implements TreeFile {
  readonly role: FileRole;
  readonly stage: Stage | undefined;
  readonly subStage: SubStage | undefined;
  readonly place: Place;
  #lines: LineIndex | undefined;
  #script: Script | undefined;

  constructor(
    readonly tree: StageTree,
    readonly path: string,
    readonly text: string,
    private readonly parser: BashParser | undefined,
  ) {
    const { role, stage, subStage, place } = placeOfFile(tree, path);
    this.role = role;
    this.stage = stage;
    this.subStage = subStage;
    this.place = place;
  }

  get lines(): LineIndex {
    return (this.#lines ??= new LineIndex(this.text));
  }

  get script(): Script | undefined {
    if (!withBash.has(this.role) || this.parser === undefined) return undefined;
    return (this.#script ??= analyseScript(this.parser, this.text, this.place));
  }
}
