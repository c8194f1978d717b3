import * as vscode from 'vscode';
import { attachBuild, hasOwner } from '../../build/attach-build';
import { BuildProblemError } from '../../build/build-problem';
import { readRecord } from '../../build/build-record';
import { runBuild } from '../../build/build-session';
import type { BuildOptions, BuildResult } from '../../build/build-session';
import { openEngine } from '../../build/engine';
import type { Engine } from '../../build/engine';
import type { EngineEndpoint } from '../../build/engine-endpoint';
import { removeFailed } from '../../build/afterwards/kept-containers';
import { findBuilds } from '../../build/found-build';
import type { FoundBuild } from '../../build/found-build';
import type { BuildHistory } from '../../build/build-history';
import { reportLostBuild } from '../../build/lost-build';
import type { OneTimeChanges } from '../../build/one-time-changes';
import type { CloneStore } from '../../build/pi-gen-clone';
import { buildGuarded, preflightProblem } from '../../build/preflight/guard';
import { judge } from '../../build/preflight/judge';
import type { CheckVerdict } from '../../build/preflight/verdict';
import { prepareAttach } from '../../build/prepare-attach';
import { prepareBuild } from '../../build/prepare-build';
import type { PreparedBuild } from '../../build/prepare-build';
import type { FileSystem } from '../../pigen/file-system';
import type { Finding } from '../../pigen/finding';
import { baseName, isWithin, joinPath } from '../../pigen/path';
import type { StageTree } from '../../pigen/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import { pathOfArgument } from '../argument-path';
import type { StandingFailures } from '../build-logs/standing-failures';
import { endpointOf } from './build-engine';
import { BuildOutput } from './build-output';
import { chooseBuildPlace } from './build-place';
import type { BuildPlace } from './build-place';
import { BuildProgress } from './build-progress';
import type { ProgressReport } from './build-progress';
import { readBuildSettings } from './build-settings';
import { BuildVerdict } from './build-verdict';
import type { CommandRegistry } from '../command-registry';
import { pathOf, uriOf } from '../paths';
import type { Preflight } from './preflight';
import type { StepStates } from '../stages-view/step-states';
import { isTrusted } from '../trust';
import { chooseWorkflowBuild, updateClone } from './workflow-place';

export interface BuildParts {
  /** What is on disk: a build takes nothing else. */
  readonly disk: FileSystem;
  readonly parser: () => Promise<BashParser>;
  readonly trees: () => readonly StageTree[];
  readonly clones: CloneStore;
  readonly ruleNames: ReadonlySet<string>;
  /** What the rules say now. */
  readonly ruleFindings: () => readonly Finding[];
  /** Shows what a failed build says of its files. */
  readonly standing: StandingFailures;
  /** Looks at the engine while a build begins. */
  readonly preflight: Preflight;
  /** How long earlier builds took. */
  readonly history: BuildHistory;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
  /** Follows what each step comes to. */
  readonly states: StepStates;
}

/** What is built, and how that is told. */
export interface BuildJob {
  readonly title: string;
  readonly place: BuildPlace;
  readonly run: (
    prepared: PreparedBuild,
    engine: Engine,
    options: Omit<BuildOptions, 'logFile'>,
  ) => Promise<BuildResult>;
  readonly tellSuccess: (result: BuildResult) => void;
  /** Nothing pops up, and nothing is saved: for what repeats itself. */
  readonly quiet?: boolean;
  /** The log is read elsewhere: the output panel does not come to the front. */
  readonly inTerminal?: boolean;
  /** Stops this build, besides the user. */
  readonly signal?: AbortSignal;
}

/** How a build that was not asked for by a command is carried out. */
export type BuildManner = Pick<BuildJob, 'inTerminal' | 'signal'>;

interface ImageOptions {
  readonly changes?: OneTimeChanges;
  readonly preflight?: boolean;
}

interface RunningBuild {
  /** It goes on without this window, and is taken up by the next one. */
  readonly outlives: boolean;
  readonly stop: AbortController;
  readonly detach: AbortController;
  readonly done: Promise<unknown>;
}

/** What a build session needs of this window. */
type SessionOptions = Pick<BuildOptions, 'signal' | 'detach' | 'onEvent'>;

/** What a build is of, and what carries it out, or takes it up. */
interface WindowJob {
  readonly title: string;
  readonly place: BuildPlace;
  /** Names what is built: one tree with one config. */
  readonly key: string;
  /** Whether it runs every step, so that the next build can be measured by it. */
  readonly whole: boolean;
  readonly outlives: boolean;
  readonly quiet?: boolean;
  readonly inTerminal?: boolean;
  readonly tellSuccess?: (result: BuildResult) => void;
  readonly signal?: AbortSignal;
  /** Builds in spite of what the checks before the build say. */
  readonly anyway?: () => Promise<void>;
  /** Undefined: there is nothing to be done after all. */
  run(options: SessionOptions): Promise<BuildResult | undefined>;
}

/**
 * Builds on a Docker engine: `Pi-gen: Build Image`, `Stop Build`, `Attach to Build`, `Show Build Output`. One at a time in
 * this window. A build outlives its window, and is taken up by the next one.
 */
export class BuildFeature implements vscode.Disposable {
  readonly #output = new BuildOutput();
  readonly #verdict: BuildVerdict;
  readonly #status = vscode.window.createStatusBarItem('pi-gen.build', vscode.StatusBarAlignment.Left);
  readonly #subscriptions: vscode.Disposable[];
  /** Trees that were looked at for builds of an earlier window. */
  readonly #lookedAt = new Set<string>();
  #running: RunningBuild | undefined;

  constructor(private readonly parts: BuildParts) {
    this.#verdict = new BuildVerdict(this.#output, parts.standing, parts.trees, parts.ruleFindings);
    this.#status.name = vscode.l10n.t('pi-gen Build');
    this.#status.command = 'pi-gen.showBuildOutput';
    this.#subscriptions = [
      parts.commands.register('pi-gen.buildImage', () =>
        this.#start(() => chooseBuildPlace(parts.trees(), parts.clones)),
      ),
      parts.commands.register('pi-gen.buildWorkflow', () =>
        this.#start(() => chooseWorkflowBuild(parts.trees(), parts.clones)),
      ),
      parts.commands.register('pi-gen.updateClone', () => updateClone(parts.clones)),
      parts.commands.register('pi-gen.traceStep', (step) => this.#startWith(step, 'trace')),
      parts.commands.register('pi-gen.skipStepOnce', (step) => this.#startWith(step, 'without')),
      parts.commands.register('pi-gen.attachToBuild', () => this.#attach()),
      parts.commands.register('pi-gen.stopBuild', () => this.stop()),
      parts.commands.register('pi-gen.showBuildOutput', () => {
        this.#output.show();
      }),
    ];
  }

  /** Leaves a running build to its container, and resolves when all is noted that the next window needs. */
  async letGo(): Promise<void> {
    this.#abandon();
    await this.#running?.done;
  }

  dispose(): void {
    this.#abandon();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#status.dispose();
    this.#output.dispose();
  }

  /** Takes up the build of a tree that an earlier window began, if there is one. Looks once for each tree. */
  async takeUp(tree: StageTree): Promise<void> {
    if (this.#lookedAt.has(tree.root) || !vscode.workspace.isTrusted) return;
    this.#lookedAt.add(tree.root);
    const logFile = joinPath(tree.root, 'deploy/build-docker.log');
    const record = await readRecord(logFile);
    if (record === undefined || record.end !== undefined) return;
    try {
      const engine = await this.#engineOf(tree.root, record.engine);
      const build = (await findBuilds(engine)).find(({ session }) => session === record.session);
      if (await hasOwner({ logFile })) {
        if (build !== undefined) await this.#offer(build, engine);
      } else if (build === undefined) {
        const problem = await reportLostBuild(logFile, record);
        this.#verdict.tellProblem(problem);
      } else if (!this.#isRunning()) {
        await this.#follow(build, engine);
      }
    } catch (error) {
      this.#tellError(error);
    }
  }

  /** The lines of the log, as the output panel shows them. */
  get onDidWrite(): vscode.Event<string> {
    return this.#output.onDidWrite;
  }

  /** Whether a build is under way; if so, its output is shown. */
  isBusy(): boolean {
    if (this.#isRunning()) this.#output.show();
    return this.#isRunning();
  }

  /** Resolves when no build is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running.done;
  }

  /** Ends the build that is under way, and resolves when it has cleaned up. */
  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.done;
  }

  /** Builds the image of a tree, as `Pi-gen: Build Image` does. Undefined: it was not begun, or came to no result. Never rejects. */
  async buildImage(place: BuildPlace, manner: BuildManner): Promise<BuildResult | undefined> {
    return isTrusted() ? this.#run(this.#imageJob(place, {}, manner)) : undefined;
  }

  /** Builds, unless another build is under way. Undefined: it was not begun, or came to no result. Never rejects. */
  async build(job: BuildJob): Promise<BuildResult | undefined> {
    const { title, place, quiet = false, inTerminal = false, signal, tellSuccess } = job;
    if (!isTrusted()) return undefined;
    return this.#run({
      title,
      place,
      key: keyOf(place),
      whole: false,
      outlives: false,
      quiet,
      inTerminal,
      tellSuccess,
      ...(signal === undefined ? {} : { signal }),
      run: async (options) => {
        const { prepared, engine } = await this.#prepare(place, options.signal, quiet);
        const { secrets, explain } = prepared;
        return job.run(prepared, engine, { ...options, secrets, explain });
      },
    });
  }

  /** @param step the file or folder that is meant, as menus give it; else that of the active editor */
  async #startWith(step: unknown, change: 'trace' | 'without'): Promise<void> {
    const active = vscode.window.activeTextEditor?.document.uri;
    const path = pathOfArgument(step) ?? (active?.scheme === 'file' ? pathOf(active) : undefined);
    if (path === undefined) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Open the step that is meant, or choose it in the explorer.'),
      );
      return;
    }
    const trees = this.parts.trees().filter(({ root }) => isWithin(root, path));
    await this.#start(() => chooseBuildPlace(trees, this.parts.clones), {
      changes: { trace: [], without: [], [change]: [path] },
    });
  }

  async #start(choose: () => Promise<BuildPlace | undefined>, options: ImageOptions = {}): Promise<void> {
    if (!isTrusted() || this.isBusy()) return;
    const place = await this.#chosen(choose);
    if (place === undefined) return;
    await this.#run(this.#imageJob(place, options));
  }

  #imageJob(place: BuildPlace, options: ImageOptions, manner: BuildManner = {}): WindowJob {
    const { changes, preflight = true } = options;
    return {
      ...manner,
      title: vscode.l10n.t('Building {0}', baseName(place.repositoryRoot ?? place.treeRoot)),
      place,
      key: keyOf(place),
      whole: changes === undefined,
      outlives: true,
      run: (session) => this.#build(place, session, changes, preflight),
      anyway: () => this.#start(() => Promise.resolve(place), { ...options, preflight: false }),
    };
  }

  async #chosen(choose: () => Promise<BuildPlace | undefined>): Promise<BuildPlace | undefined> {
    try {
      return await choose();
    } catch (error) {
      if (!(error instanceof BuildProblemError)) throw error;
      this.#verdict.tellProblem(error.problem);
      return undefined;
    }
  }

  /** `Pi-gen: Attach to Build`: of the builds of this workspace's trees, wherever they were begun. */
  async #attach(): Promise<void> {
    if (!isTrusted() || this.isBusy()) return;
    const roots = new Set(this.parts.trees().map(({ root }) => root));
    try {
      const [first] = roots;
      const engine = await this.#engineOf(first ?? '');
      const builds = (await findBuilds(engine)).filter((build) =>
        roots.has(build.repositoryRoot ?? build.treeRoot),
      );
      const build = builds.length > 1 ? await pickBuild(builds) : builds[0];
      if (build !== undefined) await this.#follow(build, engine);
      else if (builds.length === 0) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t(
            'No build of this workspace is running, and none waits for its results to be collected.',
          ),
        );
      }
    } catch (error) {
      this.#tellError(error);
    }
  }

  async #offer(build: FoundBuild, engine: Engine): Promise<void> {
    const follow = vscode.l10n.t('Follow');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        'A build of {0} is running already, in another window or terminal.',
        baseName(build.repositoryRoot ?? build.treeRoot),
      ),
      follow,
    );
    if (answer === follow) await this.#follow(build, engine);
  }

  async #follow(build: FoundBuild, engine: Engine): Promise<void> {
    const name = baseName(build.repositoryRoot ?? build.treeRoot);
    await this.#run({
      title: vscode.l10n.t('Building {0} (taken up again)', name),
      place: build,
      key: keyOf(build),
      // It may have been begun without one of its steps.
      whole: false,
      outlives: true,
      run: async (options) => {
        const parser = await this.parts.parser();
        const { disk, ruleNames } = this.parts;
        const prepared = await prepareAttach(build, engine, disk, parser, ruleNames, options.signal);
        return attachBuild(build, engine, { ...prepared, ...options });
      },
    });
  }

  /** What outlives the window is left to its container; the rest is stopped. */
  #abandon(): void {
    const running = this.#running;
    if (running?.outlives === true) running.detach.abort();
    else running?.stop.abort();
  }

  #isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** The one build of this window, from its first word to its last. */
  async #run(job: WindowJob): Promise<BuildResult | undefined> {
    // Another build may have begun while the user was choosing.
    if (this.#isRunning()) return undefined;
    const stop = new AbortController();
    const detach = new AbortController();
    const giveUp = () => {
      stop.abort();
    };
    job.signal?.addEventListener('abort', giveUp, { once: true });
    const done = this.#show(job, stop, detach).catch((error: unknown) => {
      this.parts.log.error('The build ended unexpectedly', error);
      this.#output.line(vscode.l10n.t('The build ended unexpectedly: {0}', String(error)));
      return undefined;
    });
    this.#running = { outlives: job.outlives, stop, detach, done };
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', true);
    const result = await done;
    job.signal?.removeEventListener('abort', giveUp);
    this.#running = undefined;
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', false);
    return result;
  }

  async #show(
    job: WindowJob,
    stop: AbortController,
    detach: AbortController,
  ): Promise<BuildResult | undefined> {
    const { title, key, quiet = false, inTerminal = false } = job;
    const location = quiet ? vscode.ProgressLocation.Window : vscode.ProgressLocation.Notification;
    // A verdict that is about to be given anew stands until then.
    if (!quiet) this.parts.standing.clear();
    this.#output.start(title, quiet || inTerminal);
    this.parts.states.start();
    this.#status.text = `$(sync~spin) ${title}`;
    if (!quiet) this.#status.show();
    const last = job.outlives ? await this.parts.history.read(key) : undefined;
    try {
      const result = await vscode.window.withProgress(
        { location, title, cancellable: true },
        async (notification, token) => {
          token.onCancellationRequested(() => {
            stop.abort();
          });
          notification.report({ message: vscode.l10n.t('connecting to the Docker engine') });
          const progress = new BuildProgress(last, (report: ProgressReport) => {
            notification.report(report);
            this.#status.tooltip = report.message;
          });
          try {
            const outcome = await job.run(this.#session(stop, detach, progress));
            if (outcome?.outcome === 'succeeded' && job.whole) {
              await this.parts.history.write(key, progress.durations);
            }
            return outcome;
          } finally {
            progress.dispose();
          }
        },
      );
      if (result !== undefined) await this.#verdict.tell(result, job);
      return result;
    } catch (error) {
      if (error instanceof BuildProblemError) this.#verdict.tellProblem(error.problem, job.anyway);
      else if (!stop.signal.aborted && !detach.signal.aborted) throw error;
      return undefined;
    } finally {
      this.#output.flush();
      this.#status.hide();
    }
  }

  #session(stop: AbortController, detach: AbortController, progress: BuildProgress): SessionOptions {
    return {
      signal: stop.signal,
      detach: detach.signal,
      onEvent: (event) => {
        this.#output.event(event);
        this.parts.states.event(event);
        progress.take(event);
      },
    };
  }

  async #build(
    place: BuildPlace,
    options: SessionOptions,
    changes: OneTimeChanges | undefined,
    preflight: boolean,
  ): Promise<BuildResult | undefined> {
    const { prepared, engine, endpoint } = await this.#prepare(place, options.signal, false, changes);
    const { plan, secrets, explain } = prepared;
    const logFile = joinPath(plan.deployFolder, 'build-docker.log');
    const other = (await findBuilds(engine, place)).find((build) => build.logFile === logFile);
    if (other !== undefined) {
      // Asked for when this one is out of the way.
      void this.#running?.done.then(() => this.#offerOrCollect(other, engine));
      return undefined;
    }
    await removeFailed(engine, place, plan.container.name);
    const { keepFailed } = readBuildSettings(uriOf(place.repositoryRoot ?? place.treeRoot));
    const build = (signal: AbortSignal) =>
      runBuild(plan, engine, { ...options, signal, logFile, secrets, explain, keepFailed });
    if (!preflight) return build(options.signal);
    const { signal } = options;
    const prepare = () => Promise.resolve({ ok: true as const, ...prepared });
    const check = async () => judge(await this.parts.preflight({ endpoint, prepare, signal }));
    const onWarning = ({ message, fix = '' }: CheckVerdict) => {
      this.#output.line(`${message} ${fix}`);
    };
    const { result, stoppedBy } = await buildGuarded(build, check, { signal, onWarning });
    if (stoppedBy !== undefined) throw new BuildProblemError(preflightProblem(stoppedBy));
    return result;
  }

  /** Finds the engine and plans the build. Rejects with a BuildProblemError. */
  async #prepare(
    place: BuildPlace,
    signal: AbortSignal,
    quiet: boolean,
    changes?: OneTimeChanges,
  ): Promise<{
    readonly prepared: PreparedBuild;
    readonly engine: Engine;
    readonly endpoint: EngineEndpoint;
  }> {
    if (!quiet) await vscode.workspace.saveAll(false);
    const settings = readBuildSettings(uriOf(place.repositoryRoot ?? place.treeRoot));
    const endpoint = await this.#endpointOf(place.repositoryRoot ?? place.treeRoot);
    const engine = await openEngine(endpoint);
    const { machine } = await engine.info(signal);
    const prepared = await prepareBuild(
      {
        ...place,
        configFile: place.configFile ?? settings.config,
        settings: settings.build,
        environment: process.env,
        machine,
        knownRules: this.parts.ruleNames,
        ...(changes === undefined ? {} : { changes }),
      },
      this.parts.disk,
      await this.parts.parser(),
      signal,
    );
    if (!prepared.ok) throw new BuildProblemError(prepared.problem);
    return { prepared, engine, endpoint };
  }

  /** Of a build that stands in the way of a new one. */
  async #offerOrCollect(build: FoundBuild, engine: Engine): Promise<void> {
    try {
      if (await hasOwner(build)) await this.#offer(build, engine);
      else await this.#follow(build, engine);
    } catch (error) {
      this.#tellError(error);
    }
  }

  /** @param usual where the engine is sought when the settings name none */
  async #engineOf(folder: string, usual = ''): Promise<Engine> {
    return openEngine(await this.#endpointOf(folder, usual));
  }

  #endpointOf(folder: string, usual = ''): Promise<EngineEndpoint> {
    return endpointOf(this.parts.disk, folder, usual);
  }

  #tellError(error: unknown): void {
    if (error instanceof BuildProblemError) {
      this.#verdict.tellProblem(error.problem);
      return;
    }
    this.parts.log.error('A build could not be taken up', error);
    void vscode.window.showErrorMessage(vscode.l10n.t('A build could not be taken up: {0}', String(error)));
  }
}

function keyOf({ treeRoot, repositoryRoot, configFile }: BuildPlace): string {
  const config = configFile ?? readBuildSettings(uriOf(repositoryRoot ?? treeRoot)).config;
  return JSON.stringify([treeRoot, repositoryRoot, config]);
}

async function pickBuild(builds: readonly FoundBuild[]): Promise<FoundBuild | undefined> {
  const picked = await vscode.window.showQuickPick(
    builds.map((build) => ({
      label: baseName(build.repositoryRoot ?? build.treeRoot),
      description: build.plan.container.name,
      detail: vscode.l10n.t('begun {0}', new Date(build.began).toLocaleString()),
      build,
    })),
    { placeHolder: vscode.l10n.t('Which build to follow') },
  );
  return picked?.build;
}
