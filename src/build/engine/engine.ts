import type { Duplex, Readable } from 'node:stream';
import type { RunOptions } from '../plan/docker-options';
import type { EngineProduct } from './engine-description';

export interface EngineInfo {
  /** Tells it from other engines, by whatever address it is reached; empty where it has none. */
  readonly id: string;
  /** As `uname -m` says it on the engine's machine: `x86_64`, `aarch64`, `armv7l`. */
  readonly machine: string;
  readonly version: string;
  readonly product: EngineProduct;
  readonly rootless: boolean;
  /** Root of a container is nobody on its machine (`userns-remap`). */
  readonly remapsUsers: boolean;
}

export interface ImageRequest {
  readonly tag: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly network: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** One message of an image build. */
export type ImageProgress =
  | { readonly kind: 'output'; readonly text: string }
  /** The state of a download. */
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'image'; readonly id: string }
  | { readonly kind: 'error'; readonly message: string };

export interface ImageInfo {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ContainerRequest {
  readonly name: string;
  /** Id or tag. */
  readonly image: string;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly options: RunOptions;
  /** Its input is open until whoever attaches to it goes. */
  readonly takesInput?: boolean;
}

export interface ContainerState {
  readonly running: boolean;
  readonly exitCode: number;
  /** The kernel ended a process of the container for lack of memory. */
  readonly outOfMemory: boolean;
}

/** What a container was made with. */
export interface ContainerDetails {
  /** Id. */
  readonly image: string;
  readonly command: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  readonly network: string;
}

/** A container that looks at what others hold. */
export interface HelperRequest {
  /** Id or tag. */
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Containers, by name or id, whose volumes it shares. */
  readonly volumesFrom: readonly string[];
  readonly readOnly: boolean;
  readonly mounts: RunOptions['mounts'];
  /** `none`, `host`, or whatever another container has. */
  readonly network: string;
  /** For mounts, and for a chroot. */
  readonly privileged: boolean;
  readonly terminal: boolean;
  /** Copied in before it starts, one after the other: archives that are unpacked at its root. */
  readonly archives: readonly (() => Promise<Readable | undefined>)[];
}

/** A helper that runs. It ends, and the engine removes it, as soon as its input is closed: even where this process dies. */
export interface Helper {
  readonly id: string;
  /** Writes to its input, reads its output: multiplexed, or as it is where the helper has a terminal. */
  readonly stream: Duplex;
  resize(columns: number, rows: number): Promise<void>;
  /** Resolves with its exit status when it has ended and is gone. */
  ended(): Promise<number>;
  /** Ends and removes it. */
  close(): Promise<void>;
}

/** A container as the engine's list tells it. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The engine's word: `created`, `running`, `exited`, `dead`, … */
  readonly state: string;
}

/**
 * What a build asks of a Docker engine. Every method rejects with a BuildProblemError, or with what `signal` was aborted
 * with. Streams that are given out must be read to their end or destroyed.
 */
export interface Engine {
  /** How the user knows it. */
  readonly label: string;
  /** What does not change while an engine runs: asked for once. */
  info(signal?: AbortSignal): Promise<EngineInfo>;
  /** Whether it is there, told within seconds. Where it is not, all that it was asked breaks off. Never rejects. */
  answers(): Promise<boolean>;
  /** Reads `context` to its end. A failed build is a last message of kind `error`, not a rejection. */
  buildImage(context: Readable, request: ImageRequest, signal: AbortSignal): AsyncGenerator<ImageProgress>;
  /** Undefined where there is none of that name or id. */
  findImage(name: string): Promise<ImageInfo | undefined>;
  /** Makes a named volume where there is none. Gives whether it was made now. */
  ensureVolume(name: string, labels: Readonly<Record<string, string>>): Promise<boolean>;
  /** One that is gone is no error. */
  removeVolume(name: string): Promise<void>;
  /** Gives the id. Takes no signal: a request that is given up half-way would leave a container behind. */
  createContainer(request: ContainerRequest): Promise<string>;
  putArchive(id: string, folder: string, archive: Readable, signal: AbortSignal): Promise<void>;
  /** The multiplexed output from now on. `input` is what a container reads that takes any, once it has started. */
  attach(id: string, input?: Uint8Array): Promise<Readable>;
  start(id: string): Promise<void>;
  /** The multiplexed output from the beginning, and on until the container ends. */
  logs(id: string): Promise<Readable>;
  inspect(id: string): Promise<ContainerState>;
  /** All containers, running or not, that carry every one of the labels: `name=value`. */
  containers(labels: readonly string[]): Promise<readonly ListedContainer[]>;
  /** The environment that the container was made with: `NAME=value`. */
  environment(id: string): Promise<readonly string[]>;
  /** Undefined where there is none of that name or id. */
  details(id: string): Promise<ContainerDetails | undefined>;
  openHelper(request: HelperRequest, signal: AbortSignal): Promise<Helper>;
  /** Resolves when the container has ended. */
  wait(id: string): Promise<void>;
  /** Starts a command in the running container, and does not wait for it. */
  execute(id: string, command: readonly string[]): Promise<void>;
  /** Whether there is a file or folder of that path. */
  hasPath(id: string, path: string): Promise<boolean>;
  /**
   * A file or folder as tar; undefined where there is none. As long as it is not read to its end or destroyed, the engine
   * answers no other question about the container.
   */
  getArchive(id: string, path: string, signal: AbortSignal): Promise<Readable | undefined>;
  /** Ends a container by force, and leaves it there. One that has ended is no error. */
  kill(id: string): Promise<void>;
  /** Ends and removes a container with its anonymous volumes. One that is gone is no error. */
  remove(id: string): Promise<void>;
}
