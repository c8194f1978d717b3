import type { BuildEvent } from '../build/build-event';
import type { BuildProblem, BuildProblemKind } from '../build/build-problem';
import type { BuildResult } from '../build/session/build-options';
import type { StageRequest } from '../build/stage-loop/prepare-stage';
import { triedStage } from '../build/stage-loop/run-stage';
import type { Core } from './core';
import { failureJson, prettyFailure } from './explain';
import { shownPath } from '../pigen/files/path';
import type { Format } from './options';
import type { ExitCode, Terminal } from './terminal';

/** Problems that are not the build's: no engine that would take it, or a plan that cannot be carried out. */
const notBuilt: ReadonlySet<BuildProblemKind> = new Set([
  'no-engine',
  'no-permission',
  'bad-endpoint',
  'rootless-engine',
  'docker-options',
  'bad-plan',
  'already-building',
  'preflight',
]);

/** Shows an event of a build as it comes. @param name which build it is of, where there are several */
export async function showEvent(
  event: BuildEvent,
  format: Format,
  core: Core,
  terminal: Terminal,
  name?: string,
): Promise<void> {
  if (format === 'json') {
    await terminal.write(eventLine(eventJson(event, terminal.workingFolder), name));
    return;
  }
  switch (event.event) {
    case 'line':
      await terminal.write(`${event.text}\n`);
      break;
    case 'image-step':
      await terminal.write(
        `Image of the build container: step ${event.step} of ${event.total}: ${event.text}\n`,
      );
      break;
    case 'artifact':
      await terminal.write(
        `Copied: ${shownPath(event.file, terminal.workingFolder)} (${event.bytes} bytes, SHA-256 ${event.sha256}${event.verified ? '' : ', not compared with the container'})\n`,
      );
      break;
    case 'failed':
      await terminal.write('\n');
      for (const failure of event.failures)
        await terminal.write(await prettyFailure(failure, core, terminal));
      break;
    case 'step-began':
    case 'step-ended':
    case 'step-skipped':
    case 'stage-size':
    case 'ended':
      break;
  }
}

/** `build` tells which one it is, where there are several. */
function eventLine(event: object, name: string | undefined): string {
  return `${JSON.stringify(name === undefined ? event : { build: name, ...event })}\n`;
}

/** An event in the stable JSON: local paths as the user would type them. */
function eventJson(event: BuildEvent, workingFolder: string): object {
  switch (event.event) {
    case 'failed':
      return { ...event, failures: event.failures.map((failure) => failureJson(failure, workingFolder)) };
    case 'artifact':
      return { ...event, file: shownPath(event.file, workingFolder) };
    case 'step-began':
    case 'step-ended':
    case 'step-skipped':
      return { ...event, path: shownPath(event.path, workingFolder) };
    case 'line':
    case 'image-step':
    case 'stage-size':
    case 'ended':
      return event;
  }
}

/** The last words of a build, or of the try of a stage. */
export function closing(
  { outcome, artifacts, logFile, containerLeft, problem }: BuildResult,
  terminal: Pick<Terminal, 'workingFolder'>,
  stage?: Pick<StageRequest, 'exportImage'>,
): string {
  const words = {
    succeeded: 'Build finished',
    failed: 'Build failed',
    cancelled: 'Build stopped',
    detached: 'The build goes on',
  } as const;
  // Nobody knows what became of it: what to do stands with the failure.
  if (problem?.kind === 'engine-lost' && containerLeft !== undefined)
    return `The build was lost from sight.\nLog: ${shownPath(logFile, terminal.workingFolder)}\n`;
  // One that is taken up again does not know what was asked for, but its log is a try's.
  const isTry =
    stage === undefined ? triedStage(logFile) !== undefined && artifacts.length === 0 : !stage.exportImage;
  const lines = [
    isTry && outcome === 'succeeded'
      ? 'The stage passed.'
      : `${words[outcome]}${outcome === 'succeeded' ? `: ${artifacts.length} files in the results` : ''}.`,
    `Log: ${shownPath(logFile, terminal.workingFolder)}`,
  ];
  if (containerLeft !== undefined) lines.push(`The container ${containerLeft} is still there.`);
  return `${lines.join('\n')}\n`;
}

export function exitCodeOf({ outcome, problem }: BuildResult): ExitCode {
  if (outcome === 'succeeded') return 0;
  return problem !== undefined && notBuilt.has(problem.kind) ? 2 : 1;
}

/** A build that could not begin ends its stream of events as any other does. */
export async function tellProblem(
  problem: BuildProblem,
  format: Format,
  terminal: Terminal,
  name?: string,
): Promise<void> {
  terminal.complain(`pigen: ${problem.message}\n${problem.wayOut}`);
  if (format === 'pretty') return;
  const failure = {
    class: problem.kind,
    cause: problem.message,
    fix: problem.wayOut,
    certainty: 'certain',
    step: null,
    finding: null,
  };
  await terminal.write(eventLine({ event: 'failed', failures: [failure] }, name));
  await terminal.write(eventLine({ event: 'ended', exitCode: null, cancelled: false }, name));
}
