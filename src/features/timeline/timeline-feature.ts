import * as vscode from 'vscode';
import { buildBefore } from '../../build/timeline/build-timeline';
import type { BuildTimeline } from '../../build/timeline/build-timeline';
import { timelineJson } from '../../build/timeline/timeline-json';
import { timelineRows } from '../../build/timeline/timeline-rows';
import { newestFirst, readAllTimelines } from '../../build/timeline/timeline-store';
import { timelineSvg } from '../../build/timeline/timeline-svg';
import { baseName, folderOf, isWithin, joinPath, relativePath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { CommandRegistry } from '../command-registry';
import { uriOf } from '../paths';
import { pickRoot } from '../tree-picker';
import type { FollowedBuild, LiveTimeline } from './live-timeline';
import type { PageState, TimelineView } from './messages';
import { TimelinePanel, panelType } from './timeline-panel';
import { timelineWords } from './timeline-words';

export interface TimelineParts {
  readonly trees: () => readonly StageTree[];
  /** Resolves once the trees of the workspace are known. */
  readonly allTrees: () => Promise<readonly StageTree[]>;
  readonly live: LiveTimeline;
  readonly extensionUri: vscode.Uri;
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

/** Its name in the workspace's memory, and how many folders are kept there of a tree. */
const memoryKey = 'pi-gen.resultFolders';
const keptElsewhere = 5;

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
      parts.live.onDidChange((build) => {
        this.#follow(build);
      }),
      vscode.window.registerWebviewPanelSerializer(panelType, {
        deserializeWebviewPanel: async (panel, state: Partial<PageState> | undefined) => {
          this.#take(panel);
          // A page that went away before it was told of anything has no root of its own.
          const root = state?.root ?? '';
          await this.#show(root === '' ? ((await parts.allTrees())[0]?.root ?? '') : root);
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
    if (roots.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('There is no pi-gen stage in this workspace, so nothing was built.'),
      );
      return;
    }
    const running = roots.flatMap((root) =>
      live
        .of(root)
        .filter(isRunning)
        .map((build) => ({ root, build })),
    );
    const picked = running.length > 1 ? await pickRunning(running) : undefined;
    if (running.length > 1 && picked === undefined) return;
    const followed = picked?.root ?? roots.find((root) => live.of(root).length > 0);
    const root = followed ?? (await pickRoot(roots, vscode.l10n.t('Whose builds to show')));
    if (root === undefined) return;
    this.#chosen = picked?.build.id;
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

  /** A build begins, goes on, or ends. */
  #follow({ root, logFile, timeline }: FollowedBuild): void {
    const folder = folderOf(logFile);
    if (!isWithin(joinPath(root, 'deploy'), folder)) void this.#remember(root, folder);
    const view = this.#view;
    if (view?.root !== root) return;
    const known = view.builds.find(({ id }) => id === timeline.id);
    if (known?.outcome !== timeline.outcome) void this.#show(root);
    else if (view.build?.id === timeline.id) {
      this.#panel?.show((this.#view = { ...view, build: timeline }));
    }
  }

  /** Shows the chosen build of a tree, or the newest, beside the one before it. */
  async #show(root: string): Promise<void> {
    const { kept, problem } = await this.#kept(root);
    const live = this.parts.live.of(root);
    const others = kept.filter(({ id }) => !live.some((one) => one.id === id));
    const builds = newestFirst([...live, ...others]);
    const build =
      builds.find(({ id }) => id === this.#chosen) ?? this.#stillRunning(root, builds) ?? builds[0];
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

  /** Who watches a build is not taken away from it by another one that begins. */
  #stillRunning(root: string, builds: readonly BuildTimeline[]): BuildTimeline | undefined {
    if (this.#view?.root !== root) return undefined;
    const { id } = this.#view.build ?? {};
    return builds.find((build) => build.id === id && isRunning(build));
  }

  /** What is kept of a tree's builds, wherever their results went. */
  async #kept(
    root: string,
  ): Promise<{ readonly kept: readonly BuildTimeline[]; readonly problem: string | undefined }> {
    const folders = [joinPath(root, 'deploy'), ...(this.#elsewhere[root] ?? [])];
    const all = await Promise.all(folders.map((folder) => readAllTimelines(folder)));
    return {
      kept: all.flatMap(({ builds }) => builds),
      problem: all.find(({ problem }) => problem !== undefined)?.problem,
    };
  }

  /** By root of a tree: other folders than its own for results that its builds were seen to use, the latest first. */
  get #elsewhere(): Readonly<Record<string, readonly string[]>> {
    return this.parts.memory.get<Readonly<Record<string, readonly string[]>>>(memoryKey, {});
  }

  async #remember(root: string, folder: string): Promise<void> {
    const all = this.#elsewhere;
    const [latest, ...others] = all[root] ?? [];
    if (latest === folder) return;
    const folders = [folder, ...[latest ?? folder, ...others].filter((other) => other !== folder)];
    await this.parts.memory.update(memoryKey, { ...all, [root]: folders.slice(0, keptElsewhere) });
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

function isRunning({ outcome }: BuildTimeline): boolean {
  return outcome === 'running';
}

interface RunningOfTree {
  readonly root: string;
  readonly build: BuildTimeline;
}

/** Of several builds that run at once. */
async function pickRunning(running: readonly RunningOfTree[]): Promise<RunningOfTree | undefined> {
  const items = running.map(({ root, build }) => ({
    label: build.variant,
    description: baseName(root),
    detail: currentStep(build),
    root,
    build,
  }));
  return vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which Running Build to Show'),
    matchOnDetail: true,
  });
}

/** What a build is at: `stage-x/00-net/00-run.sh`. */
function currentStep({ parts }: BuildTimeline): string {
  const open = parts.filter(({ ended, kind }) => !ended && kind !== 'image').at(-1);
  if (open === undefined) return vscode.l10n.t('image of the build container');
  const tree = parts.find(({ kind }) => kind === 'tree');
  return tree === undefined ? open.containerPath : relativePath(tree.containerPath, open.containerPath);
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
