import * as vscode from 'vscode';
import { shownSize } from '../../build/afterwards/shown-size';
import type { Artifact } from '../../build/results/artifacts';
import type { BuildProblem, BuildProblemKind } from '../../build/build-problem';
import type { BuildResult } from '../../build/session/build-options';
import type { Failure } from '../../explain/explanation';
import { withRuleFindings } from '../../explain/with-rule-findings';
import type { Finding } from '../../pigen/finding';
import { baseName } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { StandingFailures } from '../build-logs/standing-failures';
import type { BuildOutput, BuildOutputs } from './build-output';
import type { BuildPlace } from './build-place';
import { furtherStep } from './further-step';
import { rangeOf, uriOf } from '../paths';

export interface VerdictOptions {
  readonly place: BuildPlace;
  /** Where its log is shown. */
  readonly output: BuildOutput;
  /** It is one of several: what others say of the user's files stays. */
  readonly beside?: boolean;
  /** Nothing pops up. */
  readonly quiet?: boolean;
  /** In the place of naming the image. */
  readonly tellSuccess?: (result: BuildResult) => void;
  /** Opens a shell where a step failed, though no container is left: the stage loop keeps what it left. */
  readonly openShell?: () => unknown;
  /** Builds again, and keeps the container this once should it fail again: nothing is kept that nobody asked for. */
  readonly buildAndKeep?: () => unknown;
}

export interface ProblemOptions {
  /** Undefined: it is of no build that was shown. */
  readonly output?: BuildOutput;
  /** Builds all the same, where only a check before the build is against it. */
  readonly anyway?: (() => Promise<void>) | undefined;
  /** The log on disk, where the panel does not show it. */
  readonly logFile?: string;
}

/** Tells how builds end: in the output panel, in notifications, and in the files that failed. */
export class BuildVerdict {
  /**
   * @param standing shows what a failed build says of its files
   * @param trees as they were last checked
   * @param ruleFindings what the rules say now
   */
  constructor(
    private readonly outputs: BuildOutputs,
    private readonly standing: StandingFailures,
    private readonly trees: () => readonly StageTree[],
    private readonly ruleFindings: () => readonly Finding[],
  ) {}

  /** What came of a build. */
  async tell(result: BuildResult, options: VerdictOptions): Promise<void> {
    const { place, output, beside = false, quiet = false, tellSuccess } = options;
    const { outcome, artifacts, containerLeft } = result;
    if (outcome === 'failed' && containerLeft !== undefined && result.problem === undefined) {
      output.line(
        vscode.l10n.t(
          'The container {0} is kept until the next build: run "Pi-gen: Open Shell at Failing Step" to look into it, or "Pi-gen: Clean Up…" to remove it.',
          containerLeft,
        ),
      );
    } else if (containerLeft !== undefined && !goesOn(result)) {
      output.line(
        vscode.l10n.t('The container {0} was kept. "Pi-gen: Clean Up…" removes it.', containerLeft),
      );
    }
    if (outcome !== 'cancelled' && !beside) this.standing.clear();
    switch (outcome) {
      case 'succeeded':
        output.line(vscode.l10n.t('Build finished.'));
        if (tellSuccess !== undefined) tellSuccess(result);
        else void this.#tellSuccess(artifacts, options);
        break;
      case 'cancelled':
        output.line(
          containerLeft === undefined
            ? vscode.l10n.t(
                'Build stopped. Nothing of it is left on the engine, and there is no image of it.',
              )
            : vscode.l10n.t('Build stopped. There is no image of it.'),
        );
        break;
      case 'detached':
        break;
      case 'failed': {
        const root = place.repositoryRoot ?? place.treeRoot;
        const failures = withRuleFindings(result.failures, this.ruleFindings());
        const findings = failures.flatMap(({ finding }) => finding ?? []);
        const tree = this.trees().find((one) => one.root === root);
        await (beside ? this.standing.add(findings, tree) : this.standing.show(findings, tree));
        describe(failures, output, goesOn(result));
        if (!quiet) void this.#tellFailure(failures, result, options);
        break;
      }
    }
  }

  async #tellFailure(
    failures: readonly Failure[],
    result: BuildResult,
    options: VerdictOptions,
  ): Promise<void> {
    const [first] = failures;
    const open: Offer | undefined = openOffer(failures);
    const after = afterwards(result, options);
    const showLog: Offer = {
      label: vscode.l10n.t('Show Log'),
      act: () => {
        options.output.show();
      },
    };
    const { problem } = result;
    const offers =
      problem === undefined
        ? [open, showLog, after]
        : [showLog, after ?? offerFor(problem.kind, result.containerLeft !== undefined)];
    await offered(failureText(first, result, options), offers);
  }

  async #tellSuccess(artifacts: readonly Artifact[], { place }: VerdictOptions): Promise<void> {
    const images = artifacts.filter(({ file }) => /\.(?:img|zip|xz|gz)$/.test(file));
    const [image, ...others] = images;
    const reveal = vscode.l10n.t('Show in Explorer');
    const copy = vscode.l10n.t('Copy SHA-256');
    const timeline = vscode.l10n.t('Timeline');
    const message =
      image === undefined
        ? vscode.l10n.t(
            'The build finished, but no stage exports an image, so there is none. Add an EXPORT_IMAGE file to the last stage.',
          )
        : others.length > 0
          ? vscode.l10n.t('The build finished: {0}', images.map(({ file }) => baseName(file)).join(', '))
          : vscode.l10n.t(
              'The build finished: {0} ({1}, SHA-256 {2}…)',
              baseName(image.file),
              shownSize(image.bytes),
              image.sha256.slice(0, 12),
            );
    const answer = await vscode.window.showInformationMessage(
      namedBuild(message, place),
      ...(image === undefined ? [] : [reveal]),
      timeline,
      ...(image === undefined ? [] : [copy]),
    );
    if (answer === timeline) await vscode.commands.executeCommand('pi-gen.showTimeline');
    if (image === undefined) return;
    if (answer === copy) await vscode.env.clipboard.writeText(checksumsOf(image, others));
    if (answer === reveal) await showFile(image.file);
  }

  /** Why there is no result. */
  tellProblem(
    problem: BuildProblem,
    { output = this.outputs.main, anyway, logFile }: ProblemOptions = {},
  ): void {
    const { kind, message, wayOut } = problem;
    output.line(message);
    output.line(wayOut);
    output.flush();
    const showLog: Offer =
      logFile === undefined
        ? {
            label: vscode.l10n.t('Show Log'),
            act: () => {
              output.show();
            },
          }
        : { label: vscode.l10n.t('Open Log'), act: () => showLogFile(logFile, output) };
    const go =
      kind === 'preflight' && anyway !== undefined
        ? { label: vscode.l10n.t('Build Anyway'), act: anyway }
        : offerFor(kind, logFile !== undefined);
    void offered(`${message} ${wayOut}`, [go, showLog]);
  }

  /** An error of this program, and no problem of a build that it knows. */
  tellUnexpected(error: unknown, output: BuildOutput): void {
    const message = vscode.l10n.t(
      'The build ended unexpectedly: {0}. It is not known whether it made an image; its container is listed by "Pi-gen: Clean Up…".',
      error instanceof Error ? error.message : String(error),
    );
    const showLog = {
      label: vscode.l10n.t('Show Log'),
      act: () => {
        output.show();
      },
    };
    void offered(message, [showLog, cleanUp()]);
  }
}

function describe(failures: readonly Failure[], output: BuildOutput, lost: boolean): void {
  output.line(lost ? vscode.l10n.t('The build was lost from sight.') : vscode.l10n.t('Build failed.'));
  for (const { cause, fix, step } of failures) {
    output.line(step === undefined ? cause : `${step.path}: ${cause}`);
    output.line(fix);
  }
}

/** One sentence or two for the notification; what lies outside of the stages has no place in a file that would tell the rest. */
function failureText(first: Failure | undefined, result: BuildResult, { place }: VerdictOptions): string {
  const { problem } = result;
  if (problem !== undefined) {
    const told = `${problem.message} ${problem.wayOut}`;
    return namedBuild(goesOn(result) ? told : vscode.l10n.t('The build failed: {0}', told), place);
  }
  const where = first?.step === undefined ? '' : ` (${baseName(first.step.path)})`;
  const cause = first?.cause ?? vscode.l10n.t('the log tells no cause.');
  return namedBuild(vscode.l10n.t('The build failed{0}: {1}', where, cause), place);
}

/** Of several builds each says which one it is. */
function namedBuild(message: string, { name }: BuildPlace): string {
  return name === undefined ? message : `${name}: ${message}`;
}

/** In the explorer where the workspace holds it, else wherever the machine shows folders. */
async function showFile(path: string): Promise<void> {
  const uri = uriOf(path);
  const isInside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(isInside ? 'revealInExplorer' : 'revealFileInOS', uri);
}

async function showLogFile(path: string, output: BuildOutput): Promise<void> {
  try {
    await vscode.window.showTextDocument(uriOf(path));
  } catch {
    // It may be gone, or too large for an editor.
    output.show();
  }
}

/** Says that a stage was built, and no image. */
export function tellStagePassed(stage: string): void {
  void vscode.window.showInformationMessage(vscode.l10n.t('{0} passed.', stage));
}

/** A button of a notification. */
interface Offer {
  readonly label: string;
  readonly act: () => unknown;
}

async function offered(message: string, offers: readonly (Offer | undefined)[]): Promise<void> {
  const there = offers.filter((offer) => offer !== undefined);
  const answer = await vscode.window.showErrorMessage(message, ...there.map(({ label }) => label));
  await there.find(({ label }) => label === answer)?.act();
}

function openOffer(failures: readonly Failure[]): Offer | undefined {
  const place = failures.find(({ finding }) => finding !== undefined)?.finding;
  return (
    place && {
      label: vscode.l10n.t('Open'),
      act: () => vscode.window.showTextDocument(uriOf(place.file), { selection: rangeOf(place.range) }),
    }
  );
}

/** What can be done about a failed build besides reading of it. */
function afterwards(result: BuildResult, { openShell, buildAndKeep }: VerdictOptions): Offer | undefined {
  const { containerLeft, problem } = result;
  if (goesOn(result)) return undefined;
  const label = vscode.l10n.t('Open Shell');
  if (containerLeft !== undefined)
    return { label, act: () => vscode.commands.executeCommand('pi-gen.openShell') };
  // What is no fault of a stage left no step to look into.
  if (problem !== undefined) return undefined;
  if (openShell !== undefined) return { label, act: openShell };
  return buildAndKeep && { label: vscode.l10n.t('Build Again and Keep'), act: buildAndKeep };
}

/** @param isLeft a container of the build is left, or may be */
function offerFor(kind: BuildProblemKind, isLeft: boolean): Offer | undefined {
  switch (furtherStep(kind, isLeft)) {
    case 'attach':
      return command(vscode.l10n.t('Attach to Build'), 'pi-gen.attachToBuild');
    case 'engine-setting':
      return setting('pi-gen.docker.engine');
    case 'docker-settings':
      return setting('pi-gen.docker');
    case 'clean-up':
      return cleanUp();
    case 'check-environment':
      return command(vscode.l10n.t('Check Environment'), 'pi-gen.checkEnvironment');
    case undefined:
      return undefined;
  }
}

function cleanUp(): Offer {
  return command(vscode.l10n.t('Clean Up…'), 'pi-gen.cleanUp');
}

function setting(query: string): Offer {
  return command(vscode.l10n.t('Open Settings'), 'workbench.action.openSettings', query);
}

function command(label: string, name: string, ...words: readonly unknown[]): Offer {
  return { label, act: () => vscode.commands.executeCommand(name, ...words) };
}

/** The container was left for the build to go on, which the problem tells. */
function goesOn({ problem, containerLeft }: BuildResult): boolean {
  return problem?.kind === 'engine-lost' && containerLeft !== undefined;
}

/** Of one image the bare sum; of several a list as sha256sum writes it. */
function checksumsOf(image: Artifact, others: readonly Artifact[]): string {
  if (others.length === 0) return image.sha256;
  return [image, ...others].map(({ file, sha256 }) => `${sha256}  ${baseName(file)}\n`).join('');
}
