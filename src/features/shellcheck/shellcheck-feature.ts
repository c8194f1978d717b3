import * as vscode from 'vscode';
import type { FileSystem } from '../../pigen/files/file-system';
import type { Finding } from '../../pigen/finding';
import { isWithin } from '../../pigen/files/path';
import type { CheckResult } from '../../rules/checker';
import { applyControl } from '../../rules/control/control';
import { shellCheckRule } from '../../shellcheck/shellcheck-findings';
import { ShellCheckRunner } from '../../shellcheck/shellcheck-runner';
import { ShellChecker } from '../../shellcheck/shellchecker';
import type { Diagnostics } from '../diagnostics';
import { pathOf, uriOf } from '../paths';
import { readRuleLevels } from '../rule-settings';
import type { ShellCheckProgram } from './shellcheck-program';
import { excludedCodes, isHeredocsOnly, isShellCheckEnabled, settingsOfOthers } from './shellcheck-settings';
import { inWorkspace } from '../workspace-findings';

export interface ShellCheckParts {
  readonly fileSystem: FileSystem;
  readonly program: ShellCheckProgram;
  readonly diagnostics: Diagnostics;
  /** The trees as they were last checked. */
  readonly results: () => readonly CheckResult[];
  readonly onDidCheck: vscode.Event<CheckResult>;
  readonly onDidLeave: vscode.Event<string>;
  readonly log: vscode.LogOutputChannel;
}

/** Trees with more scripts of one's own than this are checked by ShellCheck only where they are open: it takes a while for each. */
const scriptsInBackground = 200;

/**
 * Shows what ShellCheck says, once the rules have had their say of a tree. What runs is killed as soon as a key press or a
 * newer check makes it void, so nothing stale is ever shown.
 */
export class ShellCheckFeature implements vscode.Disposable {
  readonly #checker: ShellChecker;
  readonly #running = new Map<string, AbortController>();
  readonly #toldLimit = new Set<string>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(private readonly parts: ShellCheckParts) {
    const runner = new ShellCheckRunner({
      onTrouble: (message) => {
        parts.log.warn(message);
      },
    });
    this.#checker = new ShellChecker(runner, parts.fileSystem, process.env);
    const settings = vscode.workspace.createFileSystemWatcher('**/{.shellcheckrc,shellcheckrc}');
    const again = (): void => {
      this.#checkAll();
    };
    this.#subscriptions = [
      parts.onDidCheck((result) => void this.#check(result)),
      parts.onDidLeave((root) => {
        this.#stop(root);
        parts.diagnostics.clear(root);
      }),
      parts.program.onDidChange(again),
      settings,
      settings.onDidCreate(again),
      settings.onDidChange(again),
      settings.onDidDelete(again),
      vscode.workspace.onDidGrantWorkspaceTrust(again),
      vscode.extensions.onDidChange(again),
      vscode.workspace.onDidChangeConfiguration((change) => {
        const ours = ['enable', 'exclude', 'scripts'].map((name) => `pi-gen.shellcheck.${name}`);
        if ([...ours, ...settingsOfOthers].some((section) => change.affectsConfiguration(section)))
          this.#checkAll();
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        const result = this.#resultFor(pathOf(document.uri));
        if (result !== undefined && isLarge(result)) void this.#check(result);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0 || document.uri.scheme !== 'file') return;
        for (const root of this.#running.keys()) if (isWithin(root, pathOf(document.uri))) this.#stop(root);
      }),
    ];
  }

  dispose(): void {
    for (const root of [...this.#running.keys()]) this.#stop(root);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #resultFor(file: string): CheckResult | undefined {
    return this.parts.results().find(({ scripts }) => scripts.has(file));
  }

  #checkAll(): void {
    for (const result of this.parts.results()) void this.#check(result);
  }

  #stop(root: string): void {
    this.#running.get(root)?.abort();
    this.#running.delete(root);
  }

  async #check(result: CheckResult): Promise<void> {
    const { root } = result;
    this.#stop(root);
    const running = new AbortController();
    this.#running.set(root, running);
    const { signal } = running;
    try {
      const findings = await this.#findings(result, signal);
      if (signal.aborted || !isCurrent(result)) return;
      this.parts.diagnostics.show(root, inWorkspace(findings));
    } catch (error) {
      if (signal.aborted) return;
      this.parts.log.error(`ShellCheck failed on ${root}`, error);
      this.parts.program.forget();
      this.parts.diagnostics.clear(root);
    } finally {
      if (this.#running.get(root) === running) this.#running.delete(root);
    }
  }

  /** Once for each tree: else one would take a clean list of problems for a clean tree. */
  #tellLimit(root: string): void {
    if (this.#toldLimit.has(root)) return;
    this.#toldLimit.add(root);
    this.parts.log.info(
      `${root} has more than ${scriptsInBackground} scripts of its own: ShellCheck reads those that are open. "pigen check" reads them all.`,
    );
  }

  async #findings(result: CheckResult, signal: AbortSignal): Promise<readonly Finding[]> {
    const { root, control, scripts, includesUpstream } = result;
    const levels = readRuleLevels(uriOf(root));
    const level = levels.get(shellCheckRule) ?? control.settings?.levels.get(shellCheckRule);
    const large = isLarge(result);
    const isWanted = large ? isOpen : () => true;
    const hasScripts = [...scripts.values()].some(
      ({ path, upstream }) => (includesUpstream || !upstream) && isWanted(path),
    );
    if (level === 'off' || !hasScripts || !isShellCheckEnabled(root)) return [];
    const binary = await this.parts.program.find();
    if (binary === undefined) return [];
    if (large) this.#tellLimit(root);
    const embeddedOnly = isHeredocsOnly(root);
    const found = await this.#checker.check(result, { binary, signal, isWanted, embeddedOnly });
    const excluded = excludedCodes(root);
    const told = found.filter(({ code }) => code === undefined || !excluded.has(code.name));
    return applyControl(told, control, levels);
  }
}

function isLarge({ scripts, includesUpstream }: CheckResult): boolean {
  let count = 0;
  for (const { upstream } of scripts.values()) if (includesUpstream || !upstream) count++;
  return count > scriptsInBackground;
}

function isOpen(path: string): boolean {
  return vscode.workspace.textDocuments.some(({ uri }) => uri.scheme === 'file' && pathOf(uri) === path);
}

/** Whether the open documents are still those that were checked. */
function isCurrent({ scripts }: CheckResult): boolean {
  return vscode.workspace.textDocuments.every((document) => {
    const script = document.uri.scheme === 'file' ? scripts.get(pathOf(document.uri)) : undefined;
    return script === undefined || !document.isDirty || script.text === document.getText();
  });
}
