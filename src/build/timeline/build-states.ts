import type { BuildEvent } from '../build-event';
import type { BuildTimeline } from './build-timeline';

/** What a build does with a stage, sub-stage or step, or did. */
export type StepState =
  | { readonly state: 'running'; readonly since: number }
  | { readonly state: 'done'; readonly milliseconds: number }
  | { readonly state: 'failed' };

/** The state of a path in one build. */
export interface BuildState {
  /** What that build is of, for people: the config's name. */
  readonly variant: string;
  /** Other builds ran, or run, at the same time: of each it has to be said which one is meant. */
  readonly beside: boolean;
  readonly step: StepState;
}

/** A build that begins. */
export interface StatedBuild extends Pick<BuildTimeline, 'id' | 'variant' | 'began'> {
  /** Absolute: the tree or repository that is built. */
  readonly root: string;
  /** Builds that were asked for together have the same, also where one begins when another has ended. */
  readonly round?: number | undefined;
}

interface KnownBuild extends StatedBuild {
  /** Milliseconds since 1970; undefined: it runs. */
  ended: number | undefined;
  /** By local path. */
  readonly states: Map<string, StepState>;
}

/**
 * What the last builds of each tree do with its files: the newest, and those that ran at the same time as it or belong to it.
 * States of two builds are never mixed: of each it is known whose it is.
 */
export class BuildStates {
  /** By root; the newest first. */
  readonly #builds = new Map<string, readonly KnownBuild[]>();
  /** How long each took when it last came to its end. Milliseconds by local path. */
  readonly #durations = new Map<string, number>();

  /** @param now milliseconds since 1970 */
  constructor(private readonly now: () => number) {}

  /** Of each build that came to this path, by the names of their kinds: what runs at once begins in any order. */
  of(path: string): readonly BuildState[] {
    return [...this.#builds.values()].flatMap((builds) => {
      const beside = builds.length > 1;
      const byName = builds.toSorted((a, b) => compare(a.variant, b.variant));
      return byName.flatMap(({ variant, states }): readonly BuildState[] => {
        const step = states.get(path);
        return step === undefined ? [] : [{ variant, beside, step }];
      });
    });
  }

  /** Milliseconds; undefined where that is not known. */
  lastDuration(path: string): number | undefined {
    return this.#durations.get(path);
  }

  /** Adds what is kept of builds of a tree, in any order. Gives the paths whose state may have changed. */
  addKept(root: string, kept: readonly BuildTimeline[]): readonly string[] {
    const newest = kept.toSorted((a, b) => compare(b.began, a.began));
    for (const { path, ended, milliseconds } of newest.flatMap(({ parts }) => parts)) {
      if (path !== '' && ended && !this.#durations.has(path)) this.#durations.set(path, milliseconds);
    }
    return this.#add(
      root,
      newest.map((build) => ({ ...build, root, ended: endOf(build), states: statesOf(build) })),
    );
  }

  /** A build begins: what those before it did is forgotten, but for how long it took. Gives the paths that this concerns. */
  begin(build: StatedBuild): readonly string[] {
    return this.#add(build.root, [{ ...build, ended: undefined, states: new Map() }]);
  }

  /** Gives the paths whose state has changed. */
  take({ root, id }: Pick<StatedBuild, 'root' | 'id'>, event: BuildEvent): readonly string[] {
    const build = this.#builds.get(root)?.find((one) => one.id === id);
    switch (event.event) {
      case 'step-began':
        build?.states.set(event.path, { state: 'running', since: this.now() - event.ago });
        return [event.path];
      case 'step-ended':
        this.#durations.set(event.path, event.milliseconds);
        build?.states.set(event.path, { state: 'done', milliseconds: event.milliseconds });
        return [event.path];
      case 'ended':
        return build === undefined ? [] : this.#end(build, event.cancelled);
      default:
        return [];
    }
  }

  /** What is still open is what the build died in. */
  #end(build: KnownBuild, cancelled: boolean): readonly string[] {
    build.ended = this.now();
    const open = [...build.states].flatMap(([path, { state }]) => (state === 'running' ? [path] : []));
    for (const path of open) {
      if (cancelled) build.states.delete(path);
      else build.states.set(path, { state: 'failed' });
    }
    return open;
  }

  #add(root: string, more: readonly KnownBuild[]): readonly string[] {
    const before = this.#builds.get(root) ?? [];
    const known = new Set(before.map(({ id }) => id));
    const all = [...more.filter(({ id }) => !known.has(id)), ...before];
    const round = newestRound(all.toSorted((a, b) => compare(b.began, a.began)));
    this.#builds.set(root, round);
    return [...new Set([...before, ...round].flatMap(({ states }) => [...states.keys()]))];
  }
}

/** The newest build, and of every other kind the last one, where it ran at the same time or was asked for together with it. */
function newestRound(newestFirst: readonly KnownBuild[]): readonly KnownBuild[] {
  const round: KnownBuild[] = [];
  for (const build of newestFirst) {
    const isFirst = round.length === 0;
    const isSuperseded = round.some(({ variant }) => variant === build.variant);
    if (isFirst || (!isSuperseded && round.some((other) => isTogether(build, other)))) round.push(build);
  }
  return round;
}

/** @param earlier the one that began before the other */
function isTogether(earlier: KnownBuild, later: KnownBuild): boolean {
  if (earlier.round !== undefined && earlier.round === later.round) return true;
  return earlier.ended === undefined || earlier.ended > Date.parse(later.began);
}

function statesOf({ parts, outcome }: BuildTimeline): Map<string, StepState> {
  const states = new Map<string, StepState>();
  for (const { path, ended, milliseconds } of parts) {
    if (path === '' || (!ended && outcome !== 'failed')) continue;
    states.set(path, ended ? { state: 'done', milliseconds } : { state: 'failed' });
  }
  return states;
}

function endOf({ began, milliseconds }: BuildTimeline): number {
  return Date.parse(began) + milliseconds;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
