import { findBranch } from '../pigen/branches';
import type { FileSystem } from '../pigen/files/file-system';
import type { Finding } from '../pigen/finding';
import { folderOf } from '../pigen/files/path';
import type { Place, StageTree } from '../pigen/tree/stage-tree';
import type { LineIndex } from '../pigen/text';
import type { Script } from '../shell/script';
import type { ShellCheckBinary } from './find-shellcheck';
import { shellCheckFindings } from './shellcheck-findings';
import { shellCheckViews } from './shellcheck-programs';
import { ShellCheckRcFinder } from './shellcheck-rc';
import type { ShellCheckRunner } from './shellcheck-runner';

/** A script of a tree that was checked by the rules. */
export interface ScriptToCheck {
  readonly path: string;
  readonly text: string;
  /** It is, byte for byte, one of pi-gen's own. */
  readonly upstream: boolean;
  readonly place: Place;
  readonly lines: LineIndex;
  readonly script: Script;
}

/** The part of a check by the rules that it goes on from. */
export interface TreeToCheck {
  readonly tree: StageTree;
  readonly scripts: ReadonlyMap<string, ScriptToCheck>;
  /** What the rules say, to tell nothing twice. */
  readonly findings: readonly Finding[];
  /** Judge files of pi-gen's own too. */
  readonly includesUpstream: boolean;
}

export interface ShellCheckOptions {
  readonly binary: ShellCheckBinary;
  readonly signal?: AbortSignal;
  /** Only these files; all unless given. */
  readonly isWanted?: (path: string) => boolean;
  /** Only the programs in heredocs and arguments. */
  readonly embeddedOnly?: boolean;
}

/** Checks the scripts of trees with ShellCheck, and tells what it says as findings in their files. */
export class ShellChecker {
  /**
   * @param fs shows .shellcheckrc as it is on screen
   * @param environment says where the user's own .shellcheckrc is
   */
  constructor(
    private readonly runner: ShellCheckRunner,
    private readonly fs: FileSystem,
    private readonly environment: Readonly<Record<string, string | undefined>>,
  ) {}

  /**
   * All that ShellCheck has to say of a tree's scripts and of the programs in them; what comments and settings of ours silence
   * is still in it. Rejects with the signal's reason when aborted, with an Error where ShellCheck cannot be started.
   */
  async check(
    { tree, scripts, findings, includesUpstream }: TreeToCheck,
    { binary, signal, isWanted = () => true, embeddedOnly = false }: ShellCheckOptions,
  ): Promise<readonly Finding[]> {
    const settings = new ShellCheckRcFinder(this.fs, this.environment);
    const chrootErrexit = findBranch(tree.branch)?.chrootErrexit ?? true;
    const wanted = [...scripts.values()].filter(
      ({ path, upstream }) => (includesUpstream || !upstream) && isWanted(path),
    );
    const views = wanted.flatMap((file) =>
      shellCheckViews(file, chrootErrexit)
        .filter(({ program }) => !embeddedOnly || program.parent !== undefined)
        .map((view) => ({ file, view })),
    );
    const sources = await Promise.all(
      views.map(async ({ file, view }) => ({
        text: view.text,
        settings: await settings.textFor(folderOf(file.path)),
      })),
    );
    signal?.throwIfAborted();
    const comments = await this.runner.check(binary, sources, signal);
    const ours = byFile(findings);
    return views.flatMap(({ file, view }, index) =>
      shellCheckFindings(view, comments[index] ?? [], {
        ...fileOf(file),
        tree,
        ours: ours.get(file.path) ?? [],
      }),
    );
  }
}

function fileOf({ path, text, lines }: ScriptToCheck): Pick<ScriptToCheck, 'path' | 'text' | 'lines'> {
  return { path, text, lines };
}

function byFile(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const files = new Map<string, Finding[]>();
  for (const finding of findings) {
    const others = files.get(finding.file);
    if (others === undefined) files.set(finding.file, [finding]);
    else others.push(finding);
  }
  return files;
}
