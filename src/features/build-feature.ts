import os from 'node:os';
import * as vscode from 'vscode';
import type { BuildEvent } from '../build/build-event';
import { BuildProblemError } from '../build/build-problem';
import type { BuildProblem } from '../build/build-problem';
import { runBuild } from '../build/build-session';
import type { BuildOptions, BuildResult } from '../build/build-session';
import type { Engine } from '../build/engine';
import { openEngine } from '../build/engine';
import { resolveEngineEndpoint } from '../build/engine-endpoint';
import { prepareBuild } from '../build/prepare-build';
import type { PreparedBuild } from '../build/prepare-build';
import type { Failure } from '../explain/explanation';
import type { FileSystem } from '../pigen/file-system';
import type { Finding } from '../pigen/finding';
import { baseName, joinPath } from '../pigen/path';
import type { StageTree } from '../pigen/stage-tree';
import type { BashParser } from '../shell/bash-parser';
import { BuildOutput } from './build-output';
import { chooseBuildPlace } from './build-place';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';
import type { CommandRegistry } from './command-registry';
import type { Diagnostics } from './diagnostics';
import { pathOf, rangeOf, uriOf } from './paths';

export interface BuildParts {
  /** What is on disk: a build takes nothing else. */
  readonly disk: FileSystem;
  readonly parser: () => Promise<BashParser>;
  readonly trees: () => readonly StageTree[];
  readonly ruleNames: ReadonlySet<string>;
  /** Shows what a failed build says of its files. */
  readonly failures: Diagnostics;
  /** Whether the checks show a finding already. */
  readonly isShown: (finding: Finding) => boolean;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
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
  /** Stops this build, besides the user. */
  readonly signal?: AbortSignal;
}

interface RunningBuild {
  readonly stop: AbortController;
  readonly done: Promise<unknown>;
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
      parts.commands.register('pi-gen.buildImage', () => this.#buildImage()),
      parts.commands.register('pi-gen.stopBuild', () => this.stop()),
      parts.commands.register('pi-gen.showBuildOutput', () => {
        this.#output.show();
      }),
      // What a build said of a file no longer holds once the file is another.
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) parts.failures.drop(pathOf(document.uri));
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

  /** Whether a build is under way; if so, its output is shown. */
  isBusy(): boolean {
    if (this.#isRunning()) this.#output.show();
    return this.#isRunning();
  }

  /** Resolves when no build is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running.done;
  }

  /** Builds, unless another build is under way. Undefined: it was not begun, or came to no result. Never rejects. */
  async build(job: BuildJob): Promise<BuildResult | undefined> {
    // Another build may have begun while the user was choosing.
    if (this.#isRunning()) return undefined;
    const stop = new AbortController();
    const giveUp = (): void => {
      stop.abort();
    };
    job.signal?.addEventListener('abort', giveUp, { once: true });
    const done = this.#run(job, stop).catch((error: unknown) => {
      this.parts.log.error('The build ended unexpectedly', error);
      this.#output.line(vscode.l10n.t('The build ended unexpectedly: {0}', String(error)));
      return undefined;
    });
    this.#running = { stop, done };
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', true);
    const result = await done;
    job.signal?.removeEventListener('abort', giveUp);
    this.#running = undefined;
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', false);
    return result;
  }

  async #buildImage(): Promise<void> {
    if (this.isBusy()) return;
    const place = await chooseBuildPlace(this.parts.trees());
    if (place === undefined) return;
    await this.build({
      title: vscode.l10n.t('Building {0}', baseName(place.repositoryRoot ?? place.treeRoot)),
      place,
      run: ({ plan }, engine, options) =>
        runBuild(plan, engine, { ...options, logFile: joinPath(plan.deployFolder, 'build-docker.log') }),
      tellSuccess: ({ artifacts }) => void this.#tellSuccess(artifacts.map(({ file }) => file)),
    });
  }

  #isRunning(): boolean {
    return this.#running !== undefined;
  }

  async #run(job: BuildJob, stop: AbortController): Promise<BuildResult | undefined> {
    const { title, quiet = false } = job;
    const location = quiet ? vscode.ProgressLocation.Window : vscode.ProgressLocation.Notification;
    // A verdict that is about to be given anew stands until then.
    if (!quiet) this.parts.failures.clearAll();
    this.#output.start(title, quiet);
    this.#status.text = `$(sync~spin) ${title}`;
    if (!quiet) this.#status.show();
    try {
      const result = await vscode.window.withProgress(
        { location, title, cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => {
            stop.abort();
          });
          return this.#build(job, stop.signal, (message) => {
            progress.report({ message });
            this.#status.tooltip = message;
          });
        },
      );
      this.#tell(result, job);
      return result;
    } catch (error) {
      if (error instanceof BuildProblemError) this.#tellProblem(error.problem);
      else if (!stop.signal.aborted) throw error;
      return undefined;
    } finally {
      this.#output.flush();
      this.#status.hide();
    }
  }

  async #build(
    { place, run, quiet }: BuildJob,
    signal: AbortSignal,
    report: (message: string) => void,
  ): Promise<BuildResult> {
    if (quiet !== true) await vscode.workspace.saveAll(false);
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
    return run(prepared, engine, {
      signal,
      secrets: prepared.secrets,
      explain: prepared.explain,
      onEvent: (event) => {
        this.#output.event(event);
        const message = progressOf(event);
        if (message !== undefined) report(message);
      },
    });
  }

  #tell(result: BuildResult, job: BuildJob): void {
    const { outcome, failures, containerLeft } = result;
    if (containerLeft !== undefined) {
      this.#output.line(
        vscode.l10n.t('The container {0} was kept. Remove it with: docker rm -f -v {0}', containerLeft),
      );
    }
    if (outcome !== 'cancelled') this.parts.failures.clearAll();
    switch (outcome) {
      case 'succeeded':
        this.#output.line(vscode.l10n.t('Build finished.'));
        job.tellSuccess(result);
        break;
      case 'cancelled':
        this.#output.line(vscode.l10n.t('Build stopped.'));
        break;
      case 'failed': {
        const findings = failures.flatMap(({ finding }) => (finding === undefined ? [] : [finding]));
        this.parts.failures.show(
          'build',
          findings.filter((finding) => !this.parts.isShown(finding)),
        );
        this.#describe(failures);
        if (job.quiet !== true) void this.#tellFailure(failures);
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

  #tellProblem({ message, wayOut }: BuildProblem): void {
    this.#output.line(message);
    this.#output.line(wayOut);
    const showLog = vscode.l10n.t('Show Log');
    void vscode.window.showErrorMessage(`${message} ${wayOut}`, showLog).then((answer) => {
      if (answer === showLog) this.#output.show();
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
