export interface TestPodman {
  /** As in DOCKER_HOST. */
  readonly host: string;
  /** Ends it, and takes away all that was its. */
  readonly stop: () => Promise<void>;
}

export function startPodman(): Promise<TestPodman>;

/** Hands an image of one engine to another, under the name of one that would have been pulled there. */
export function copyImage(from: string, name: string, to: string, newName: string): Promise<void>;
