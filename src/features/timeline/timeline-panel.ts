import * as vscode from 'vscode';
import { baseName } from '../../pigen/files/path';
import type { FromPage, TimelineView } from './messages';
import { pageHtml } from './page-html';
import { pageWords, timelineWords } from './timeline-words';

export const panelType = 'pi-gen.timeline';

export interface PanelActions {
  open(key: string): void;
  choose(id: string): void;
  save(format: 'svg' | 'json'): void;
  refused(what: string): void;
}

/** The page of a timeline in an editor tab. */
export class TimelinePanel implements vscode.Disposable {
  readonly #subscriptions: readonly vscode.Disposable[];
  #isReady = false;
  #view: TimelineView | undefined;

  /** @param panel that holds nothing yet, or what an earlier window left in it */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    extension: vscode.Uri,
    private readonly actions: PanelActions,
    onDidDispose: () => void,
  ) {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(extension, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    this.#subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => {
        this.#take(message);
      }),
      panel.onDidDispose(onDidDispose),
    ];
    const script = webview.asWebviewUri(vscode.Uri.joinPath(dist, 'timeline-page.js'));
    const words = timelineWords();
    webview.html = pageHtml(script.toString(), vscode.env.language, words.title, pageWords());
  }

  static open(): vscode.WebviewPanel {
    return vscode.window.createWebviewPanel(panelType, timelineWords().title, vscode.ViewColumn.Active);
  }

  get column(): vscode.ViewColumn | undefined {
    return this.panel.viewColumn;
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** What is not visible is shown when it comes up again: the page then asks for it. */
  show(view: TimelineView): void {
    this.#view = view;
    if (this.#isReady) this.#post();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.panel.dispose();
  }

  #post(): void {
    if (this.#view === undefined) return;
    this.panel.title = vscode.l10n.t('Timeline: {0}', baseName(this.#view.root));
    void this.panel.webview.postMessage({
      view: this.#view,
      words: timelineWords(),
      pageWords: pageWords(),
      language: vscode.env.language,
    });
  }

  #take(message: unknown): void {
    if (!isFromPage(message)) return;
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#post();
        break;
      case 'open':
        this.actions.open(message.key);
        break;
      case 'choose':
        this.actions.choose(message.id);
        break;
      case 'export':
        this.actions.save(message.format);
        break;
      case 'refused':
        this.actions.refused(message.what);
        break;
    }
  }
}

function isFromPage(message: unknown): message is FromPage {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false;
  const has = (name: string): boolean =>
    name in message && typeof (message as Readonly<Record<string, unknown>>)[name] === 'string';
  switch (message.type) {
    case 'ready':
      return true;
    case 'open':
      return has('key');
    case 'choose':
      return has('id');
    case 'export':
      return 'format' in message && (message.format === 'svg' || message.format === 'json');
    case 'refused':
      return has('what');
    default:
      return false;
  }
}
