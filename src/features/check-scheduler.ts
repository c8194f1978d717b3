import * as vscode from 'vscode';
import type { CheckResult, Checker } from '../rules/checker';
import { discoverTrees, findTree } from '../pigen/tree/discover';
import type { FileSystem } from '../pigen/files/file-system';
import type { StageTree } from '../pigen/tree/stage-tree';
import { baseName, folderOf, isWithin, relativePath } from '../pigen/files/path';
import { settingsFileNames } from '../rules/control/settings-file';
import { pathOf, uriOf } from './paths';
import { readRuleLevels } from './rule-settings';

/** Time for file events of one save, checkout or rename to come together, in milliseconds. */
const settleTime = 50;

interface RootState {
  timer: NodeJS.Timeout | undefined;
  running: AbortController | undefined;
  /** Resolves when the running check ends. */
  checking: Promise<void> | undefined;
  /** Of the last check. */
  result: CheckResult | undefined;
  /** The open files in which the user has typed since, and that alone; undefined where more may have changed. */
  typedIn: Set<string> | undefined;
  /** Found because one of its files was opened from outside the workspace, not because it lies in it. */
  readonly visiting: boolean;
}

/**
 * Knows the trees of the workspace and checks each again when something of it changes: at once for files, after a pause
 * for key presses. One check of a tree at a time; a change makes the running one void, so that no stale result is shown.
 */
export class CheckScheduler implements vscode.Disposable {
  readonly #checked = new vscode.EventEmitter<CheckResult>();
  readonly #left = new vscode.EventEmitter<string>();
  readonly #roots = new Map<string, RootState>();
  readonly #subscriptions: vscode.Disposable[] = [];
  #discovery: AbortController | undefined;
  #discoveryTimer: NodeJS.Timeout | undefined;

  /** A tree was checked. */
  readonly onDidCheck = this.#checked.event;
  /** The root of a tree that is no longer there, or no longer to be checked. */
  readonly onDidLeave = this.#left.event;

  constructor(
    private readonly checker: Checker,
    private readonly fileSystem: FileSystem,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const watcher = vscode.workspace.createFileSystemWatcher('**/*');
    this.#subscriptions.push(
      watcher,
      watcher.onDidCreate((uri) => {
        this.#onFileEvent(uri, true);
      }),
      watcher.onDidDelete((uri) => {
        this.#onFileEvent(uri, true);
      }),
      watcher.onDidChange((uri) => {
        this.#onFileEvent(uri, false);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#onDocument(document, typingDelay());
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        if (this.#isNew(document)) this.#onUnseen(document);
        void this.#visit(document);
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        this.#onUnseen(document);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#onDocument(document, settleTime);
        this.#endVisit(document);
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.discoverSoon();
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        const ours = ['pi-gen.diagnostics', 'pi-gen.rules'];
        if (ours.some((section) => change.affectsConfiguration(section))) this.discoverSoon();
      }),
    );
  }

  /** What the last check of each tree found. */
  get results(): readonly CheckResult[] {
    return [...this.#roots.values()].flatMap(({ result }) => result ?? []);
  }

  /** The trees as they were last checked. */
  get trees(): readonly StageTree[] {
    return this.results.map(({ tree }) => tree);
  }

  /** What the last check found of the tree that a file belongs to. */
  resultFor(file: string): CheckResult | undefined {
    const root = this.#rootAround(file) ?? this.#rootsOfSettings(file)[0];
    return root === undefined ? undefined : this.#roots.get(root)?.result;
  }

  /**
   * Resolves once the tree of a file is checked as it is now. What waits for the author to pause is checked at once.
   */
  async settle(file: string): Promise<void> {
    for (;;) {
      const root = this.#rootAround(file);
      const state = root === undefined ? undefined : this.#roots.get(root);
      if (root === undefined || state === undefined) return;
      if (state.timer !== undefined) this.#start(root, state);
      if (state.checking === undefined) return;
      await state.checking;
    }
  }

  /** Resolves once every known tree is checked as it is now. */
  async settleAll(): Promise<void> {
    for (const root of [...this.#roots.keys()]) await this.settle(root);
  }

  /** Looks for trees again, after a pause in which further reasons to do so are taken together. */
  discoverSoon(): void {
    clearTimeout(this.#discoveryTimer);
    this.#discoveryTimer = setTimeout(() => void this.discover(), settleTime);
  }

  /** Looks for the trees of all workspace folders, and checks them. */
  async discover(): Promise<void> {
    this.#discovery?.abort();
    const discovery = new AbortController();
    this.#discovery = discovery;
    const found = new Set<string>();
    try {
      for (const folder of vscode.workspace.workspaceFolders ?? []) {
        if (folder.uri.scheme !== 'file' || !isEnabled(folder.uri)) continue;
        const roots = await discoverTrees(this.fileSystem, pathOf(folder.uri), { signal: discovery.signal });
        for (const { path } of roots) found.add(path);
      }
    } catch (error) {
      if (!discovery.signal.aborted) this.log.error('Looking for stages failed', error);
      return;
    }
    if (discovery.signal.aborted) return;
    for (const [root, state] of this.#roots) if (!found.has(root) && !state.visiting) this.#leave(root);
    for (const root of found) this.#schedule(root, 0, false);
    await vscode.commands.executeCommand('setContext', 'pi-gen.hasStages', this.#roots.size > 0);
    for (const document of vscode.workspace.textDocuments) await this.#visit(document);
  }

  dispose(): void {
    this.#discovery?.abort();
    clearTimeout(this.#discoveryTimer);
    for (const state of this.#roots.values()) stop(state);
    this.#roots.clear();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#checked.dispose();
    this.#left.dispose();
  }

  #onFileEvent(uri: vscode.Uri, structural: boolean): void {
    const path = pathOf(uri);
    if (isGitIndex(path)) {
      const repository = path.slice(0, -'/.git/index'.length);
      for (const root of this.#roots.keys()) {
        if (isWithin(repository, root) || isWithin(root, repository)) this.#schedule(root, settleTime, false);
      }
      return;
    }
    for (const own of this.#rootsOfSettings(path)) this.#schedule(own, settleTime, false);
    const root = this.#rootAround(path);
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    const base = root ?? (folder === undefined ? undefined : pathOf(folder.uri));
    if (base === undefined || isOutOfBounds(relativePath(base, path))) return;
    if (root !== undefined) this.#schedule(root, settleTime, false);
    if (structural) this.discoverSoon();
  }

  #onDocument(document: vscode.TextDocument, delay: number): void {
    if (document.uri.scheme !== 'file') return;
    const path = pathOf(document.uri);
    const root = this.#rootAround(path);
    for (const own of this.#rootsOfSettings(path)) this.#schedule(own, delay, false);
    if (root !== undefined) this.#schedule(root, delay, false, path);
  }

  /**
   * The editor's watcher misses the folders of a folder that has just been made, now and then, and with them all that happens
   * there: what the user does in the editor itself is never passed over for that.
   */
  #onUnseen({ uri }: vscode.TextDocument): void {
    if (uri.scheme === 'file') this.#onFileEvent(uri, false);
  }

  #isNew({ uri }: vscode.TextDocument): boolean {
    const path = pathOf(uri);
    const root = this.#rootAround(path);
    const result = root === undefined ? undefined : this.#roots.get(root)?.result;
    return result?.scripts.has(path) === false;
  }

  /** A file of a tree outside the workspace folders is checked while it is open. */
  async #visit(document: vscode.TextDocument): Promise<void> {
    const path = pathOf(document.uri);
    if (document.uri.scheme !== 'file' || this.#rootAround(path) !== undefined) return;
    if (vscode.workspace.getWorkspaceFolder(document.uri) !== undefined || !isEnabled(document.uri)) return;
    try {
      const root = await findTree(this.fileSystem, path);
      if (root !== undefined && !document.isClosed) this.#schedule(root.path, 0, true);
    } catch (error) {
      this.log.error(`Looking for the stage of ${path} failed`, error);
    }
  }

  #endVisit(closed: vscode.TextDocument): void {
    const root = this.#rootAround(pathOf(closed.uri));
    if (root === undefined || this.#roots.get(root)?.visiting !== true) return;
    const stillOpen = vscode.workspace.textDocuments.some(
      (document) => document !== closed && !document.isClosed && isWithin(root, pathOf(document.uri)),
    );
    if (!stillOpen) this.#leave(root);
  }

  /** The innermost known root around a path. */
  #rootAround(path: string): string | undefined {
    let best: string | undefined;
    for (const root of this.#roots.keys()) {
      if (isWithin(root, path) && (best === undefined || root.length > best.length)) best = root;
    }
    return best;
  }

  /** The trees that a .pigen.yaml may be about: those around which it lies. */
  #rootsOfSettings(path: string): readonly string[] {
    if (!settingsFileNames.includes(baseName(path))) return [];
    return [...this.#roots.keys()].filter((root) => isWithin(folderOf(path), root));
  }

  /** @param typedIn the file whose text, and nothing else, has changed */
  #schedule(root: string, delay: number, visiting: boolean, typedIn?: string): void {
    let state = this.#roots.get(root);
    if (state === undefined) {
      state = {
        timer: undefined,
        running: undefined,
        checking: undefined,
        result: undefined,
        typedIn: undefined,
        visiting,
      };
      this.#roots.set(root, state);
    }
    state.typedIn = typedIn === undefined ? undefined : state.typedIn?.add(typedIn);
    stop(state);
    const scheduled = state;
    state.timer = setTimeout(() => {
      this.#start(root, scheduled);
    }, delay);
  }

  #start(root: string, state: RootState): void {
    stop(state);
    const checking = this.#check(root, state).finally(() => {
      if (state.checking === checking) state.checking = undefined;
    });
    state.checking = checking;
  }

  #leave(root: string): void {
    const state = this.#roots.get(root);
    if (state === undefined) return;
    stop(state);
    this.#roots.delete(root);
    this.checker.forget(root);
    this.#left.fire(root);
  }

  async #check(root: string, state: RootState): Promise<void> {
    const running = new AbortController();
    state.running = running;
    try {
      const uri = uriOf(root);
      const { signal } = running;
      const changed = state.typedIn;
      const result = await this.checker.checkTree(root, {
        signal,
        levels: readRuleLevels(uri),
        // Where it is off, .pigen.yaml decides.
        ...(includesUpstream(uri) && { includeUpstream: true }),
        ...(changed && { changed }),
      });
      if (signal.aborted) return;
      // What comes from now on would have stopped this check.
      state.typedIn = new Set();
      state.result = result;
      this.#checked.fire(result);
    } catch (error) {
      if (!running.signal.aborted) this.log.error(`Checking ${root} failed`, error);
    }
  }
}

function stop(state: RootState): void {
  clearTimeout(state.timer);
  state.running?.abort();
  state.timer = undefined;
  state.running = undefined;
  state.checking = undefined;
}

function isEnabled(uri: vscode.Uri): boolean {
  return vscode.workspace.getConfiguration('pi-gen', uri).get('diagnostics.enabled', true);
}

function includesUpstream(uri: vscode.Uri): boolean {
  return vscode.workspace.getConfiguration('pi-gen', uri).get('diagnostics.upstream', false);
}

function typingDelay(): number {
  return vscode.workspace.getConfiguration('pi-gen').get('diagnostics.delay', 250);
}

function isGitIndex(path: string): boolean {
  return path.endsWith('/.git/index');
}

const closedFolders = new Set(['work', 'deploy', 'rootfs', 'node_modules', '.git']);

/** What pi-gen makes, not what the user writes: whole root file systems that are never looked into. */
function isOutOfBounds(relative: string): boolean {
  return relative.split('/').some((part) => closedFolders.has(part));
}
