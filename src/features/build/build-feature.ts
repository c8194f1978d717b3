import * as vscode from 'vscode';
import { removeFailed } from '../../build/afterwards/kept-containers';
import type { BuildOptions, BuildResult } from '../../build/session/build-options';
import { BuildProblemError } from '../../build/build-problem';
import type { Engine } from '../../build/engine/engine';
import type { EngineEndpoint } from '../../build/engine/engine-endpoint';
import { hasOwner } from '../../build/session/attach-build';
import { findBuilds } from '../../build/session/found-build';
import type { OneTimeChanges } from '../../build/plan/one-time-changes';
import type { CloneStore } from '../../build/plan/pi-gen-clone';
import { buildGuarded, preflightProblem } from '../../build/preflight/guard';
import { judge } from '../../build/preflight/judge';
import type { PreparedBuild } from '../../build/plan/prepare-build';
import { runBuild } from '../../build/session/run-build';
import type { BuildGuard } from '../../build/preflight/guard';
import type { Finding } from '../../pigen/finding';
import { baseName, isWithin, joinPath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { pathOfArgument } from '../argument-path';
import type { StandingFailures } from '../build-logs/standing-failures';
import type { CommandRegistry } from '../command-registry';
import { pathOf, uriOf } from '../paths';
import type { StepStates } from '../stages-view/step-states';
import type { LiveTimeline } from '../timeline/live-timeline';
import { isTrusted } from '../trust';
import { AttachFeature } from './attach-feature';
import { BuildOutputs } from './build-output';
import type { BuildOutput } from './build-output';
import { chooseBuildPlaces } from './build-place';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';
import { BuildVerdict } from './build-verdict';
import { planBuild } from './plan-build';
import type { PlannerParts } from './plan-build';
import type { Preflight } from './preflight';
import { SeveralBuilds } from './several-builds';
import { WindowBuilds } from './window-builds';
import type { JobSurroundings, SessionOptions, WindowJob } from './window-builds';
import { chooseWorkflowBuild, updateClone, whatCiBuilds } from './workflow-place';

export interface BuildParts extends PlannerParts {
  readonly trees: () => readonly StageTree[];
  readonly clones: CloneStore;
  /** What the rules say now. */
  readonly ruleFindings: () => readonly Finding[];
  /** Shows what a failed build says of its files. */
  readonly standing: StandingFailures;
  /** Looks at the engine while a build begins. */
  readonly preflight: Preflight;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
  /** Follows what each step comes to. */
  readonly states: StepStates;
  /** Keeps what the user chose last. */
  readonly memory: vscode.Memento;
  /** Follows how long they take. */
  readonly live: LiveTimeline;
}

/** What is built, and how that is told. */
export interface BuildJob {
  readonly title: string;
  readonly place: BuildPlace;
  /** Of its log in the deploy folder. */
  readonly logName: string;
  /** `guard` looks at the engine, where that is wanted. */
  readonly run: (
    prepared: PreparedBuild,
    engine: Engine,
    options: BuildOptions,
    guard?: BuildGuard,
  ) => Promise<BuildResult>;
  readonly tellSuccess: (result: BuildResult) => void;
  /** Nothing pops up, nothing is saved, and it ends with its window: for what repeats itself. */
  readonly quiet?: boolean;
  /** The log is read elsewhere: the output panel does not come to the front. */
  readonly inTerminal?: boolean;
  /** Stops this build, besides the user. */
  readonly signal?: AbortSignal;
  /** Opens a shell where a step failed. */
  readonly openShell?: () => unknown;
  readonly preflight?: boolean;
}

/** How a build that was not asked for by a command is carried out. */
export type BuildManner = Pick<BuildJob, 'inTerminal' | 'signal'>;

/** Plain data. */
export interface ImageOptions {
  readonly changes?: OneTimeChanges;
  readonly preflight?: boolean;
  /** The container of this build is kept should it fail, whatever the settings say. */
  readonly keep?: boolean;
}

/**
 * Builds on a Docker engine: `Pi-gen: Build Image` and its kin. One at a time in this window, but for several configs on several
 * engines. A build outlives its window, and is taken up by the next one.
 */
export class BuildFeature implements vscode.Disposable {
  readonly #outputs = new BuildOutputs();
  readonly #verdict: BuildVerdict;
  readonly #window: WindowBuilds;
  readonly #several: SeveralBuilds;
  readonly #attach: AttachFeature;
  /** Values that the user gave for what only GitHub knows, for as long as this window lives. */
  readonly #answers = new Map<string, string>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(private readonly parts: BuildParts) {
    this.#verdict = new BuildVerdict(this.#outputs, parts.standing, parts.trees, parts.ruleFindings);
    this.#window = new WindowBuilds({ ...parts, outputs: this.#outputs, verdict: this.#verdict });
    this.#several = new SeveralBuilds({ ...parts, window: this.#window }, (place, options) =>
      this.#window.carryOut(this.#imageJob(place, options)),
    );
    this.#attach = new AttachFeature({
      ...parts,
      window: this.#window,
      verdict: this.#verdict,
      again: (place, options) => this.#start(() => Promise.resolve([place]), options),
    });
    this.#subscriptions = [
      parts.commands.register('pi-gen.buildImage', () =>
        this.#start(() => chooseBuildPlaces(parts.trees(), parts.clones, parts.memory)),
      ),
      parts.commands.register('pi-gen.buildWorkflow', () =>
        this.#start(() => chooseWorkflowBuild(parts.trees(), parts.clones, this.#answers)),
      ),
      parts.commands.register('pi-gen.updateClone', () => updateClone(parts.clones)),
      parts.commands.register('pi-gen.traceStep', (step) => this.#startWith(step, 'trace')),
      parts.commands.register('pi-gen.skipStepOnce', (step) => this.#startWith(step, 'without')),
    ];
  }

  /** Leaves a running build to its container, and resolves when all is noted that the next window needs. */
  async letGo(): Promise<void> {
    await this.#window.letGo();
  }

  dispose(): void {
    this.#window.dispose();
    this.#attach.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#outputs.dispose();
  }

  /** Takes up the builds of a tree that an earlier window began, if there are any. Looks once for each tree. */
  async takeUp(tree: StageTree): Promise<void> {
    void this.#several.offerWaiting();
    await this.#attach.takeUp(tree);
  }

  /** The lines of the log of a build that needs no name, as the output panel shows them. */
  get onDidWrite(): vscode.Event<string> {
    return this.#outputs.main.onDidWrite;
  }

  /** Whether a build is under way; if so, says so. */
  isBusy(): boolean {
    return this.#window.isBusy();
  }

  /** Resolves when no build is under way. */
  async idle(): Promise<void> {
    await this.#window.idle();
  }

  /** Builds the image of a tree, as `Pi-gen: Build Image` does. Undefined: it was not begun, or came to no result. Never rejects. */
  async buildImage(place: BuildPlace, manner: BuildManner): Promise<BuildResult | undefined> {
    return isTrusted() ? this.#window.run(this.#imageJob(place, {}, manner)) : undefined;
  }

  /** Builds, unless another build is under way. Undefined: it was not begun, or came to no result. Never rejects. */
  async build(job: BuildJob): Promise<BuildResult | undefined> {
    const { title, place, logName, quiet = false, inTerminal = false } = job;
    const { signal, tellSuccess, openShell, preflight = true } = job;
    if (!isTrusted()) return undefined;
    return this.#window.run({
      title,
      place,
      outlives: !quiet,
      quiet,
      inTerminal,
      tellSuccess,
      ...(signal === undefined ? {} : { signal }),
      ...(openShell === undefined ? {} : { openShell }),
      anyway: async () => {
        await this.build({ ...job, preflight: false });
      },
      run: async (options, around) => {
        const { prepared, engine, endpoint } = await planBuild({ place, quiet }, this.parts, options.signal);
        const { plan, secrets, explain } = prepared;
        const logFile = joinPath(plan.deployFolder, logName);
        const again = async (): Promise<void> => {
          await this.build(job);
        };
        if (!(await this.#makesWay({ place, engine, logFile, replaces: quiet, again, around })))
          return undefined;
        const guard = preflight ? this.#guard(prepared, endpoint, options.signal, around.output) : undefined;
        return job.run(prepared, engine, { ...options, logFile, secrets, explain }, guard);
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
    await this.#start(() => chooseBuildPlaces(trees, this.parts.clones, this.parts.memory), {
      changes: { trace: [], without: [], [change]: [path] },
    });
  }

  /** Builds what is chosen: where it is several images, on as many engines at once as the user picks. */
  async #start(choose: () => Promise<readonly BuildPlace[]>, options: ImageOptions = {}): Promise<void> {
    if (!isTrusted() || this.#window.isBusy()) return;
    const places = await this.#chosen(choose);
    const [only] = places;
    if (places.length > 1) await this.#several.start(places, options);
    else if (only !== undefined) {
      this.#window.newRound();
      await this.#window.run(this.#imageJob(only, options));
    }
  }

  #imageJob(place: BuildPlace, options: ImageOptions, manner: BuildManner = {}): WindowJob {
    const again = (changed: ImageOptions) =>
      this.#start(() => Promise.resolve([place]), { ...options, ...changed });
    return {
      ...manner,
      title: titleOf(place),
      place,
      outlives: true,
      beside: place.name !== undefined,
      run: (session, around) => this.#build({ place, session, options, around, again: () => again({}) }),
      anyway: () => again({ preflight: false }),
      buildAndKeep: () => again({ keep: true }),
    };
  }

  async #chosen(choose: () => Promise<readonly BuildPlace[]>): Promise<readonly BuildPlace[]> {
    try {
      return await choose();
    } catch (error) {
      if (!(error instanceof BuildProblemError)) throw error;
      this.#verdict.tellProblem(error.problem);
      return [];
    }
  }

  async #build({
    place,
    session: options,
    options: { changes, preflight = true, keep = false },
    around,
    again,
  }: ImageBuild): Promise<BuildResult | undefined> {
    const { prepared, engine, endpoint } = await planBuild({ place, changes }, this.parts, options.signal);
    const { plan, secrets, explain } = prepared;
    const { output } = around;
    if (place.action !== undefined) output.line(whatCiBuilds(place.action, place.treeRoot));
    if (place.name !== undefined) output.line(vscode.l10n.t('On the engine at {0}.', endpoint.label));
    const logFile = joinPath(plan.deployFolder, 'build-docker.log');
    if (!(await this.#makesWay({ place, engine, logFile, replaces: false, again, around }))) return undefined;
    await removeFailed(engine, place, plan);
    const settings = readBuildSettings(uriOf(place.repositoryRoot ?? place.treeRoot));
    const keepFailed = keep || settings.keepFailed;
    const build = (signal: AbortSignal) =>
      runBuild(plan, engine, { ...options, signal, logFile, secrets, explain, keepFailed });
    if (!preflight) return build(options.signal);
    const { signal } = options;
    const { check, onWarning } = this.#guard(prepared, endpoint, signal, output);
    const { result, stoppedBy } = await buildGuarded(build, check, { signal, onWarning });
    if (stoppedBy !== undefined) throw new BuildProblemError(preflightProblem(stoppedBy));
    return result;
  }

  /** What looks at the engine beside a build. */
  #guard(
    prepared: PreparedBuild,
    endpoint: EngineEndpoint,
    signal: AbortSignal,
    output: BuildOutput,
  ): BuildGuard {
    const prepare = () => Promise.resolve({ ok: true as const, ...prepared });
    return {
      check: async () => judge(await this.parts.preflight({ endpoint, prepare, signal })),
      onWarning: ({ message, fix = '' }) => {
        output.line(`${message} ${fix}`);
      },
    };
  }

  /**
   * Whether no earlier build with this log stands in the way. One that does is offered, or collected, once this one is out
   * of the way.
   */
  async #makesWay({ place, engine, logFile, replaces, again, around }: WayRequest): Promise<boolean> {
    const other = (await findBuilds(engine, place)).find((build) => build.logFile === logFile);
    if (other === undefined) return true;
    if (replaces) {
      // Where somebody follows it, the log is not ours to take, and the try says so.
      if (!(await hasOwner(other))) await engine.remove(other.id);
      return true;
    }
    around.output.line(
      other.state === 'running'
        ? vscode.l10n.t('Not begun: a build that writes the same log runs already.')
        : vscode.l10n.t('Not begun: the results of an earlier build are to be collected first.'),
    );
    around.afterwards(() => this.#attach.offerOrCollect(other, engine, again));
    return false;
  }
}

/** One build of an image in this window. */
interface ImageBuild {
  readonly place: BuildPlace;
  readonly session: SessionOptions;
  readonly options: ImageOptions;
  readonly around: JobSurroundings;
  readonly again: () => Promise<void>;
}

interface WayRequest {
  readonly place: BuildPlace;
  readonly engine: Engine;
  readonly logFile: string;
  /** One that nobody follows is removed: it is about to be repeated. */
  readonly replaces: boolean;
  /** Begins what was to be built. */
  readonly again: () => Promise<void>;
  readonly around: JobSurroundings;
}

function titleOf({ treeRoot, repositoryRoot, action, name }: BuildPlace): string {
  const what = baseName(repositoryRoot ?? treeRoot);
  const which = action?.name ?? name;
  return which === undefined
    ? vscode.l10n.t('Building {0}', what)
    : vscode.l10n.t('Building {0}: {1}', what, which);
}
