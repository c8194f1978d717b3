import type { ConfigFile } from '../config/config';
import type { TextRange } from '../text';
import type { WorkflowFile } from '../workflow/workflow';

/** Where code runs: on the build host (in Docker: the build container), or inside the image's root file system. */
export type Place = 'host' | 'chroot';

/** The kinds of steps that build.sh's run_sub_stage knows, in the order in which it runs those of one number. */
export type StepKind = 'debconf' | 'packages-nr' | 'packages' | 'patches' | 'run' | 'run-chroot';

/** The execute bit as the two places know it that count. */
export interface ExecuteBit {
  /** On disk; undefined where the platform has none. */
  readonly disk: boolean | undefined;
  /** In the git index; undefined where the file is not tracked or there is no repository. */
  readonly index: boolean | undefined;
}

export interface Step {
  readonly kind: StepKind;
  /** `00` to `99`. */
  readonly number: string;
  /** `00-run.sh`, `01-patches`. */
  readonly name: string;
  readonly path: string;
  /** Absolute path of what is behind it, where it is a symbolic link: pi-gen runs it under the link's name. */
  readonly target?: string;
  readonly place: Place;
  /** Set for `run` steps only: build.sh tests no other kind for it. */
  readonly executeBit?: ExecuteBit;
  /** Why pi-gen passes over this step, where it does. */
  readonly skipped?: 'not-executable' | 'sub-stage-skipped' | 'stage-skipped';
}

/** A file or folder that pi-gen itself never looks at. */
export interface OtherEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** A symbolic link that leads nowhere. */
  readonly broken?: boolean;
}

export interface SubStage {
  readonly name: string;
  readonly path: string;
  /** Absolute path of the folder behind it, where it is a symbolic link: pi-gen runs it under the link's name. */
  readonly target?: string;
  /** It holds a SKIP file. */
  readonly skip: boolean;
  /** In the order in which pi-gen runs them. */
  readonly steps: readonly Step[];
  /** All entries that are neither steps nor markers, `files` among them. */
  readonly others: readonly OtherEntry[];
}

/** The prerun.sh of a stage, or the postrun.sh of a tree, which build.sh runs under the same condition. */
export interface Prerun {
  readonly path: string;
  readonly executeBit: ExecuteBit;
}

export interface Stage {
  /** Base name of its folder: build.sh's $STAGE. */
  readonly name: string;
  readonly path: string;
  /** 0-based place in the stage list; undefined where no list names it. */
  readonly position: number | undefined;
  /** `export` for an EXPORT_CONFIG_DIR such as export-image, and export-noobs. */
  readonly role: 'stage' | 'export';
  /**
   * One of pi-gen's own stage0 to stage5 or export folders in a repository without pi-gen: meant to be copied over
   * upstream's, so what is missing here is upstream's.
   */
  readonly overlay: boolean;
  readonly skip: boolean;
  readonly skipImages: boolean;
  readonly exportImage: boolean;
  readonly exportNoobs: boolean;
  readonly prerun: Prerun | undefined;
  /** In the order of bash's glob. Every sub-folder is one to pi-gen, `files` too. */
  readonly subStages: readonly SubStage[];
  /** Entries of the stage folder that are neither sub-stages, prerun.sh nor markers. */
  readonly others: readonly OtherEntry[];
}

export interface StageListEntry {
  /** As written. */
  readonly text: string;
  /** Absolute path of the folder that it names; undefined where it cannot be known or does not exist. */
  readonly path: string | undefined;
  /** Absolute path of the symbolic link that it names, where the folder is behind one: pi-gen goes by the folder's own name. */
  readonly link?: string;
  /** pi-gen's own stage0 to stage5, named in a repository that does not hold them. */
  readonly upstream: boolean;
  /**
   * Only bash or GitHub can tell what it names (a command, an unknown variable, a `${{ … }}` expression), or it is the beginning
   * of a path: `.`, `/`.
   */
  readonly unknown?: boolean;
  readonly range: TextRange | undefined;
}

export interface StageList {
  /** `default` is build.sh's glob `stage*`; `none` where nothing says in which order the stages run. */
  readonly source: 'config' | 'workflow' | 'default' | 'none';
  /** The config or workflow file. */
  readonly file: string | undefined;
  readonly entries: readonly StageListEntry[];
  /** The config sets it under a condition, so that another list may hold: judge with care. */
  readonly conditional?: boolean;
}

/** Something of the tree that could not be read; the rest of the tree is there all the same. */
export interface TreeProblem {
  readonly path: string;
  /** One sentence for the user. */
  readonly message: string;
  readonly range: TextRange | undefined;
}

/** What pi-gen would run: one pi-gen tree, or the stages of a repository that is used with one. */
export interface StageTree {
  readonly root: string;
  /** `pi-gen`: build.sh is here. `stages`: only stages are. */
  readonly layout: 'pi-gen' | 'stages';
  /** Name of the branch in branches.ts whose features the tree has; undefined where nothing tells. */
  readonly branch: string | undefined;
  /** Those of the list in its order, then all others by path. */
  readonly stages: readonly Stage[];
  /** The list that decides `position`; where several workflows name lists, the first. */
  readonly stageList: StageList;
  /** Every list found. */
  readonly stageLists: readonly StageList[];
  /** The config files found, the one that build.sh sources by itself first. */
  readonly configs: readonly ConfigFile[];
  /** The workflow files that use pi-gen-action, and those that are broken YAML and name it. */
  readonly workflows: readonly WorkflowFile[];
  readonly problems: readonly TreeProblem[];
  /**
   * The script beside build.sh that it runs last, on the build host, when all images are made. Of a pi-gen tree only: elsewhere
   * build.sh lies in another folder, and looks for it there.
   */
  readonly postrun?: Prerun;
  /** build.sh and scripts/common of a pi-gen tree, one behind the other: forks export variables of their own there. */
  readonly buildScripts?: string;
}
