import * as vscode from 'vscode';
import type { Failure, FrameKind } from '../../explain/explanation';
import type { LogSection } from '../../explain/log-index';
import { LogTargets } from '../../explain/log-targets';
import type { LogTarget } from '../../explain/log-targets';
import { baseName } from '../../pigen/files/path';
import { shorten } from '../../rules/knowledge/shorten';
import { uriOf } from '../paths';
import type { LogDocuments } from './log-documents';

export const logLanguage = 'pi-gen-log';

/** What the lens shows of a cause, in characters: the lenses behind it have to be seen too. */
const longestCause = 60;

const symbolKinds: Partial<Readonly<Record<FrameKind, vscode.SymbolKind>>> = {
  tree: vscode.SymbolKind.Package,
  stage: vscode.SymbolKind.Module,
  'sub-stage': vscode.SymbolKind.Namespace,
};

/** The outline: stage, sub-stage, step, each with how long it took. */
export class LogSymbols implements vscode.DocumentSymbolProvider {
  constructor(private readonly documents: LogDocuments) {}

  async provideDocumentSymbols(document: vscode.TextDocument): Promise<vscode.DocumentSymbol[]> {
    const index = await this.documents.index(document);
    return (index?.sections ?? []).map((section) => symbolOf(section, document));
  }
}

/** Every stage, sub-stage and step can be folded. */
export class LogFolding implements vscode.FoldingRangeProvider {
  constructor(private readonly documents: LogDocuments) {}

  async provideFoldingRanges(document: vscode.TextDocument): Promise<vscode.FoldingRange[]> {
    const index = await this.documents.index(document);
    return (index?.sections ?? []).flatMap(foldsOf);
  }
}

/** Paths of the build container lead to the local file, on the line where the log names one. */
export class LogLinks implements vscode.DocumentLinkProvider {
  constructor(private readonly documents: LogDocuments) {}

  async provideDocumentLinks(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<vscode.DocumentLink[]> {
    const [index, explained] = await Promise.all([
      this.documents.index(document),
      this.documents.explained(document),
    ]);
    if (index === undefined || explained?.tree === undefined || token.isCancellationRequested) return [];
    const targets = new LogTargets(explained.tree, this.documents.targetFiles);
    const found = await Promise.all(
      index.references.map(async (reference) => ({ reference, target: await targets.of(reference) })),
    );
    return found.flatMap(({ reference, target }) => {
      if (target === undefined || reference.line >= document.lineCount) return [];
      const column = document.lineAt(reference.line).text.indexOf(reference.text);
      if (column < 0) return [];
      const range = new vscode.Range(reference.line, column, reference.line, column + reference.text.length);
      const link = new vscode.DocumentLink(range, addressOf(target));
      link.tooltip =
        target.kind === 'file'
          ? vscode.l10n.t('Open {0}', vscode.workspace.asRelativePath(target.path))
          : vscode.l10n.t('Show {0} in the Explorer', vscode.workspace.asRelativePath(target.path));
      return [link];
    });
  }
}

/** Above the first line of a failed build's log: where it failed and why. */
export class LogSummary implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(private readonly documents: LogDocuments) {}

  /** The trees are other ones now. */
  refresh(): void {
    this.documents.forgetExplanations();
    this.#changed.fire();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const failure = (await this.documents.explained(document))?.explanation.failures[0];
    if (failure === undefined) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const { finding, logLine } = failure;
    return [
      new vscode.CodeLens(top, {
        title: `$(error) ${summaryOf(failure)}`,
        tooltip: `${failure.cause} ${failure.fix}`,
        command: 'pi-gen.showPlace',
        arguments:
          finding === undefined
            ? [document.uri, logLine ?? 0]
            : [uriOf(finding.file), finding.range.start.line, finding.range.start.column],
      }),
      ...(logLine === undefined
        ? []
        : [
            new vscode.CodeLens(top, {
              title: vscode.l10n.t('Show in Log (line {0})', logLine + 1),
              command: 'pi-gen.showPlace',
              arguments: [document.uri, logLine],
            }),
          ]),
      new vscode.CodeLens(top, {
        title: vscode.l10n.t('Explain'),
        tooltip: vscode.l10n.t('Show the cause, the fix and how sure that is, and underline the place'),
        command: 'pi-gen.explainBuildLog',
        arguments: [document.uri],
      }),
    ];
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** `Failed in stage-x › 00-foo › 00-run.sh, line 12: cause`. */
function summaryOf({ step, finding, cause: whole }: Failure): string {
  const cause = shorten(whole, longestCause);
  if (step === undefined) return vscode.l10n.t('Failed: {0}', cause);
  const where = shortStep(step.path);
  const isWithin = finding?.file === step.path && finding.range.end.column > 0;
  return !isWithin
    ? vscode.l10n.t('Failed in {0}: {1}', where, cause)
    : vscode.l10n.t('Failed in {0}, line {1}: {2}', where, finding.range.start.line + 1, cause);
}

/** The last three parts of a step's path: stage, sub-stage and step. */
export function shortStep(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const from = Math.max(
    0,
    parts.findLastIndex((part) => /^(?:stage|export-)/.test(part)),
    parts.length - 3,
  );
  return parts.slice(from).join(' › ');
}

function symbolOf(section: LogSection, document: vscode.TextDocument): vscode.DocumentSymbol {
  const last = Math.min(section.lastLine, document.lineCount - 1);
  const first = Math.min(section.firstLine, last);
  const symbol = new vscode.DocumentSymbol(
    baseName(section.path) || section.path,
    detailOf(section),
    symbolKinds[section.kind] ?? vscode.SymbolKind.Event,
    new vscode.Range(new vscode.Position(first, 0), document.lineAt(last).range.end),
    document.lineAt(first).range,
  );
  symbol.children = section.sections.map((child) => symbolOf(child, document));
  return symbol;
}

function detailOf({ seconds, failed }: LogSection): string {
  const duration = seconds === undefined ? undefined : durationOf(seconds);
  if (!failed) return duration ?? '';
  return duration === undefined ? vscode.l10n.t('failed') : vscode.l10n.t('failed after {0}', duration);
}

/** `6 m 42 s`. */
function durationOf(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = vscode.l10n.t('{0} s', seconds % 60);
  if (hours > 0) return vscode.l10n.t('{0} h {1} m', hours, minutes);
  return minutes > 0 ? `${vscode.l10n.t('{0} m', minutes)} ${rest}` : rest;
}

function foldsOf({ firstLine, lastLine, sections }: LogSection): vscode.FoldingRange[] {
  const inner = sections.flatMap(foldsOf);
  return lastLine > firstLine
    ? [new vscode.FoldingRange(firstLine, lastLine, vscode.FoldingRangeKind.Region), ...inner]
    : inner;
}

function addressOf({ path, kind, line }: LogTarget): vscode.Uri {
  const uri = uriOf(path);
  if (kind === 'folder') {
    const query = encodeURIComponent(JSON.stringify([uri.toJSON()]));
    return vscode.Uri.parse(`command:revealInExplorer?${query}`);
  }
  return line === undefined ? uri : uri.with({ fragment: `L${line + 1}` });
}
