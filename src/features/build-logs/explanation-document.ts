import * as vscode from 'vscode';
import type { Certainty, Failure, FrameKind } from '../../explain/explanation';
import { uriOf } from '../paths';
import { shortStep } from './log-language';

const scheme = 'pi-gen-explanation';
/** Of its lines, in characters: what fits beside the side bar. */
const width = 96;

/** What an explanation is about. */
export interface ExplainedSource {
  /** As the user knows it: a file, the clipboard, a run. */
  readonly name: string;
  /** Where the log can be read, if it still can. */
  readonly log: vscode.Uri | undefined;
  /** What the reader has to know before they trust the places, such as another commit. */
  readonly notes?: readonly string[];
}

interface Line {
  readonly text: string;
  /** What a part of the line leads to. */
  readonly link?: { readonly part: string; readonly target: vscode.Uri };
}

/** Shows the explanation of a log as a read-only text whose places can be clicked. */
export class ExplanationDocument
  implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, vscode.Disposable
{
  readonly #uri = vscode.Uri.from({ scheme, path: `/${vscode.l10n.t('Build Log Explained')}` });
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: { dispose(): unknown }[];
  #lines: readonly Line[] = [];

  constructor() {
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.languages.registerDocumentLinkProvider({ scheme }, this),
    ];
  }

  /** Shows what became of a failed build's log; `failures` is not empty. */
  async show(source: ExplainedSource, failures: readonly Failure[]): Promise<void> {
    this.#lines = linesOf(source, failures);
    this.#changed.fire(this.#uri);
    const document = await vscode.workspace.openTextDocument(this.#uri);
    await this.#untilUpToDate(document);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** One that is open already holds the explanation before for a moment, whose lines lead nowhere now. */
  async #untilUpToDate(document: vscode.TextDocument): Promise<void> {
    const isUpToDate = () => document.isClosed || document.getText() === this.provideTextDocumentContent();
    const waits: vscode.Disposable[] = [];
    await new Promise<void>((resolve) => {
      const look = () => {
        if (isUpToDate()) resolve();
      };
      waits.push(
        vscode.workspace.onDidChangeTextDocument(look),
        vscode.workspace.onDidCloseTextDocument(look),
      );
      look();
    });
    for (const wait of waits) wait.dispose();
  }

  provideTextDocumentContent(): string {
    return this.#lines.map(({ text }) => text).join('\n');
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    return this.#lines.flatMap(({ text, link }, line) => {
      const column = link === undefined ? -1 : text.indexOf(link.part);
      // The text on screen may still be that of the explanation before.
      if (link === undefined || column < 0 || document.lineAt(line).text !== text) return [];
      const range = new vscode.Range(line, column, line, column + link.part.length);
      return [new vscode.DocumentLink(range, link.target)];
    });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

function linesOf({ name, log, notes = [] }: ExplainedSource, failures: readonly Failure[]): readonly Line[] {
  const title =
    failures.length === 1
      ? vscode.l10n.t('Why the build failed')
      : vscode.l10n.t('Why the build failed: {0} possible causes, the likeliest first', failures.length);
  const about = vscode.l10n.t('Log: {0}', name);
  return [
    { text: title },
    log === undefined ? { text: about } : { text: about, link: { part: name, target: log } },
    ...notes.map((text) => ({ text })),
    ...failures.flatMap((failure, i) => [{ text: '' }, ...linesOfFailure(failure, i + 1, log)]),
    { text: '' },
  ];
}

function linesOfFailure(failure: Failure, number: number, log: vscode.Uri | undefined): readonly Line[] {
  const { cause, fix, certainty, step, finding, logLine } = failure;
  const lines: Line[] = [
    ...wrapped(`${number}. `, cause),
    ...wrapped(row(vscode.l10n.t('Fix'), '').text, fix),
  ];
  if (step !== undefined) {
    lines.push(row(vscode.l10n.t('Step'), `${shortStep(step.path)} (${kindText(step.kind)})`));
  }
  if (finding !== undefined) {
    const { start } = finding.range;
    const file = vscode.workspace.asRelativePath(finding.file);
    const place = vscode.l10n.t('{0}, line {1}', file, start.line + 1);
    const target = uriOf(finding.file).with({ fragment: `L${start.line + 1},${start.column + 1}` });
    lines.push({ ...row(vscode.l10n.t('Where'), place), link: { part: place, target } });
  }
  if (logLine !== undefined) {
    const place = vscode.l10n.t('line {0} of the log', logLine + 1);
    const target = log?.with({ fragment: `L${logLine + 1}` });
    const line = row(vscode.l10n.t('Seen'), place);
    lines.push(target === undefined ? line : { ...line, link: { part: place, target } });
  }
  lines.push(row(vscode.l10n.t('Sure'), certaintyText(certainty)));
  lines.push(row(vscode.l10n.t('Class'), failure.class));
  return lines;
}

/** A text in lines of a readable width, those after the first as far in as its own beginning. */
function wrapped(lead: string, text: string): readonly Line[] {
  const lines: string[] = [];
  let line = lead;
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length > width && line.trim() !== '' && line !== lead) {
      lines.push(line.trimEnd());
      line = ' '.repeat(lead.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].map((one) => ({ text: one }));
}

function row(label: string, text: string): Line {
  return { text: `   ${`${label}:`.padEnd(7)} ${text}` };
}

function certaintyText(certainty: Certainty): string {
  switch (certainty) {
    case 'certain':
      return vscode.l10n.t('Yes: these words of the log have no other cause.');
    case 'likely':
      return vscode.l10n.t('Likely: this is the usual cause of these words.');
    case 'guess':
      return vscode.l10n.t('No, it is a guess: worth a look.');
  }
}

function kindText(kind: FrameKind): string {
  switch (kind) {
    case 'tree':
      return vscode.l10n.t('the build as a whole');
    case 'stage':
      return vscode.l10n.t('a stage');
    case 'sub-stage':
      return vscode.l10n.t('a sub-stage');
    case 'run-chroot':
      return vscode.l10n.t('a script inside the image');
    case 'run':
    case 'prerun':
    case 'postrun':
      return vscode.l10n.t('a script on the build host');
    case 'packages':
    case 'packages-nr':
      return vscode.l10n.t('packages to install');
    case 'patches':
      return vscode.l10n.t('patches');
    case 'debconf':
      return vscode.l10n.t('answers for debconf');
  }
}
