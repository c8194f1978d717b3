import type Docker from 'dockerode';
import { BuildProblemError } from '../build-problem';
import type { EngineClient } from './engine-client';
import { problemOfError, stuckProblem } from './engine-errors';
import type { EngineAction } from './engine-errors';
import type { EngineWatch } from './engine-watch';

/** Asks the client, and turns its errors into problems. */
export class EngineCalls {
  /** Names of the containers that were asked for here, for messages. */
  readonly #names = new Map<string, string>();

  readonly client: Docker;
  readonly watch: EngineWatch;

  constructor(
    { client, watch }: EngineClient,
    private readonly label: string,
  ) {
    this.client = client;
    this.watch = watch;
  }

  /** Lets messages about a container call it by its name. */
  name(id: string, name: string): void {
    this.#names.set(id, name);
  }

  /** As call(), about a container. */
  callFor<Result>(
    id: string,
    action: EngineAction,
    call: (container: Docker.Container) => Promise<Result>,
  ): Promise<Result> {
    return this.call(action, () => call(this.client.getContainer(id)), this.#names.get(id));
  }

  /**
   * As callFor(), for what an engine that answers may never come to the end of.
   *
   * @param limit milliseconds, after which `signal` is aborted
   */
  async callWithin<Result>(
    limit: number,
    id: string,
    action: EngineAction,
    call: (container: Docker.Container, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const late = AbortSignal.timeout(limit);
    try {
      return await this.callFor(id, action, (container) => call(container, late));
    } catch (error) {
      if (!late.aborted || error instanceof BuildProblemError) throw error;
      const context = { action, endpoint: this.label, containerName: this.#names.get(id) ?? id };
      throw new BuildProblemError(stuckProblem(context, limit / 1000), { cause: error });
    }
  }

  /** Rejects with a BuildProblemError, or with an AbortError. An engine that hangs is told as one that is lost. */
  async call<Result>(action: EngineAction, call: () => Promise<Result>, name?: string): Promise<Result> {
    try {
      return await this.watch.during(call());
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      throw asProblem(error, action, this.label, name);
    }
  }
}

/** An error of the client as the problem that it tells of. */
export function asProblem(
  error: unknown,
  action: EngineAction,
  endpoint: string,
  name?: string,
): BuildProblemError {
  if (error instanceof BuildProblemError) return error;
  const context = { action, endpoint, ...(name === undefined ? {} : { containerName: name }) };
  return new BuildProblemError(problemOfError(error, context), { cause: error });
}

/** The HTTP status of the engine's answer, where the error is one. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}
