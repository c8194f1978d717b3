import * as vscode from 'vscode';
import { afterChange, standing } from '../../explain/standing-finding';
import type { StandingFinding } from '../../explain/standing-finding';
import type { FileSystem } from '../../pigen/files/file-system';
import type { Finding } from '../../pigen/finding';
import { readText } from '../../pigen/files/read-text';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { CommandRegistry } from '../command-registry';
import type { Diagnostics } from '../diagnostics';
import { onFiles } from '../folder-findings';
import { pathOf } from '../paths';

export interface StandingFailuresParts {
  readonly fileSystem: FileSystem;
  /** Shows them. */
  readonly failures: Diagnostics;
  /** Whether the checks show a finding already: of a cause that a rule sees, the rule speaks. */
  readonly isShown: (finding: Finding) => boolean;
  readonly onDidCheck: vscode.Event<unknown>;
  /** Keeps them over a reload of the window. */
  readonly memory: vscode.Memento;
  readonly commands: CommandRegistry;
}

/** Its name in the workspace's memory. */
const memoryKey = 'standing-failures';

/**
 * What failed builds say of the user's files. It stands in its file and in Problems until the place is mended, a rule says
 * the same, the user dismisses it, or another build is explained.
 */
export class StandingFailures implements vscode.Disposable {
  #standing: readonly StandingFinding[] = [];
  readonly #subscriptions: vscode.Disposable[];

  constructor(private readonly parts: StandingFailuresParts) {
    const watcher = vscode.workspace.createFileSystemWatcher('**/*');
    this.#subscriptions = [
      watcher,
      watcher.onDidCreate((uri) => void this.#onDisk(uri)),
      watcher.onDidChange((uri) => void this.#onDisk(uri)),
      watcher.onDidDelete((uri) => void this.#onDisk(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#changed(pathOf(document.uri), () => document.getText());
      }),
      parts.onDidCheck(() => {
        this.#keep(this.#standing.filter(({ finding }) => !parts.isShown(finding)));
      }),
      parts.commands.register('pi-gen.dismissBuildFinding', (file, rule, line) => {
        this.#keep(
          this.#standing.filter(
            ({ finding }) =>
              finding.file !== file || finding.rule !== rule || finding.range.start.line !== line,
          ),
        );
      }),
      parts.commands.register('pi-gen.dismissBuildFindings', () => {
        this.clear();
      }),
    ];
    void this.#recall();
  }

  /** Puts the findings of a build in the place of what stood before. */
  async show(findings: readonly Finding[], tree: StageTree | undefined): Promise<void> {
    this.#keep(await this.#shown(findings, tree));
  }

  /** Puts the findings of one of several builds beside those of the others; what both say stands there once. */
  async add(findings: readonly Finding[], tree: StageTree | undefined): Promise<void> {
    const shown = await this.#shown(findings, tree);
    const others = this.#standing.filter((one) => !shown.some((other) => isSame(one.finding, other.finding)));
    this.#keep([...others, ...shown]);
  }

  async #shown(
    findings: readonly Finding[],
    tree: StageTree | undefined,
  ): Promise<readonly StandingFinding[]> {
    const onTheirFiles = tree === undefined ? findings : onFiles(findings, tree);
    const shown = await Promise.all(
      onTheirFiles.map(async (finding) => standing(finding, await this.#text(finding.file))),
    );
    return shown.filter(({ finding }) => !this.parts.isShown(finding));
  }

  clear(): void {
    this.#keep([]);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #onDisk(uri: vscode.Uri): Promise<void> {
    const path = pathOf(uri);
    const isOpen = vscode.workspace.textDocuments.some((document) => pathOf(document.uri) === path);
    if (isOpen || !this.#standing.some(({ finding }) => finding.file === path)) return;
    const text = await this.#text(path);
    this.#changed(path, () => text);
  }

  #changed(path: string, text: () => string | undefined): void {
    if (!this.#standing.some(({ finding }) => finding.file === path)) return;
    const now = text();
    this.#keep(
      this.#standing.flatMap((one) => (one.finding.file === path ? (afterChange(one, now) ?? []) : one)),
    );
  }

  #keep(now: readonly StandingFinding[]): void {
    if (now.length === 0 && this.#standing.length === 0) return;
    this.#standing = now;
    this.parts.failures.show(
      'build',
      now.map(({ finding }) => finding),
    );
    void this.parts.memory.update(memoryKey, now.length === 0 ? undefined : now);
  }

  /** Those of before the window was reloaded, as far as their places are still what they were. */
  async #recall(): Promise<void> {
    const remembered = this.parts.memory.get<readonly StandingFinding[]>(memoryKey, []);
    if (remembered.length === 0) return;
    const texts = await Promise.all(remembered.map(({ finding }) => this.#text(finding.file)));
    // A build that ended meanwhile says more.
    if (this.#standing.length > 0) return;
    this.#keep(
      remembered.flatMap((one, i) => (one.anchor === undefined ? one : (afterChange(one, texts[i]) ?? []))),
    );
  }

  async #text(path: string): Promise<string | undefined> {
    const text = await readText(this.parts.fileSystem, path);
    return typeof text === 'string' ? text : undefined;
  }
}

function isSame(one: Finding, other: Finding): boolean {
  return (
    one.file === other.file &&
    one.rule === other.rule &&
    one.message === other.message &&
    one.range.start.line === other.range.start.line
  );
}
