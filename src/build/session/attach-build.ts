import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { failureOfProblem } from '../build-event';
import type { BuildEvent } from '../build-event';
import { LeaseSeeker } from './build-lease';
import type { BuildLease } from './build-lease';
import { localPath } from '../plan/build-plan';
import { BuildProblemError, maskedProblem } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import { markStopped, readRecord } from './build-record';
import type { BuildRecord, RecordedEnd } from './build-record';
import { BuildSession } from './build-session';
import type { BuildOptions, BuildResult } from './build-options';
import type { BuildStart, OwnedLog } from './build-start';
import { followContainer } from '../output/container-output';
import type { Engine } from '../engine/engine';
import { leftOnSilentEngine, neverStartedProblem, problemOfError, stoppingOn } from '../engine/engine-errors';
import { localProblem } from '../results/local-problem';
import type { FoundBuild } from './found-build';
import { LineAssembler, outputStart } from '../output/lines';
import type { OutputPosition } from '../output/lines';
import { LogFile } from '../output/log-file';
import { LogRecorder } from '../output/log-recorder';
import type { EventSink } from '../output/log-recorder';
import { replayLog } from '../output/replay-log';
import { StampClock } from '../output/stamp-clock';
import { StepTracker } from '../output/step-tracker';
import { removeContainer } from './remove-container';
import { askToEnd } from './stop-container';
import { begunBuild } from '../timeline/session-timeline';

export type AttachOptions = Omit<BuildOptions, 'logFile'>;

/** Milliseconds between two looks whether a build's owner has collected its results. */
const lookInterval = 500;

/**
 * Takes a build up that another process began: tells all its events from the beginning, follows it to its end, and
 * collects its results, as if nobody had gone. Where that other process is still there, it stays the owner of log and
 * results, and is only watched; should it die meanwhile, the results are collected here after all.
 * Rejects as runBuild does.
 */
export async function attachBuild(
  build: FoundBuild,
  engine: Engine,
  options: AttachOptions,
): Promise<BuildResult> {
  const seeker = new LeaseSeeker(build.logFile);
  try {
    const lease = await seeker.try();
    if (lease !== undefined) return await takeOver(build, engine, options, lease);
    options.onBegin?.(await begunBuild(build, build.plan.subject));
    const watched = await watch(build, engine, options);
    if (watched !== 'ended') return watched;
    const settled = await settle(build, seeker, options);
    if (settled === undefined) return resultOf(build, 'detached');
    return 'outcome' in settled
      ? await tellEnd(build, settled, options)
      : await takeOver(build, engine, onlyTheEnd(options), settled);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return failed(build, localProblem(error, build.logFile), options);
  }
}

/** Whether a build's owner is at work. Where it is not, whoever attaches becomes the owner. */
export async function hasOwner(build: Pick<FoundBuild, 'logFile'>): Promise<boolean> {
  const lease = await new LeaseSeeker(build.logFile).try();
  await lease?.release();
  return lease === undefined;
}

/** As the owner: the log on disk is continued from where the last owner left it. */
async function takeOver(
  build: FoundBuild,
  engine: Engine,
  options: AttachOptions,
  lease: BuildLease,
): Promise<BuildResult> {
  let owned: OwnedLog & { readonly position: OutputPosition };
  try {
    owned = { lease, ...(await openLog(build, engine)) };
  } catch (error) {
    await lease.release();
    throw error;
  }
  const stamps = StampClock.ofTakenUp(build.began);
  return new BuildSession(build.plan, engine, options, owned, stamps).run(takenUp(build, engine, owned));
}

async function openLog(
  build: FoundBuild,
  engine: Engine,
): Promise<{ readonly log: LogFile; readonly record: BuildRecord; readonly position: OutputPosition }> {
  const record = await readRecord(build.logFile);
  if (record?.session === build.session && record.position !== undefined) {
    try {
      const log = await LogFile.resume(build.logFile, record.position.log);
      return { log, record, position: positionOf(record) };
    } catch {
      // Gone or shorter than it was: the engine still has what the container printed.
    }
  }
  const log = await LogFile.create(build.logFile);
  return { log, record: recordOf(build, engine), position: outputStart };
}

function positionOf({ position }: BuildRecord): OutputPosition {
  const { stdout = 0, stderr = 0 } = position ?? {};
  return { stdout: { lines: stdout, rest: 0 }, stderr: { lines: stderr, rest: 0 } };
}

function recordOf({ session, treeRoot, plan, began }: FoundBuild, engine: Engine): BuildRecord {
  const { deployFolder } = plan;
  return {
    session,
    treeRoot,
    deployFolder,
    began,
    engine: engine.label,
    position: undefined,
    end: undefined,
  };
}

function takenUp(
  build: FoundBuild,
  engine: Engine,
  { record, position }: OwnedLog & { readonly position: OutputPosition },
): BuildStart {
  return {
    begun: build.state !== 'created',
    position,
    container: async ({ recorder, onCreated, signal }) => {
      onCreated(build.id);
      await replayLog(build.logFile, record.position?.log ?? 0, recorder, signal);
      if (build.state === 'created')
        throw new BuildProblemError(neverStartedProblem(build.plan.container.name));
      return build.id;
    },
    output: (container, follow) => followContainer(engine, container, position, follow),
  };
}

/** Lines and steps were told already, by watching. */
function onlyTheEnd({ onBegin: _told, ...options }: AttachOptions): AttachOptions {
  const told: ReadonlySet<BuildEvent['event']> = new Set(['artifact', 'failed', 'ended']);
  return {
    ...options,
    onEvent: async (event) => {
      if (told.has(event.event)) await options.onEvent(event);
    },
  };
}

/** Tells the events of a build that another process owns, until its container has ended. */
async function watch(
  build: FoundBuild,
  engine: Engine,
  options: AttachOptions,
): Promise<BuildResult | 'ended'> {
  const { signal, detach, stopPatience, reconnectPauses } = options;
  const recorder = watcher(build, options.onEvent, options.secrets);
  const letGo = new AbortController();
  const ended = new AbortController();
  let stopping: Promise<boolean> | undefined;
  const onStop = () => {
    const { name } = build.plan.container;
    void recorder.note(stoppingOn(engine.label, `to end the container ${name}`)).catch(() => undefined);
    stopping = stopFromOutside(build, engine, ended.signal, stopPatience).finally(() => {
      letGo.abort(signal.reason);
    });
  };
  const onDetach = () => {
    letGo.abort(detach?.reason);
  };
  signal.addEventListener('abort', onStop, { once: true });
  detach?.addEventListener('abort', onDetach, { once: true });
  if (signal.aborted) onStop();
  else if (detach?.aborted === true) onDetach();
  try {
    const record = await readRecord(build.logFile);
    const own = record?.session === build.session ? record : undefined;
    const position = own === undefined ? outputStart : positionOf(own);
    await replayLog(build.logFile, own?.position?.log ?? 0, recorder, letGo.signal);
    const lines = new LineAssembler(position);
    const output = followContainer(engine, build.id, position, {
      signal: letGo.signal,
      pauses: reconnectPauses,
      onConnection: (told) => recorder.note(told),
    });
    for (;;) {
      const next = await output.next();
      if (next.done === true) break;
      for (const line of lines.push(next.value)) {
        const told = recorder.output(line);
        if (told !== undefined) await told;
      }
    }
    for (const line of lines.end()) await recorder.output(line);
  } catch (error) {
    if (detach?.aborted === true && !signal.aborted) return resultOf(build, 'detached');
    const lost = problemOfError(error, { action: 'follow', endpoint: engine.label });
    const problem = maskedProblem(lost, (text) => recorder.mask(text));
    // Its owner was quicker in taking the container away.
    const isOver = signal.aborted || problem.kind === 'container-gone';
    if (!isOver) return await failed(build, problem, options);
  } finally {
    ended.abort();
    signal.removeEventListener('abort', onStop);
    detach?.removeEventListener('abort', onDetach);
    await stopping;
  }
  const isLeft = (await stopping) === true;
  return isLeft ? stoppedInVain(build, engine, options, recorder) : 'ended';
}

/** Its owner cannot end it either: nobody waits for that. */
async function stoppedInVain(
  build: FoundBuild,
  engine: Engine,
  { onEvent }: AttachOptions,
  recorder: LogRecorder,
): Promise<BuildResult> {
  const { name } = build.plan.container;
  await recorder.note(leftOnSilentEngine(engine.label, name, 'its owner'));
  await onEvent({ event: 'ended', exitCode: null, cancelled: true });
  return { ...resultOf(build, 'cancelled'), containerLeft: name };
}

function watcher(build: FoundBuild, sink: EventSink, secrets: Iterable<string>): LogRecorder {
  const tracker = new StepTracker(
    (path) => localPath(build.plan, path),
    () => performance.now(),
  );
  return new LogRecorder(undefined, tracker, sink, secrets, StampClock.ofTakenUp(build.began));
}

/**
 * The owner sees its container end, and by the mark that it was meant to. Gives whether it had to be left, because the engine does
 * not answer. Never rejects.
 */
async function stopFromOutside(
  { id, logFile, session }: FoundBuild,
  engine: Engine,
  ended: AbortSignal,
  patience: number | undefined,
): Promise<boolean> {
  await markStopped(logFile, session);
  if (!(await askToEnd(engine, id, ended, patience))) return !ended.aborted;
  if (ended.aborted) return false;
  // By force, then. The owner copes with a container that is gone; an engine that cannot do it tells its owner too.
  await removeContainer(engine, id).catch(() => undefined);
  return false;
}

/** Waits until the owner has told how the build ended, or is dead. Undefined: we are to let go. */
async function settle(
  { logFile, session }: FoundBuild,
  seeker: LeaseSeeker,
  { detach }: AttachOptions,
): Promise<RecordedEnd | BuildLease | undefined> {
  while (detach?.aborted !== true) {
    const record = await readRecord(logFile);
    if (record?.session === session && record.end !== undefined) return record.end;
    const lease = await seeker.try();
    if (lease !== undefined) return lease;
    await delay(lookInterval);
  }
  return undefined;
}

/** What the owner made of it, as if it had been told here. */
async function tellEnd(build: FoundBuild, end: RecordedEnd, options: AttachOptions): Promise<BuildResult> {
  const { outcome, exitCode, artifacts } = end;
  for (const artifact of artifacts) await options.onEvent({ event: 'artifact', ...artifact });
  const explained = outcome === 'failed' ? await explainLog(build, options) : [];
  if (outcome === 'failed') await options.onEvent({ event: 'failed', failures: explained });
  await options.onEvent({ event: 'ended', exitCode, cancelled: outcome === 'cancelled' });
  return { ...resultOf(build, outcome), exitCode: exitCode ?? undefined, failures: explained, artifacts };
}

async function explainLog(build: FoundBuild, { explain }: AttachOptions): Promise<BuildResult['failures']> {
  try {
    return (await explain?.(createReadStream(build.logFile, 'utf8'))) ?? [];
  } catch {
    return [];
  }
}

function resultOf({ logFile }: FoundBuild, outcome: BuildResult['outcome']): BuildResult {
  return {
    outcome,
    exitCode: undefined,
    failures: [],
    problem: undefined,
    artifacts: [],
    refused: [],
    logFile,
    containerLeft: undefined,
  };
}

async function failed(
  build: FoundBuild,
  problem: BuildProblem,
  options: AttachOptions,
): Promise<BuildResult> {
  const failures = [failureOfProblem(problem)];
  await options.onEvent({ event: 'failed', failures });
  await options.onEvent({ event: 'ended', exitCode: null, cancelled: false });
  return { ...resultOf(build, 'failed'), failures, problem };
}
