import { isWithin, joinPath, relativePath } from '../../pigen/files/path';
import type { TimelineSubject } from '../timeline/build-timeline';
import type { RunOptions } from './run-options';

/** The user's settings `pi-gen.docker.*`, or the CLI's options. Empty strings and lists: not set. */
export interface BuildSettings {
  /** Network of the image's build and of the container: `host`, `bridge`, a network's name. */
  readonly network: string;
  /** `SOURCE:TARGET[:ro]`. */
  readonly mounts: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Options as in PIGEN_DOCKER_OPTS, added to those. */
  readonly dockerOptions: string;
  readonly containerName: string;
  /** Instead of the one that build-docker.sh chooses. */
  readonly baseImage: string;
  /** Leaves container and volumes behind, as PRESERVE_CONTAINER=1 does. */
  readonly keepContainer: boolean;
}

export const defaultBuildSettings: BuildSettings = {
  network: '',
  mounts: [],
  environment: {},
  dockerOptions: '',
  containerName: '',
  baseImage: '',
  keepContainer: false,
};

/** Everything that a build session does, decided beforehand. Plain data. */
export interface BuildPlan {
  readonly treeRoot: string;
  /** Where results are written: deploy/ of the tree or of the repository. */
  readonly deployFolder: string;
  readonly image: {
    readonly tag: string;
    /** Id of an image that holds all of it already: then none is built. */
    readonly ready?: string;
    readonly buildArguments: Readonly<Record<string, string>>;
    readonly network: string | undefined;
    readonly labels: Readonly<Record<string, string>>;
    /** Left out of what is sent, besides what .dockerignore names. */
    readonly omit: readonly string[];
  };
  readonly container: {
    readonly name: string;
    readonly command: readonly string[];
    readonly options: RunOptions;
    readonly labels: Readonly<Record<string, string>>;
    readonly keep: boolean;
    /** Whether what is copied in may come by the container's input, which is quicker. */
    readonly takesInput?: boolean;
  };
  /** Texts that are copied in. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Variables of the config and the container that must not be shown, whatever their name says. */
  readonly secretNames?: readonly string[];
  /** Folders that are copied in. */
  readonly folders: readonly PathPair[];
  /** What is made otherwise in the container's copy of the tree, for this one build. */
  readonly changes?: readonly PlannedChange[];
  /** Which local folder stands behind which of the container, the deepest first. */
  readonly paths: readonly PathPair[];
  /** Where pi-gen puts its results in the container; undefined where none are wanted here. */
  readonly results: string | undefined;
  /** Where pi-gen keeps its own log in the container, where that is known. */
  readonly buildLog: string | undefined;
  /** What its timeline is about. */
  readonly subject: TimelineSubject;
}

/** A path of the container that gets another content; `nothing`: what build.sh takes for nothing. */
export type PlannedChange =
  | { readonly kind: 'file'; readonly path: string; readonly text: string; readonly mode: number }
  | { readonly kind: 'nothing'; readonly path: string };

/** What of a plan is needed once the container is there. */
export type ResumablePlan = Pick<BuildPlan, 'deployFolder' | 'paths' | 'results' | 'buildLog' | 'subject'> & {
  readonly container: Pick<BuildPlan['container'], 'name' | 'keep'>;
};

export interface PathPair {
  readonly local: string;
  readonly container: string;
}

/** Where the Dockerfile of every branch puts the tree, and its start line expects it. */
export const containerTree = '/pi-gen';

/** The local path behind a path of the container; undefined where there is none (work/, the root file system). */
export function localPath(plan: Pick<BuildPlan, 'paths'>, containerPath: string): string | undefined {
  const pair = plan.paths.find(({ container }) => isWithin(container, containerPath));
  if (pair === undefined) return undefined;
  const below = relativePath(pair.container, containerPath);
  if (pair.container === containerTree && /^(?:work|deploy)(?:\/|$)/.test(below)) return undefined;
  return below === '' ? pair.local : joinPath(pair.local, below);
}

/** The container's path for a local one; undefined where it is not copied in. */
export function containerPath(plan: Pick<BuildPlan, 'paths'>, path: string): string | undefined {
  const pair = plan.paths.find(({ local }) => isWithin(local, path));
  if (pair === undefined) return undefined;
  const below = relativePath(pair.local, path);
  return below === '' ? pair.container : joinPath(pair.container, below);
}
