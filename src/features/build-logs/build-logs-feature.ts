import * as vscode from 'vscode';
import type { FileSystem } from '../../pigen/files/file-system';
import type { Finding } from '../../pigen/finding';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { CheckResult } from '../../rules/checker';
import type { BashParser } from '../../shell/bash-parser';
import type { CommandRegistry } from '../command-registry';
import { ExplanationDocument } from './explanation-document';
import type { ExplainedSource } from './explanation-document';
import { LargeLogs } from './large-logs';
import { LogDetection } from './log-detection';
import { LogDocuments } from './log-documents';
import { LogExplanations } from './log-explanations';
import type { ExplainedLog } from './log-explanations';
import { LogFolding, logLanguage, LogLinks, LogSummary, LogSymbols } from './log-language';
import { chooseLogSource, chunksOf, isArchive, sourceOf } from './log-sources';
import type { LogSource } from './log-sources';
import { ReadOnlyLogs } from './read-only-logs';
import type { StandingFailures } from './standing-failures';

export interface BuildLogsParts {
  /** With unsaved changes. */
  readonly fileSystem: FileSystem;
  readonly parser: () => Promise<BashParser>;
  /** Resolves once the trees of the workspace are known. */
  readonly trees: () => Promise<readonly StageTree[]>;
  readonly onDidCheck: vscode.Event<CheckResult>;
  readonly ruleNames: ReadonlySet<string>;
  /** What the rules say now. */
  readonly ruleFindings: () => readonly Finding[];
  readonly standing: StandingFailures;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

/** Logs as logs, and `Pi-gen: Explain Build Log…`. */
export class BuildLogsFeature implements vscode.Disposable {
  readonly #explanations: LogExplanations;
  readonly #document = new ExplanationDocument();
  readonly #logs = new ReadOnlyLogs();
  readonly #roots = new Set<string>();
  readonly #subscriptions: { dispose(): unknown }[];

  constructor(private readonly parts: BuildLogsParts) {
    const { fileSystem, parser, trees, ruleNames, ruleFindings, commands } = parts;
    this.#explanations = new LogExplanations(fileSystem, parser, trees, ruleNames, ruleFindings);
    const documents = new LogDocuments(this.#explanations);
    const summary = new LogSummary(documents);
    const logs = { language: logLanguage };
    this.#subscriptions = [
      this.#document,
      this.#logs,
      documents,
      summary,
      new LogDetection(),
      new LargeLogs(),
      vscode.languages.registerDocumentSymbolProvider(logs, new LogSymbols(documents)),
      vscode.languages.registerFoldingRangeProvider(logs, new LogFolding(documents)),
      vscode.languages.registerDocumentLinkProvider(logs, new LogLinks(documents)),
      vscode.languages.registerCodeLensProvider(logs, summary),
      parts.onDidCheck(({ root }) => {
        // Opened while the trees were still being looked for, a log was explained without them.
        if (this.#roots.has(root)) return;
        this.#roots.add(root);
        summary.refresh();
      }),
      commands.register('pi-gen.explainBuildLog', (uri) => this.#explain(uri)),
      commands.register('pi-gen.showPlace', (uri, line, column) => showPlace(uri, line, column)),
    ];
  }

  /** Explains a log that was fetched from somewhere. Rejects where the chunks do. */
  explain(chunks: AsyncIterable<string>): Promise<ExplainedLog> {
    return this.#explanations.explain(chunks);
  }

  /** A log that is no file, to be shown. */
  keep(name: string, text: string): vscode.Uri {
    return this.#logs.add(name, text);
  }

  /** Shows an explanation: its places in their files and in Problems, and all of it as a text. */
  async show(source: ExplainedSource, { explanation, tree }: ExplainedLog): Promise<void> {
    const { failed, failures } = explanation;
    if (!failed || failures.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('There is no failed pi-gen build in this log ({0}).', source.name),
      );
      return;
    }
    await this.parts.standing.show(
      failures.flatMap(({ finding }) => finding ?? []),
      tree,
    );
    await this.#document.show(source, failures);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #explain(uri: unknown): Promise<void> {
    const source =
      uri instanceof vscode.Uri ? sourceOf(uri) : await chooseLogSource(await this.parts.trees());
    if (source === undefined) return;
    if (isArchive(source.uri)) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t('This is an archive. Unpack it, and choose the log of the job that failed.'),
      );
      return;
    }
    try {
      const explained = await this.#withProgress(source);
      if (explained === undefined) return;
      const log = source.uri ?? this.#logs.add(vscode.l10n.t('pasted.log'), source.text ?? '');
      await this.show({ name: source.name, log }, explained);
    } catch (error) {
      this.parts.log.error(`Explaining ${source.name} failed`, error);
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(
        vscode.l10n.t('The log {0} cannot be read: {1}', source.name, reason),
      );
    }
  }

  /** Undefined where the user has cancelled it. */
  #withProgress(source: LogSource): Thenable<ExplainedLog | undefined> {
    return vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Explaining {0}', source.name),
        cancellable: true,
      },
      async (progress, token) => {
        const stop = new AbortController();
        token.onCancellationRequested(() => {
          stop.abort();
        });
        const chunks = chunksOf(source, stop.signal, (increment) => {
          progress.report({ increment });
        });
        try {
          const file = source.uri?.scheme === 'file' ? source.uri.fsPath.replaceAll('\\', '/') : undefined;
          return await this.#explanations.explain(chunks, file);
        } catch (error) {
          if (stop.signal.aborted) return undefined;
          throw error;
        }
      },
    );
  }
}

/** What a lens leads to: a line and column, both 0-based. */
async function showPlace(uri: unknown, line: unknown, column: unknown): Promise<void> {
  if (!(uri instanceof vscode.Uri)) return;
  const place = new vscode.Position(Number(line ?? 0), Number(column ?? 0));
  const stat = await vscode.workspace.fs.stat(uri).then(
    (found) => found,
    () => undefined,
  );
  if (stat?.type === vscode.FileType.Directory) {
    await vscode.commands.executeCommand('revealInExplorer', uri);
    return;
  }
  if (stat === undefined && uri.scheme === 'file') {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('{0} does not exist.', vscode.workspace.asRelativePath(uri)),
    );
    return;
  }
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(place, place) });
}
