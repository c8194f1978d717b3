import * as vscode from 'vscode';
import { prepareBuild } from '../../build/plan/prepare-build';
import type { PreparedBuildResult } from '../../build/plan/prepare-build';
import { judge, willFail } from '../../build/preflight/judge';
import { markdownReport, summary } from '../../build/preflight/report';
import type { FileSystem } from '../../pigen/files/file-system';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import { readBuildSettings } from './build-settings';
import type { CommandRegistry } from '../command-registry';
import { uriOf } from '../paths';
import { editorEndpoint } from './preflight';
import type { Preflight } from './preflight';
import { pickRoot } from '../tree-picker';
import { isTrusted } from '../trust';

export interface EnvironmentParts {
  readonly disk: FileSystem;
  readonly parser: () => Promise<BashParser>;
  readonly trees: () => readonly StageTree[];
  readonly preflight: Preflight;
  readonly commands: CommandRegistry;
}

const scheme = 'pi-gen-report';
const reportUri = vscode.Uri.from({ scheme, path: '/Environment.md' });

/** `Pi-gen: Check Environment`: a report on what would make a build fail, as a read-only Markdown document. */
export class EnvironmentFeature implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #stop = new AbortController();
  #report = '';

  constructor(private readonly parts: EnvironmentParts) {
    this.#subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(scheme, {
        onDidChange: this.#changed.event,
        provideTextDocumentContent: () => this.#report,
      }),
      parts.commands.register('pi-gen.checkEnvironment', () => this.#check()),
    ];
  }

  dispose(): void {
    this.#stop.abort();
    this.#changed.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #check(): Promise<void> {
    if (!isTrusted()) return;
    const trees = this.parts.trees();
    const root =
      trees.length === 0
        ? undefined
        : await pickRoot(
            trees.map((one) => one.root),
            vscode.l10n.t('What would be built'),
          );
    const tree = trees.find((one) => one.root === root);
    if (trees.length > 0 && tree === undefined) return;
    const title = vscode.l10n.t('Checking the environment of builds');
    const report = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (_progress, token) => {
        const cancel = new AbortController();
        token.onCancellationRequested(() => {
          cancel.abort();
        });
        return this.#gather(tree, AbortSignal.any([cancel.signal, this.#stop.signal]));
      },
    );
    if (report === undefined) return;
    this.#report = report.text;
    this.#changed.fire(reportUri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(reportUri));
    void this.#tell(report);
  }

  async #gather(
    tree: StageTree | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly summary: string; readonly fails: boolean } | undefined> {
    const settings = readBuildSettings(tree === undefined ? defaultFolder() : uriOf(tree.root));
    const parser = await this.parts.parser();
    const place = tree === undefined ? undefined : placeOf(tree, settings.piGen);
    const prepare =
      place === undefined
        ? undefined
        : (machine: string): Promise<PreparedBuildResult> =>
            prepareBuild(
              {
                ...place,
                configFile: settings.config,
                settings: settings.build,
                environment: process.env,
                machine,
              },
              this.parts.disk,
              parser,
              signal,
            );
    try {
      const facts = await this.parts.preflight({
        endpoint: await editorEndpoint(settings.engine, this.parts.disk),
        prepare,
        pull: askToPull,
        signal,
      });
      const verdicts = judge(facts);
      return {
        text: markdownReport(facts, verdicts),
        summary: summary(verdicts),
        fails: willFail(verdicts),
      };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #tell(report: { readonly text: string; readonly summary: string; readonly fails: boolean }) {
    const copy = vscode.l10n.t('Copy Report');
    const answer = report.fails
      ? await vscode.window.showWarningMessage(report.summary, copy)
      : await vscode.window.showInformationMessage(report.summary, copy);
    if (answer === copy) await vscode.env.clipboard.writeText(report.text);
  }
}

/** Undefined where the stages have no pi-gen yet: then only the engine is looked at. */
function placeOf(
  tree: StageTree,
  piGen: string | undefined,
): { readonly treeRoot: string; readonly repositoryRoot: string | undefined } | undefined {
  if (tree.layout === 'pi-gen') return { treeRoot: tree.root, repositoryRoot: undefined };
  return piGen === undefined ? undefined : { treeRoot: piGen, repositoryRoot: tree.root };
}

function defaultFolder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/');
}

async function askToPull(image: string): Promise<boolean> {
  const fetch = vscode.l10n.t('Fetch');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      "To look into the engine's machine a container is needed, and the engine has no image yet. Fetch {0}, which the build needs too?",
      image,
    ),
    { modal: true },
    fetch,
  );
  return answer === fetch;
}
