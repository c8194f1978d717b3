export interface TestPodman {
  /** As in DOCKER_HOST. */
  readonly host: string;
  /** Ends it, and takes away all that was its. */
  readonly stop: () => Promise<void>;
}

export function startPodman(): Promise<TestPodman>;

/** Hands an image of one engine to another, under a name of its own there. */
export function copyImage(
  from: string,
  name: string,
  to: string,
  repository: string,
  tag: string,
): Promise<void>;
