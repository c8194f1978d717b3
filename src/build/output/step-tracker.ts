import type { FrameKind } from '../../explain/explanation';
import type { LogEvent } from '../../explain/log-reader';
import { baseName, joinPath } from '../../pigen/files/path';
import { parseStepName } from '../../pigen/tree/step-names';
import type { BuildEvent, RunningStep } from '../build-event';

interface OpenStep extends RunningStep {
  readonly began: number;
}

/** Follows pi-gen's `Begin` and `End` lines, and tells which steps begin and end by them. */
export class StepTracker {
  readonly #open: OpenStep[] = [];

  /**
   * @param localPath the local path behind one of the container
   * @param clock milliseconds since any moment
   */
  constructor(
    private readonly localPath: (containerPath: string) => string | undefined,
    private readonly clock: () => number,
  ) {}

  /** The innermost step that has begun and not ended. */
  get current(): RunningStep | undefined {
    return this.#open.at(-1);
  }

  /** @param ago milliseconds since it was */
  take(event: LogEvent, ago = 0): readonly BuildEvent[] {
    switch (event.kind) {
      case 'begin':
        return [this.#begin(event.path, ago)];
      case 'end':
        return this.#end(event.path, this.clock() - ago);
      case 'skip':
        return [
          { event: 'step-skipped', path: this.localPath(event.path) ?? event.path, reason: event.reason },
        ];
      default:
        return [];
    }
  }

  #begin(containerPath: string, ago: number): BuildEvent {
    const kind = this.#kindOf(containerPath);
    const step = {
      path: this.localPath(this.#absolute(containerPath)) ?? containerPath,
      containerPath,
      kind,
      stage:
        kind === 'stage' ? baseName(containerPath) : this.#open.find((open) => open.kind === 'stage')?.stage,
    };
    this.#open.push({ ...step, began: this.clock() - ago });
    return { event: 'step-began', ...step, ago };
  }

  /** build.sh names postrun.sh without the folder of the tree. */
  #absolute(containerPath: string): string {
    const [tree] = this.#open;
    return tree === undefined || containerPath.startsWith('/')
      ? containerPath
      : joinPath(tree.containerPath, containerPath);
  }

  /** An `End` without its `Begin` is not ours; one further out ends what is still open inside. */
  #end(containerPath: string, now: number): readonly BuildEvent[] {
    const index = this.#open.findLastIndex((open) => open.containerPath === containerPath);
    if (index < 0) return [];
    return this.#open
      .splice(index)
      .reverse()
      .map(({ began, ...step }) => ({
        event: 'step-ended',
        ...step,
        milliseconds: Math.max(0, Math.round(now - began)),
      }));
  }

  /** build.sh nests tree, stage, then prerun.sh or a sub-stage, then steps; postrun.sh stands where stages do. */
  #kindOf(containerPath: string): FrameKind {
    const name = baseName(containerPath);
    const depth = this.#open.length;
    if (depth === 0) return 'tree';
    if (depth === 1) return name === 'postrun.sh' ? 'postrun' : 'stage';
    if (depth === 2) return name === 'prerun.sh' ? 'prerun' : 'sub-stage';
    return parseStepName(name)?.form.kind ?? 'sub-stage';
  }
}
