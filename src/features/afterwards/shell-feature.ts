import { StringDecoder } from 'node:string_decoder';
import * as vscode from 'vscode';
import { openFailingShell } from '../../build/afterwards/failing-shell';
import { nothingKept } from '../../build/afterwards/kept-containers';
import { BuildProblemError } from '../../build/build-problem';
import type { Helper } from '../../build/engine/engine';
import type { KeptStage } from '../../build/rootfs/rootfs-source';
import { bestKept, nothingKeptOf, openStageShell } from '../../build/rootfs/stage-shell';
import type { LookScripts } from '../../build/rootfs/rootfs-scripts';
import { isWithin } from '../../pigen/files/path';
import { pathOfArgument } from '../argument-path';
import type { BuildStageFeature, ChosenStage } from '../build/build-stage-feature';
import { planBuild } from '../build/plan-build';
import type { PlannerParts } from '../build/plan-build';
import type { CommandRegistry } from '../command-registry';
import { containerText, keptText, lookAround, pickOne } from '../rootfs/look-around';
import type { LookAroundParts, TreePlace } from '../rootfs/look-around';
import { isTrusted } from '../trust';
import { withProgress } from '../with-progress';

export interface ShellParts extends LookAroundParts, PlannerParts {
  readonly stages: BuildStageFeature;
  readonly commands: CommandRegistry;
  readonly log: vscode.LogOutputChannel;
}

/** Something that a shell can be opened in. */
interface Door extends vscode.QuickPickItem {
  readonly open: (signal: AbortSignal) => Promise<Helper>;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * `Pi-gen: Open Shell at Failing Step`, `Open Shell in Stage`: a terminal in the chroot of a stage, beside a container that was kept,
 * or above what the stage loop keeps.
 */
export class ShellFeature implements vscode.Disposable {
  readonly #commands: readonly vscode.Disposable[];

  constructor(private readonly parts: ShellParts) {
    const { commands, stages } = parts;
    this.#commands = [
      commands.register('pi-gen.openShell', () => this.#start((signal) => this.#failedDoors(signal))),
      commands.register('pi-gen.openStageShell', async (path) => {
        if (!isTrusted()) return;
        const chosen = await stages.choose(pathOfArgument(path), vscode.l10n.t('Stage to open a shell in'));
        if (chosen !== undefined) await this.#start((signal) => this.#stageDoors(chosen, signal));
      }),
    ];
  }

  dispose(): void {
    for (const command of this.#commands) command.dispose();
  }

  async #start(find: (signal: AbortSignal) => Promise<readonly Door[]>): Promise<void> {
    if (!isTrusted()) return;
    try {
      const doors = await withProgress(
        vscode.l10n.t('Looking what a shell can be opened in'),
        find,
        vscode.ProgressLocation.Window,
      );
      const door = await pickOne(doors ?? [], vscode.l10n.t('Which build to look into'));
      if (door === undefined) return;
      vscode.window
        .createTerminal({
          name: vscode.l10n.t('pi-gen: {0}', door.label),
          iconPath: new vscode.ThemeIcon('terminal'),
          pty: new ShellTerminal(door.label, door.open),
        })
        .show();
    } catch (error) {
      if (!(error instanceof BuildProblemError)) {
        this.parts.log.error('The shell could not be opened', error);
        void vscode.window.showErrorMessage(
          vscode.l10n.t('The shell could not be opened: {0}', String(error)),
        );
        return;
      }
      const { message, wayOut } = error.problem;
      void vscode.window.showErrorMessage(`${message} ${wayOut}`);
    }
  }

  /** Whatever failed, the latest first. Rejects with a BuildProblemError, for one where nothing is kept. */
  async #failedDoors(signal: AbortSignal): Promise<readonly Door[]> {
    const { scripts, places } = await lookAround(this.parts, undefined, signal);
    const doors = places.flatMap((place) => [
      ...place.ended.map((build): Door => ({
        label: build.plan.container.name,
        description: containerText(build),
        time: Date.parse(build.began),
        open: (stop) => openFailingShell(place.engine, build, scripts.hook, stop),
      })),
      ...place.stages
        .filter(({ state }) => state === 'failed')
        .flatMap((kept): Door[] => {
          const stage = place.tree.stages.find(({ name }) => name === kept.stage);
          if (stage === undefined) return [];
          return [this.#keptDoor({ tree: place.tree, stage }, place, kept, scripts)];
        }),
    ]);
    if (doors.length === 0) throw new BuildProblemError(nothingKept);
    return doors.sort((a, b) => b.time - a.time);
  }

  async #stageDoors(chosen: ChosenStage, signal: AbortSignal): Promise<readonly Door[]> {
    const { stage } = chosen;
    const { scripts, places } = await lookAround(this.parts, stage.path, signal);
    const doors = places.flatMap((place) => {
      if (!isWithin(place.tree.root, stage.path)) return [];
      const kept = place.stages.filter((one) => one.stage === stage.name);
      const [best] = [...kept].sort((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'));
      return best === undefined ? [] : [this.#keptDoor(chosen, place, best, scripts)];
    });
    if (doors.length === 0) throw nothingKeptOf(stage.name);
    return doors;
  }

  #keptDoor({ tree, stage }: ChosenStage, place: TreePlace, kept: KeptStage, scripts: LookScripts): Door {
    return {
      label: stage.name,
      description: keptText(kept),
      time: kept.kept,
      open: async (signal) => {
        const from = await this.parts.stages.place(tree);
        if (from === undefined) throw nothingKeptOf(stage.name);
        const { prepared } = await planBuild({ place: from, quiet: true }, this.parts, signal);
        const planned = await this.parts.stages.prepare(prepared, stage, { kind: 'stage' }, place.engine);
        // The config may be another than when the stage was tried.
        const best = bestKept(place.stages, planned);
        if (best === undefined) throw nothingKeptOf(stage.name);
        return openStageShell(place.engine, planned, best, scripts, signal);
      },
    };
  }
}

/** A terminal of this window before a helper on the engine. Closing it ends the helper. */
class ShellTerminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number | undefined>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;
  readonly #stop = new AbortController();
  #helper: Helper | undefined;
  #size: vscode.TerminalDimensions | undefined;

  constructor(
    private readonly name: string,
    private readonly openShell: (signal: AbortSignal) => Promise<Helper>,
  ) {}

  open(size: vscode.TerminalDimensions | undefined): void {
    this.#size = size;
    this.#run().catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      const problem = error instanceof BuildProblemError ? error.problem : undefined;
      this.#say(problem === undefined ? String(error) : `${problem.message}\n${problem.wayOut}`);
      this.#say(vscode.l10n.t('Press a key to close this terminal.'));
    });
  }

  close(): void {
    this.#stop.abort();
    void this.#helper?.close().catch(() => undefined);
    this.#helper = undefined;
  }

  handleInput(data: string): void {
    if (this.#helper === undefined) {
      // Nothing runs any more, or not yet: then there is nothing to type to.
      if (this.#ended) this.#closed.fire(undefined);
      return;
    }
    this.#helper.stream.write(data);
  }

  setDimensions(size: vscode.TerminalDimensions): void {
    this.#size = size;
    void this.#resize();
  }

  #ended = false;

  async #run(): Promise<void> {
    try {
      this.#say(vscode.l10n.t('Opening a shell in {0}…', this.name));
      const helper = await this.openShell(this.#stop.signal);
      if (this.#stop.signal.aborted) {
        await helper.close();
        return;
      }
      this.#helper = helper;
      await this.#resize();
      const text = new StringDecoder('utf8');
      for await (const chunk of helper.stream as AsyncIterable<Buffer>) this.#written.fire(text.write(chunk));
      await helper.close();
      this.#closed.fire(undefined);
    } finally {
      this.#helper = undefined;
      this.#ended = true;
    }
  }

  /** A shell that has just ended has no size. */
  async #resize(): Promise<void> {
    if (this.#size === undefined) return;
    await this.#helper?.resize(this.#size.columns, this.#size.rows).catch(() => undefined);
  }

  #say(text: string): void {
    this.#written.fire(`${text.replaceAll('\n', '\r\n')}\r\n`);
  }
}
