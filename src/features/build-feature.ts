import os from 'node:os';
import * as vscode from 'vscode';
import type { BuildEvent } from '../build/build-event';
import { BuildProblemError } from '../build/build-problem';
import type { BuildProblem } from '../build/build-problem';
import { runBuild } from '../build/build-session';
import type { BuildResult } from '../build/build-session';
import { openEngine } from '../build/engine';
import { resolveEngineEndpoint } from '../build/engine-endpoint';
import type { CloneStore } from '../build/pi-gen-clone';
import { prepareBuild } from '../build/prepare-build';
import { buildGuarded, preflightProblem } from '../build/preflight/guard';
import { judge } from '../build/preflight/judge';
import type { CheckVerdict } from '../build/preflight/verdict';
import type { Failure } from '../explain/explanation';
import type { FileSystem } from '../pigen/file-system';
import { baseName, joinPath } from '../pigen/path';
import type { StageTree } from '../pigen/stage-tree';
import type { BashParser } from '../shell/bash-parser';
import type { StandingFailures } from './build-logs/standing-failures';
import { BuildOutput } from './build-output';
import { chooseBuildPlace } from './build-place';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';
import type { CommandRegistry } from './command-registry';
import { rangeOf, uriOf } from './paths';
import type { Preflight } from './preflight';
import type { StepStates } from './stages-view/step-states';
import { isTrusted } from './trust';
import { chooseWorkflowBuild, updateClone } from './workflow-place';

export interface BuildParts {
  /** What is on disk: a build takes nothing else. */
  readonly disk: FileSystem;
  readonly parser: () => Promise<BashParser>;
  readonly trees: () => readonly StageTree[];
  readonly clones: CloneStore;
  readonly ruleNames: ReadonlySet<string>;
  /** Shows what a failed build says of its files. */
  readonly standing: StandingFailures;
  /** Looks at the engine while a build begins. */
  readonly preflight: Preflight;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
  /** Follows what each step comes to. */
  readonly states: StepStates;
}

interface RunningBuild {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Builds on a Docker engine: `Pi-gen: Build Image`, `Stop Build`, `Show Build Output`. One at a time in this window. */
export class BuildFeature implements vscode.Disposable {
  readonly #output = new BuildOutput();
  readonly #status = vscode.window.createStatusBarItem('pi-gen.build', vscode.StatusBarAlignment.Left);
  readonly #subscriptions: vscode.Disposable[];
  #running: RunningBuild | undefined;

  constructor(private readonly parts: BuildParts) {
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
      parts.commands.register('pi-gen.stopBuild', () => this.stop()),
      parts.commands.register('pi-gen.showBuildOutput', () => {
        this.#output.show();
      }),
    ];
  }

  /** Stops the running build and waits until it has cleaned up. */
  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.done;
  }

  dispose(): void {
    this.#running?.stop.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#status.dispose();
    this.#output.dispose();
  }

  /** @param preflight whether checks may stop the build */
  async #start(choose: () => Promise<BuildPlace | undefined>, preflight = true): Promise<void> {
    if (!isTrusted()) return;
    if (this.#isRunning()) {
      this.#output.show();
      return;
    }
    const place = await this.#chosen(choose);
    // Another build may have begun while the user was choosing.
    if (place === undefined || this.#isRunning()) return;
    const stop = new AbortController();
    const done = this.#run(place, stop, preflight).catch((error: unknown) => {
      this.parts.log.error('The build ended unexpectedly', error);
      this.#output.line(vscode.l10n.t('The build ended unexpectedly: {0}', String(error)));
    });
    this.#running = { stop, done };
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', true);
    await done;
    this.#running = undefined;
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', false);
  }

  async #chosen(choose: () => Promise<BuildPlace | undefined>): Promise<BuildPlace | undefined> {
    try {
      return await choose();
    } catch (error) {
      if (!(error instanceof BuildProblemError)) throw error;
      this.#tellProblem(error.problem);
      return undefined;
    }
  }

  #isRunning(): boolean {
    return this.#running !== undefined;
  }

  async #run(place: BuildPlace, stop: AbortController, preflight: boolean): Promise<void> {
    const name = baseName(place.repositoryRoot ?? place.treeRoot);
    const title = vscode.l10n.t('Building {0}', name);
    this.parts.standing.clear();
    this.#output.start(title);
    this.parts.states.start();
    this.#status.text = `$(sync~spin) ${title}`;
    this.#status.show();
    try {
      const result = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title, cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => {
            stop.abort();
          });
          return this.#build(place, stop.signal, preflight, (message) => {
            progress.report({ message });
            this.#status.tooltip = message;
          });
        },
      );
      await this.#tell(result, place);
    } catch (error) {
      if (error instanceof BuildProblemError) this.#tellProblem(error.problem, place);
      else if (!stop.signal.aborted) throw error;
    } finally {
      this.#output.flush();
      this.#status.hide();
    }
  }

  async #build(
    place: BuildPlace,
    signal: AbortSignal,
    preflight: boolean,
    report: (message: string) => void,
  ): Promise<BuildResult> {
    await vscode.workspace.saveAll(false);
    const settings = readBuildSettings(uriOf(place.repositoryRoot ?? place.treeRoot));
    report(vscode.l10n.t('connecting to the Docker engine'));
    const found = await resolveEngineEndpoint({
      setting: settings.engine,
      environment: process.env,
      platform: process.platform,
      homeFolder: os.homedir().replaceAll('\\', '/'),
      fileSystem: this.parts.disk,
    });
    if (!found.ok) throw new BuildProblemError(found.problem);
    const engine = await openEngine(found.endpoint);
    const { machine } = await engine.info(signal);
    const prepared = await prepareBuild(
      {
        ...place,
        configFile: settings.config,
        settings: settings.build,
        environment: process.env,
        machine,
        knownRules: this.parts.ruleNames,
      },
      this.parts.disk,
      await this.parts.parser(),
      signal,
    );
    if (!prepared.ok) throw new BuildProblemError(prepared.problem);
    const { plan, secrets, explain } = prepared;
    const build = (stopped: AbortSignal) =>
      runBuild(plan, engine, {
        signal: stopped,
        logFile: joinPath(plan.deployFolder, 'build-docker.log'),
        secrets,
        explain,
        onEvent: (event) => {
          this.#output.event(event);
          this.parts.states.event(event);
          const message = progressOf(event);
          if (message !== undefined) report(message);
        },
      });
    if (!preflight) return build(signal);
    const check = async () =>
      judge(
        await this.parts.preflight({
          endpoint: found.endpoint,
          prepare: () => Promise.resolve(prepared),
          signal,
        }),
      );
    const onWarning = ({ message, fix = '' }: CheckVerdict) => {
      this.#output.line(`${message} ${fix}`);
    };
    const { result, stoppedBy } = await buildGuarded(build, check, { signal, onWarning });
    if (stoppedBy !== undefined) throw new BuildProblemError(preflightProblem(stoppedBy));
    return result;
  }

  async #tell(result: BuildResult, place: BuildPlace): Promise<void> {
    const { outcome, artifacts, failures, containerLeft } = result;
    if (containerLeft !== undefined) {
      this.#output.line(
        vscode.l10n.t('The container {0} was kept. Remove it with: docker rm -f -v {0}', containerLeft),
      );
    }
    switch (outcome) {
      case 'succeeded':
        this.#output.line(vscode.l10n.t('Build finished.'));
        void this.#tellSuccess(artifacts.map(({ file }) => file));
        break;
      case 'cancelled':
        this.#output.line(vscode.l10n.t('Build stopped.'));
        break;
      case 'failed': {
        const root = place.repositoryRoot ?? place.treeRoot;
        await this.parts.standing.show(
          failures.flatMap(({ finding }) => finding ?? []),
          this.parts.trees().find((tree) => tree.root === root),
        );
        this.#describe(failures);
        void this.#tellFailure(failures);
        break;
      }
    }
  }

  #describe(failures: readonly Failure[]): void {
    this.#output.line(vscode.l10n.t('Build failed.'));
    for (const { cause, fix, step } of failures) {
      this.#output.line(step === undefined ? cause : `${step.path}: ${cause}`);
      this.#output.line(fix);
    }
  }

  async #tellFailure(failures: readonly Failure[]): Promise<void> {
    const [first] = failures;
    const where = first?.step === undefined ? '' : ` (${baseName(first.step.path)})`;
    const open = vscode.l10n.t('Open');
    const showLog = vscode.l10n.t('Show Log');
    const place = failures.find(({ finding }) => finding !== undefined)?.finding;
    const answer = await vscode.window.showErrorMessage(
      vscode.l10n.t(
        'The build failed{0}: {1}',
        where,
        first?.cause ?? vscode.l10n.t('the log tells no cause.'),
      ),
      ...(place === undefined ? [showLog] : [open, showLog]),
    );
    if (answer === showLog) this.#output.show();
    if (answer !== open || place === undefined) return;
    await vscode.window.showTextDocument(uriOf(place.file), { selection: rangeOf(place.range) });
  }

  async #tellSuccess(files: readonly string[]): Promise<void> {
    const image = files.find((file) => /\.(?:img|zip|xz|gz)$/.test(file));
    const reveal = vscode.l10n.t('Show in Explorer');
    const message =
      image === undefined
        ? vscode.l10n.t(
            'The build finished, but no stage exports an image, so there is none. Add an EXPORT_IMAGE file to the last stage.',
          )
        : vscode.l10n.t('The build finished: {0}', baseName(image));
    const answer = await vscode.window.showInformationMessage(
      message,
      ...(image === undefined ? [] : [reveal]),
    );
    if (answer === reveal && image !== undefined) {
      await vscode.commands.executeCommand('revealInExplorer', uriOf(image));
    }
  }

  /** @param place what was to be built, where building all the same is offered */
  #tellProblem({ kind, message, wayOut }: BuildProblem, place?: BuildPlace): void {
    this.#output.line(message);
    this.#output.line(wayOut);
    const showLog = vscode.l10n.t('Show Log');
    const anyway = vscode.l10n.t('Build Anyway');
    const offers = kind === 'preflight' && place !== undefined ? [anyway, showLog] : [showLog];
    void vscode.window.showErrorMessage(`${message} ${wayOut}`, ...offers).then((answer) => {
      if (answer === showLog) this.#output.show();
      return answer === anyway ? this.#start(() => Promise.resolve(place), false) : undefined;
    });
  }
}

function progressOf(event: BuildEvent): string | undefined {
  switch (event.event) {
    case 'image-step':
      return vscode.l10n.t('image of the build container, step {0} of {1}', event.step, event.total);
    case 'step-began':
      return event.stage === undefined
        ? baseName(event.containerPath)
        : stepMessage(event.stage, event.containerPath);
    default:
      return undefined;
  }
}

/** `stage-x › 00-install › 00-run.sh`. */
function stepMessage(stage: string, path: string): string {
  const parts = path.split('/');
  const from = parts.lastIndexOf(stage);
  return (from < 0 ? parts.slice(-1) : parts.slice(from)).join(' › ');
}
