import * as vscode from 'vscode';
import { shownSize } from '../../build/afterwards/shown-size';
import type { Artifact } from '../../build/results/artifacts';
import type { BuildProblem } from '../../build/build-problem';
import type { BuildResult } from '../../build/session/build-options';
import type { Failure } from '../../explain/explanation';
import { withRuleFindings } from '../../explain/with-rule-findings';
import type { Finding } from '../../pigen/finding';
import { baseName } from '../../pigen/path';
import type { StageTree } from '../../pigen/stage-tree';
import type { StandingFailures } from '../build-logs/standing-failures';
import type { BuildOutput } from './build-output';
import type { BuildPlace } from './build-place';
import { rangeOf, uriOf } from '../paths';

export interface VerdictOptions {
  readonly place: BuildPlace;
  /** Nothing pops up. */
  readonly quiet?: boolean;
  /** In the place of naming the image. */
  readonly tellSuccess?: (result: BuildResult) => void;
  /** Opens a shell where a step failed, though no container is left: the stage loop keeps what it left. */
  readonly openShell?: () => unknown;
  /** Builds again, and keeps the container this once should it fail again: nothing is kept that nobody asked for. */
  readonly buildAndKeep?: () => unknown;
}

/** Tells how builds end: in the output panel, in notifications, and in the files that failed. */
export class BuildVerdict {
  /**
   * @param standing shows what a failed build says of its files
   * @param trees as they were last checked
   * @param ruleFindings what the rules say now
   */
  constructor(
    private readonly output: BuildOutput,
    private readonly standing: StandingFailures,
    private readonly trees: () => readonly StageTree[],
    private readonly ruleFindings: () => readonly Finding[],
  ) {}

  /** What came of a build. */
  async tell(result: BuildResult, options: VerdictOptions): Promise<void> {
    const { place, quiet = false, tellSuccess } = options;
    const { outcome, artifacts, containerLeft } = result;
    if (outcome === 'failed' && containerLeft !== undefined && result.problem === undefined) {
      this.output.line(
        vscode.l10n.t(
          'The container {0} is kept until the next build: run "Pi-gen: Open Shell at Failing Step" to look into it, or remove it with: docker rm -f -v {0}',
          containerLeft,
        ),
      );
    } else if (containerLeft !== undefined && !goesOn(result)) {
      this.output.line(
        vscode.l10n.t('The container {0} was kept. Remove it with: docker rm -f -v {0}', containerLeft),
      );
    }
    if (outcome !== 'cancelled') this.standing.clear();
    switch (outcome) {
      case 'succeeded':
        this.output.line(vscode.l10n.t('Build finished.'));
        if (tellSuccess !== undefined) tellSuccess(result);
        else void this.#tellSuccess(artifacts);
        break;
      case 'cancelled':
        this.output.line(vscode.l10n.t('Build stopped.'));
        break;
      case 'detached':
        break;
      case 'failed': {
        const root = place.repositoryRoot ?? place.treeRoot;
        const failures = withRuleFindings(result.failures, this.ruleFindings());
        await this.standing.show(
          failures.flatMap(({ finding }) => finding ?? []),
          this.trees().find((tree) => tree.root === root),
        );
        this.#describe(failures, goesOn(result));
        if (!quiet) void this.#tellFailure(failures, afterwards(result, options), goesOn(result));
        break;
      }
    }
  }

  #describe(failures: readonly Failure[], lost: boolean): void {
    this.output.line(lost ? vscode.l10n.t('The build was lost from sight.') : vscode.l10n.t('Build failed.'));
    for (const { cause, fix, step } of failures) {
      this.output.line(step === undefined ? cause : `${step.path}: ${cause}`);
      this.output.line(fix);
    }
  }

  async #tellFailure(
    failures: readonly Failure[],
    after: Afterwards | undefined,
    lost: boolean,
  ): Promise<void> {
    const [first] = failures;
    const where = first?.step === undefined ? '' : ` (${baseName(first.step.path)})`;
    const open = vscode.l10n.t('Open');
    const showLog = vscode.l10n.t('Show Log');
    const place = failures.find(({ finding }) => finding !== undefined)?.finding;
    const answer = await vscode.window.showErrorMessage(
      lost && first !== undefined
        ? first.cause
        : vscode.l10n.t(
            'The build failed{0}: {1}',
            where,
            first?.cause ?? vscode.l10n.t('the log tells no cause.'),
          ),
      ...(place === undefined ? [] : [open]),
      showLog,
      ...(after === undefined ? [] : [after.label]),
    );
    if (answer === showLog) this.output.show();
    if (answer !== undefined && answer === after?.label) await after.act();
    if (answer !== open || place === undefined) return;
    await vscode.window.showTextDocument(uriOf(place.file), { selection: rangeOf(place.range) });
  }

  async #tellSuccess(artifacts: readonly Artifact[]): Promise<void> {
    const image = artifacts.find(({ file }) => /\.(?:img|zip|xz|gz)$/.test(file));
    const reveal = vscode.l10n.t('Show in Explorer');
    const copy = vscode.l10n.t('Copy SHA-256');
    const timeline = vscode.l10n.t('Timeline');
    const message =
      image === undefined
        ? vscode.l10n.t(
            'The build finished, but no stage exports an image, so there is none. Add an EXPORT_IMAGE file to the last stage.',
          )
        : vscode.l10n.t(
            'The build finished: {0} ({1}, SHA-256 {2}…)',
            baseName(image.file),
            shownSize(image.bytes),
            image.sha256.slice(0, 12),
          );
    const answer = await vscode.window.showInformationMessage(
      message,
      ...(image === undefined ? [] : [reveal]),
      timeline,
      ...(image === undefined ? [] : [copy]),
    );
    if (answer === timeline) await vscode.commands.executeCommand('pi-gen.showTimeline');
    if (image === undefined) return;
    if (answer === copy) await vscode.env.clipboard.writeText(image.sha256);
    if (answer === reveal) await vscode.commands.executeCommand('revealInExplorer', uriOf(image.file));
  }

  /** Why there is none. @param anyway builds all the same, where only a check before the build is against it */
  tellProblem({ kind, message, wayOut }: BuildProblem, anyway?: () => Promise<void>): void {
    this.output.line(message);
    this.output.line(wayOut);
    const showLog = vscode.l10n.t('Show Log');
    const go = vscode.l10n.t('Build Anyway');
    const offers = kind === 'preflight' && anyway !== undefined ? [go, showLog] : [showLog];
    void vscode.window.showErrorMessage(`${message} ${wayOut}`, ...offers).then((answer) => {
      if (answer === showLog) this.output.show();
      return answer === go ? anyway?.() : undefined;
    });
  }
}

/** Says that a stage was built, and no image. */
export function tellStagePassed(stage: string): void {
  void vscode.window.showInformationMessage(vscode.l10n.t('{0} passed.', stage));
}

/** What can be done about a failed build besides reading of it. */
interface Afterwards {
  readonly label: string;
  readonly act: () => unknown;
}

function afterwards(
  result: BuildResult,
  { openShell, buildAndKeep }: VerdictOptions,
): Afterwards | undefined {
  if (goesOn(result)) {
    const attach = vscode.l10n.t('Attach to Build');
    return { label: attach, act: () => vscode.commands.executeCommand('pi-gen.attachToBuild') };
  }
  const { containerLeft, problem } = result;
  const label = vscode.l10n.t('Open Shell');
  if (containerLeft !== undefined)
    return { label, act: () => vscode.commands.executeCommand('pi-gen.openShell') };
  // What is no fault of a stage left no step to look into.
  if (problem !== undefined) return undefined;
  if (openShell !== undefined) return { label, act: openShell };
  return buildAndKeep && { label: vscode.l10n.t('Build Again and Keep'), act: buildAndKeep };
}

/** The container was left for the build to go on, which the problem tells. */
function goesOn({ problem, containerLeft }: BuildResult): boolean {
  return problem?.kind === 'engine-lost' && containerLeft !== undefined;
}
