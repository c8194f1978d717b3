import type { BuildProblem, BuildProblemKind } from './build-problem';
import type { BuildResult } from './session/build-options';

/** What one of several builds on one of several engines came to. */
export interface BuildEnd {
  readonly result?: Pick<BuildResult, 'problem' | 'containerLeft'> | undefined;
  /** What kept it from coming to a result. */
  readonly problem?: BuildProblem | undefined;
  /** The user wants none of them. */
  readonly stopped: boolean;
}

export interface SpreadOptions<Task> {
  /** Told what is not begun yet, whenever that changes. */
  readonly onLeft?: (left: readonly Task[]) => unknown;
}

export interface SpreadBuilds<Task, End> {
  /** In the order in which they came. One that another engine took up again has several. */
  readonly ends: readonly { readonly task: Task; readonly end: End }[];
  /** What was not begun: it was stopped before, or no engine is left that would take it. */
  readonly left: readonly Task[];
}

/** No build begins on an engine of which this was said. */
const ofTheEngine: ReadonlySet<BuildProblemKind> = new Set([
  'no-engine',
  'no-permission',
  'bad-endpoint',
  'rootless-engine',
  'privileged-refused',
  'engine-lost',
  'disk-full',
]);

/** As little has come of a build that ended with this and left no container as of one that was not begun. */
const beforeItBegan: ReadonlySet<BuildProblemKind> = new Set([
  'no-engine',
  'no-permission',
  'bad-endpoint',
  'rootless-engine',
  'privileged-refused',
]);

/**
 * Carries out builds on several engines, as many at once as there are engines: each takes the next when it is done with one. An
 * engine that is no good takes no more, and what it could not begin another takes, if need be one that has nothing to do any more.
 * Where one build is stopped, none is begun any more. Rejects with what `build` rejects with first, when all that run have ended.
 */
export async function spreadBuilds<Task, Engine, End extends BuildEnd>(
  tasks: readonly Task[],
  engines: readonly Engine[],
  build: (task: Task, engine: Engine) => Promise<End>,
  { onLeft }: SpreadOptions<Task> = {},
): Promise<SpreadBuilds<Task, End>> {
  const left = [...tasks];
  const ends: { readonly task: Task; readonly end: End }[] = [];
  const running = new Set<Promise<unknown>>();
  const reasons: unknown[] = [];
  let isOver = false;

  const carryOut = async (task: Task, engine: Engine): Promise<boolean> => {
    try {
      const end = await build(task, engine);
      ends.push({ task, end });
      isOver ||= end.stopped;
      if (!isBroken(end)) return true;
      if (!isOver && hasNotBegun(end)) left.unshift(task);
      return false;
    } catch (error) {
      reasons.push(error);
      isOver = true;
      return false;
    }
  };
  const work = async (engine: Engine): Promise<void> => {
    for (;;) {
      const task = isOver ? undefined : left.shift();
      if (task === undefined) {
        if (isOver || running.size === 0) return;
        // One of them may come to be given back.
        await Promise.race(running);
        continue;
      }
      const carried: Promise<boolean> = carryOut(task, engine).finally(() => running.delete(carried));
      running.add(carried);
      const told = onLeft?.([...left]);
      const goesOn = await carried;
      await told;
      if (!goesOn) return;
    }
  };
  await Promise.all(engines.map(work));
  if (reasons.length > 0) throw reasons[0];
  return { ends, left };
}

/** Whether a problem is of an engine, so that another may do better. */
export function isOfEngine(problem: BuildProblem | undefined): boolean {
  return problem !== undefined && ofTheEngine.has(problem.kind);
}

function isBroken({ problem, result }: BuildEnd): boolean {
  return isOfEngine(problem ?? result?.problem ?? undefined);
}

function hasNotBegun({ problem, result }: BuildEnd): boolean {
  if (problem !== undefined) return true;
  const kind = result?.problem?.kind;
  return kind !== undefined && beforeItBegan.has(kind) && result?.containerLeft === undefined;
}
