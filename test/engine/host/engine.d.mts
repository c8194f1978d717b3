export interface TestEngine {
  /** As in DOCKER_HOST. */
  readonly host: string;
  /** Ends it, and takes away all that was its. */
  readonly stop: () => Promise<void>;
  /** Starts it again after `end`, on the same data. */
  readonly start: () => Promise<void>;
  /** Ends its process alone. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
  /** Sends its process a signal, and waits for nothing. */
  readonly send: (signal: NodeJS.Signals) => void;
}

export function startEngine(options?: {
  /** Its data lie in memory, so large at most: `300m`. */
  readonly dataSize?: string;
  /** What runs the containers is a process of its own, and outlives dockerd. */
  readonly restartable?: boolean;
  /** More options of dockerd. */
  readonly words?: readonly string[];
  /** A folder of this machine that it does not see. */
  readonly hidden?: string;
  /** As if the machine had no loop devices. */
  readonly loopless?: boolean;
}): Promise<TestEngine>;
