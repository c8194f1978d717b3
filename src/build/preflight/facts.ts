import type { Branch } from '../../pigen/branches';
import type { BuildProblem } from '../build-problem';
import type { EngineProduct } from '../engine/engine-description';

/** What the checks before a build judge by. Plain data: gathering it is one thing, judging it another. */
export interface PreflightFacts {
  readonly program: ProgramFacts;
  /** How the user knows the engine. */
  readonly engineLabel: string;
  readonly engine: Known<EngineFacts>;
  /** What a container on the engine saw. `undefined`: none was started. */
  readonly machine: Known<MachineFacts> | undefined;
  /** Where no container was started for want of an image: the one that would have served. */
  readonly missingImage: string | undefined;
  /** `undefined`: there is nothing here to build, so only the engine is looked at. */
  readonly build: Known<BuildFacts> | undefined;
}

export type Known<Facts> =
  { readonly ok: true; readonly facts: Facts } | { readonly ok: false; readonly problem: BuildProblem };

export interface ProgramFacts {
  readonly version: string;
  /** `linux x64, Node.js 22.1.0`. */
  readonly platform: string;
  /** What `git --version` says; undefined where there is no git. */
  readonly git: string | undefined;
}

export interface EngineFacts {
  readonly product: EngineProduct;
  readonly version: string;
  readonly operatingSystem: string;
  /** As `uname -m` says it. */
  readonly machine: string;
  readonly kernel: string;
  readonly rootless: boolean;
  /** Root of a container is nobody on its machine (`userns-remap`). */
  readonly remapsUsers: boolean;
}

/** A registration of binfmt_misc. */
export interface BinaryFormat {
  readonly name: string;
  readonly enabled: boolean;
  readonly interpreter: string;
  readonly flags: string;
  /** In hexadecimal. */
  readonly magic: string;
}

/** What the kernel of the engine's machine can do, seen from a privileged container. Undefined: could not be found out. */
export interface MachineFacts {
  readonly machine: string;
  readonly kernel: string;
  /** Bytes. */
  readonly pageSize: number | undefined;
  readonly canMount: boolean;
  readonly canMakeDevices: boolean;
  /** Undefined where binfmt_misc cannot be mounted. */
  readonly formats: readonly BinaryFormat[] | undefined;
  readonly linux32: boolean | undefined;
  /** A loop device can be had. */
  readonly loopDevices: boolean | undefined;
  /** The kernel finds the partitions of an image behind a loop device. */
  readonly loopPartitions: boolean | undefined;
  /** Bytes, where the engine keeps containers. */
  readonly diskFree: number | undefined;
}

export interface StageFacts {
  readonly name: string;
  /** It holds a SKIP file. */
  readonly skip: boolean;
  /** It is exported: EXPORT_IMAGE or EXPORT_NOOBS without SKIP_IMAGES. */
  readonly exports: boolean;
}

export interface BuildFacts {
  readonly treeRoot: string;
  /** The branch of pi-gen that the tree is of; undefined where nothing tells. */
  readonly branch: Branch | undefined;
  /** RELEASE as the config sets it; undefined where it sets none that can be read. */
  readonly release: string | undefined;
  /** The image that the build's own stands on. */
  readonly baseImage: string | undefined;
  /** In their order; undefined where only bash can tell which run. */
  readonly stages: readonly StageFacts[] | undefined;
  /**
   * A stage to run bootstraps as pi-gen's own stage0 does, with foreign programs. Else the tree is somebody's own, and what
   * pi-gen would stop at may not matter to it.
   */
  readonly bootstraps: boolean;
  /** The export sets up a loop device, as pi-gen's own does. */
  readonly exportsThroughLoop: boolean;
  /** Its stage0 brings the archive key whose signatures trixie's apt no longer accepts. */
  readonly rejectedKey: boolean;
  /** Secret variables whose values only bash can tell, so that they cannot be masked. */
  readonly unmasked?: readonly string[];
  /** The commit of the tree. */
  readonly gitHash: string | undefined;
}
