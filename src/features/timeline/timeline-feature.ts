import * as vscode from 'vscode';
import { buildBefore } from '../../build/timeline/build-timeline';
import type { BuildTimeline } from '../../build/timeline/build-timeline';
import { timelineJson } from '../../build/timeline/timeline-json';
import { timelineRows } from '../../build/timeline/timeline-rows';
import { readAllTimelines } from '../../build/timeline/timeline-store';
import { timelineSvg } from '../../build/timeline/timeline-svg';
import { baseName, folderOf, isWithin, joinPath } from '../../pigen/path';
import type { StageTree } from '../../pigen/stage-tree';
import type { CommandRegistry } from '../command-registry';
import { uriOf } from '../paths';
import { pickRoot } from '../tree-picker';
import type { LiveTimeline } from './live-timeline';
import type { PageState, TimelineView } from './messages';
import { TimelinePanel, panelType } from './timeline-panel';
import { timelineWords } from './timeline-words';

export interface TimelineParts {
  readonly trees: () => readonly StageTree[];
  readonly live: LiveTimeline;
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

/** Pixels across of an exported picture. */
const exportWidth = 1100;

/** `Pi-gen: Show Build Timeline`: how long the steps of a build took and what its stages came to, beside the build before. */
export class TimelineFeature implements vscode.Disposable {
  readonly #subscriptions: readonly vscode.Disposable[];
  #panel: TimelinePanel | undefined;
  #view: TimelineView | undefined;
  /** The build that the user has chosen; undefined: the newest. */
  #chosen: string | undefined;

  constructor(private readonly parts: TimelineParts) {
    this.#subscriptions = [
      parts.commands.register('pi-gen.showTimeline', () => this.#open()),
      parts.live.onDidChange(({ timeline, logFile }) => {
        // A build that begins, or ends, changes what can be chosen.
        const view = this.#view;
        if (view === undefined || !isOf(view.root, logFile)) return;
        if (this.#chosen !== undefined && view.build?.id !== timeline.id) void this.#show(view.root);
        else this.#showLive();
        if (timeline.outcome !== 'running') void this.#show(view.root);
      }),
      vscode.window.registerWebviewPanelSerializer(panelType, {
        deserializeWebviewPanel: async (panel, state: Partial<PageState> | undefined) => {
          this.#take(panel);
          await this.#show(typeof state?.root === 'string' ? state.root : (parts.trees()[0]?.root ?? ''));
        },
      }),
    ];
  }

  dispose(): void {
    this.#panel?.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #open(): Promise<void> {
    const { live, trees } = this.parts;
    const roots = trees().map(({ root }) => root);
    const running = roots.find((root) => live.build !== undefined && isOf(root, live.build.logFile));
    const root = running ?? (await pickRoot(roots, vscode.l10n.t('Whose builds to show')));
    if (root === undefined) {
      if (roots.length === 0) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t('There is no pi-gen stage in this workspace, so nothing was built.'),
        );
      }
      return;
    }
    this.#chosen = undefined;
    if (this.#panel === undefined) this.#take(TimelinePanel.open());
    else this.#panel.reveal();
    await this.#show(root);
  }

  #take(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    const made = new TimelinePanel(
      panel,
      this.parts.extensionUri,
      {
        open: (key) => void this.#openRow(key),
        choose: (id) => {
          this.#chosen = id;
          if (this.#view !== undefined) void this.#show(this.#view.root);
        },
        save: (format) => void this.#save(format),
        refused: (what) => {
          this.parts.log.error(`The page of the timeline was not allowed to load something: ${what}`);
        },
      },
      () => {
        if (this.#panel !== made) return;
        this.#panel = undefined;
        this.#view = undefined;
      },
    );
    this.#panel = made;
  }

  /** Shows the chosen build of a tree, or the newest, beside the one before it. */
  async #show(root: string): Promise<void> {
    const { builds: kept, problem } = await readAllTimelines(joinPath(root, 'deploy'));
    const live = this.#liveOf(root);
    const builds = live === undefined ? kept : [live, ...kept.filter(({ id }) => id !== live.id)];
    const build = builds.find(({ id }) => id === this.#chosen) ?? builds[0];
    const view: TimelineView = {
      root,
      build,
      last: build && buildBefore(build, builds),
      builds: builds.map(({ id, variant, began, outcome }) => ({ id, variant, began, outcome })),
      problem,
    };
    this.#view = view;
    this.#panel?.show(view);
  }

  /** Only what the build that runs has come to is new. */
  #showLive(): void {
    const view = this.#view;
    const live = view && this.#liveOf(view.root);
    if (view === undefined || live === undefined) return;
    if (view.build?.id !== live.id) void this.#show(view.root);
    else this.#panel?.show((this.#view = { ...view, build: live }));
  }

  #liveOf(root: string): BuildTimeline | undefined {
    const { build } = this.parts.live;
    return build !== undefined && isOf(root, build.logFile) ? build.timeline : undefined;
  }

  async #openRow(key: string): Promise<void> {
    const { build, last } = this.#view ?? {};
    const row = build && timelineRows(build, last).find((one) => one.key === key);
    if (row?.path === undefined) return;
    const uri = uriOf(row.path);
    try {
      const { type } = await vscode.workspace.fs.stat(uri);
      if (type === vscode.FileType.Directory) await vscode.commands.executeCommand('revealInExplorer', uri);
      else
        await vscode.window.showTextDocument(uri, {
          viewColumn: this.#panel?.column ?? vscode.ViewColumn.Active,
        });
    } catch {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{0} is not there any more, or cannot be shown.', row.path),
      );
    }
  }

  async #save(format: 'svg' | 'json'): Promise<void> {
    const { root, build, last } = this.#view ?? {};
    if (root === undefined || build === undefined) return;
    const name = `${baseName(root)}-timeline.${format}`;
    const target = await vscode.window.showSaveDialog({
      defaultUri: uriOf(joinPath(root, name)),
      filters: format === 'svg' ? { SVG: ['svg'] } : { JSON: ['json'] },
      title: vscode.l10n.t('Export Build Timeline'),
    });
    if (target === undefined) return;
    const text =
      format === 'svg'
        ? pictureOf(build, last)
        : `${JSON.stringify(timelineJson(build, last, root), null, 2)}\n`;
    try {
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    } catch (error) {
      void vscode.window.showErrorMessage(
        vscode.l10n.t('The timeline could not be written to {0}: {1}', target.fsPath, String(error)),
      );
    }
  }
}

function pictureOf(build: BuildTimeline, last: BuildTimeline | undefined): string {
  const format = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
  return timelineSvg(build, last, {
    width: exportWidth,
    words: timelineWords(),
    alone: true,
    folded: new Set(),
    moment: (date) => format.format(date),
  });
}

/** Whether a log is one of a tree's builds. */
function isOf(root: string, logFile: string): boolean {
  return isWithin(root, folderOf(logFile));
}
