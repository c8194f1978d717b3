/** What options of `docker run` ask of a container, as plain data in the Engine API's terms. */
export interface RunOptions {
  readonly environment: readonly string[];
  /** `SOURCE:TARGET[:OPTIONS]`. */
  readonly binds: readonly string[];
  /** Targets of volumes without a source. */
  readonly anonymousVolumes: readonly string[];
  readonly mounts: readonly Mount[];
  readonly network: string | undefined;
  readonly extraHosts: readonly string[];
  readonly devices: readonly Device[];
  readonly addedCapabilities: readonly string[];
  readonly droppedCapabilities: readonly string[];
  /** Bytes. */
  readonly memory: number | undefined;
  /** Billionths of a processor. */
  readonly nanoProcessors: number | undefined;
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly sharedMemory: number | undefined;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly securityOptions: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly workingFolder: string | undefined;
  readonly user: string | undefined;
  readonly hostname: string | undefined;
  readonly platform: string | undefined;
  readonly cpuSet: string | undefined;
  readonly pidMode: string | undefined;
  readonly ipcMode: string | undefined;
  readonly init: boolean | undefined;
  /** Asked for with `--name`. */
  readonly containerName: string | undefined;
}

export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source: string | undefined;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface Device {
  readonly host: string;
  readonly container: string;
  readonly permissions: string;
}

/** Options while they are gathered. */
export type RunOptionsDraft = { -readonly [Key in keyof RunOptions]: Writable<RunOptions[Key]> };
type Writable<Value> = Value extends readonly (infer Element)[] ? Element[] : Value;

export const noRunOptions: RunOptions = emptyRunOptions();

/** Puts several options together: lists add up, of single values the last one given wins, as for `docker run`. */
export function mergeRunOptions(all: readonly RunOptions[]): RunOptions {
  const merged = emptyRunOptions();
  for (const options of all) {
    for (const [name, value] of Object.entries(options) as [keyof RunOptions, unknown][]) {
      const held: unknown = merged[name];
      const together =
        Array.isArray(held) && Array.isArray(value)
          ? [...(held as unknown[]), ...(value as unknown[])]
          : isRecord(held) && isRecord(value)
            ? { ...held, ...value }
            : (value ?? held);
      Object.assign(merged, { [name]: together });
    }
  }
  return merged;
}

/** Options that ask for nothing, to be filled. */
export function emptyRunOptions(): RunOptionsDraft {
  return {
    environment: [],
    binds: [],
    anonymousVolumes: [],
    mounts: [],
    network: undefined,
    extraHosts: [],
    devices: [],
    addedCapabilities: [],
    droppedCapabilities: [],
    memory: undefined,
    nanoProcessors: undefined,
    dns: [],
    dnsSearch: [],
    tmpfs: {},
    labels: {},
    sharedMemory: undefined,
    ulimits: [],
    securityOptions: [],
    sysctls: {},
    workingFolder: undefined,
    user: undefined,
    hostname: undefined,
    platform: undefined,
    cpuSet: undefined,
    pidMode: undefined,
    ipcMode: undefined,
    init: undefined,
    containerName: undefined,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
