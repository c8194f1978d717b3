import * as vscode from 'vscode';
import type { IndexStore } from '../packages/index-store';
import { updateIndex } from '../packages/update-index';
import type { UpdateProgress, UpdateResult } from '../packages/update-index';
import { partKey } from '../pigen/apt/apt-sources';
import type { RepositoryPart } from '../pigen/apt/apt-sources';
import type { CheckResult } from '../rules/checker';
import type { CommandRegistry } from './command-registry';
import { uriOf } from './paths';

export interface PackageIndexParts {
  readonly store: IndexStore;
  /** The trees as they were last checked. */
  readonly results: () => readonly CheckResult[];
  readonly onDidCheck: vscode.Event<CheckResult>;
  /** Has the trees checked again. */
  readonly checkAgain: () => void;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

/** Milliseconds after which the index is fetched again, where the user has turned that on. */
const day = 24 * 60 * 60 * 1000;

/**
 * `Pi-gen: Update Package Index`, and the same in the background where `pi-gen.packages.updateIndex` says so. The addresses come
 * from the workspace's files, so it takes a trusted one.
 */
export class PackageIndexFeature implements vscode.Disposable {
  readonly #subscriptions: vscode.Disposable[];
  readonly #stop = new AbortController();
  /** When a tree's part of the index was last looked at, by its root; milliseconds since 1970. */
  readonly #looked = new Map<string, number>();
  #running: Promise<void> | undefined;

  constructor(private readonly parts: PackageIndexParts) {
    this.#subscriptions = [
      parts.commands.register('pi-gen.updatePackageIndex', () => this.#once(() => this.#update())),
      parts.onDidCheck((result) => void this.#updateByItself(result)),
    ];
  }

  dispose(): void {
    this.#stop.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** One update at a time: whoever asks for another one waits for the first. */
  #once(update: () => Promise<void>): Promise<void> {
    this.#running ??= update().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #update(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          'The stages name the repositories to ask for packages, so the package index can be updated in a trusted folder only.',
        ),
      );
      return;
    }
    const results = this.parts.results();
    if (results.length === 0) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t('There is no pi-gen stage in this workspace, so there are no repositories to ask.'),
      );
      return;
    }
    const wanted = await partsOf(results);
    if (wanted.length === 0) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          'Nothing tells which repositories the image will know. Name the release in .pigen.yaml or config, and keep apt sources in files of the stages.',
        ),
      );
      return;
    }
    const title = vscode.l10n.t('Updating the package index');
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        const cancel = new AbortController();
        token.onCancellationRequested(() => {
          cancel.abort();
        });
        let reported = 0;
        const result = await this.#fetch(wanted, cancel.signal, ({ done, total, repository }) => {
          const increment = (100 * (done - reported)) / total;
          reported = done;
          progress.report({ increment, message: repository });
        });
        if (result !== undefined) this.#tell(result);
      },
    );
  }

  async #updateByItself({ root, repositories }: CheckResult): Promise<void> {
    const settings = vscode.workspace.getConfiguration('pi-gen', uriOf(root));
    if (settings.get<string>('packages.updateIndex', 'never') !== 'daily' || !vscode.workspace.isTrusted)
      return;
    const now = Date.now();
    if (now - (this.#looked.get(root) ?? -Infinity) < day) return;
    this.#looked.set(root, now);
    try {
      const wanted = (await repositories())?.parts ?? [];
      const known = await this.parts.store.contents();
      const old = wanted.filter((part) => now - (known.get(partKey(part))?.fetched ?? 0) >= day);
      if (old.length === 0) return;
      const title = vscode.l10n.t('Updating the package index');
      await this.#once(async () => {
        await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
          this.#fetch(old, this.#stop.signal),
        );
      });
    } catch (error) {
      this.parts.log.error('Updating the package index failed', error);
    }
  }

  /** Fetches parts of repositories; undefined where that was cancelled, or has failed and is told. */
  async #fetch(
    wanted: readonly RepositoryPart[],
    cancelled: AbortSignal,
    onProgress?: (progress: UpdateProgress) => void,
  ): Promise<UpdateResult | undefined> {
    const signal = AbortSignal.any([this.#stop.signal, cancelled]);
    try {
      const options = onProgress === undefined ? { signal } : { signal, onProgress };
      const result = await updateIndex(this.parts.store, wanted, options);
      for (const { url, reason } of result.failures) this.parts.log.warn(`Package index: ${url}: ${reason}`);
      return result;
    } catch (error) {
      if (signal.aborted) return undefined;
      this.parts.log.error('The package index cannot be kept', error);
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(vscode.l10n.t('The package index cannot be kept: {0}', reason));
      return undefined;
    } finally {
      // What is complete is kept, whatever became of the rest.
      if (!this.#stop.signal.aborted) this.parts.checkAgain();
    }
  }

  #tell({ updated, failures }: UpdateResult): void {
    const [first] = failures;
    if (first === undefined) {
      const repositories = new Set(updated.map(({ uri, suite }) => `${uri} ${suite}`)).size;
      void vscode.window.showInformationMessage(
        vscode.l10n.t('The package index is up to date. Repositories: {0}.', repositories),
      );
      return;
    }
    const showLog = vscode.l10n.t('Show Log');
    const message = vscode.l10n.t(
      'Not all repositories could be asked for their packages, so names are not checked where those count. {0}: {1}.',
      first.url,
      first.reason,
    );
    void vscode.window.showWarningMessage(message, showLog).then((answer) => {
      if (answer === showLog) this.parts.log.show();
    });
  }
}

/** What the trees of the workspace need, each part once. */
async function partsOf(results: readonly CheckResult[]): Promise<readonly RepositoryPart[]> {
  const all = await Promise.all(results.map(async ({ repositories }) => (await repositories())?.parts ?? []));
  return [...new Map(all.flat().map((part) => [partKey(part), part])).values()];
}
