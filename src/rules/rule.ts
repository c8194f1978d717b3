import type { Entry, FileErrorReason } from '../pigen/files/file-system';
import type { Fix, RelatedPlace, Severity } from '../pigen/finding';
import type { Place, Prerun, Stage, StageTree, Step, SubStage } from '../pigen/tree/stage-tree';
import type { LineIndex, Span, TextRange } from '../pigen/text';
import type { Script } from '../shell/script';
import type { Release } from '../pigen/release';
import type { Control } from './control/control';
import type { DataFile } from './inputs/data-file';
import type { PackageKnowledge } from './inputs/package-knowledge';
import type { SourcedFiles } from './inputs/sourced-files';
import type { SubStageFiles } from './inputs/sub-stage-files';

/** A script of the tree, read and parsed. */
export interface ScriptFile {
  readonly path: string;
  readonly text: string;
  /** It is, byte for byte, one of pi-gen's own. */
  readonly upstream: boolean;
  /** Where the file itself runs. */
  readonly place: Place;
  readonly lines: LineIndex;
  /**
   * The program of the whole file; those inside it hang from it. It is parsed when first asked for, so a rule that can tell
   * from the text that it has nothing to say does not ask.
   */
  readonly script: Script;
  /** Undefined for postrun.sh. */
  readonly stage: Stage | undefined;
  /** Undefined for prerun.sh and postrun.sh. */
  readonly subStage: SubStage | undefined;
  /** What pi-gen runs it as; a file that pi-gen does not run by itself is no ScriptFile. */
  readonly step: Step | Prerun;
  readonly isPrerun: boolean;
  /** It runs when all images are made, and nothing that it does reaches one. */
  readonly isPostrun: boolean;
}

/** What a rule reports: the runner adds the rule's name, its severity where none is given, and its page. */
export interface Report {
  readonly message: string;
  readonly file: string;
  /** UTF-16 offsets into the file's text; undefined for a finding about a folder, a missing file, or a file as a whole. */
  readonly span?: Span;
  /** In place of `span`, for a file that is no script. */
  readonly range?: TextRange;
  readonly severity?: Severity;
  readonly fixes?: readonly Fix[];
  readonly related?: readonly RelatedPlace[];
}

/** Why a script that pi-gen would run was not checked. */
export type UnreadableReason = FileErrorReason | 'binary';

/** What a rule may know of the tree besides one script. */
export interface TreeContext {
  readonly tree: StageTree;
  /** By absolute path. */
  readonly scripts: ReadonlyMap<string, ScriptFile>;
  /** Scripts that could not be read or are none, by absolute path. */
  readonly unreadable: ReadonlyMap<string, UnreadableReason>;
  /** What lies in the `files` folders of the sub-stages, one level deep, by the folder's absolute path. */
  readonly filesFolders: ReadonlyMap<string, readonly Entry[]>;
  /** Debian release that the stages are for, of .pigen.yaml, config, workflow or build.sh; undefined where nothing tells. */
  readonly release: Release | undefined;
  /** What the user has set and silenced. The runner heeds it: only rules about that itself look at it. */
  readonly control: Control;
  /** The user wants to hear of what is in files of pi-gen's own too. */
  readonly includesUpstream: boolean;
  /** Names of all rules there are. */
  readonly ruleNames: ReadonlySet<string>;
  /** What pi-gen reads that is no script: packages, debconf, patches, EXPORT_IMAGE. By absolute path, in the tree's order. */
  readonly dataFiles: ReadonlyMap<string, DataFile>;
  /** What lies in the NN-patches folders, by their absolute path. */
  readonly patchFolders: ReadonlyMap<string, readonly Entry[]>;
  /** Where git reads how lines end, at the root of the repository, and what stands there; the text is undefined where there is none. */
  readonly gitAttributes: { readonly path: string; readonly text: string | undefined };
  /** Whether git has the file in its index, so that everyone gets it who gets the repository. */
  isTracked(path: string): boolean;
  /** The files of the tree that its host scripts source. */
  readonly sourcedFiles: SourcedFiles;
  /** Whether the files that scripts name below `files/` are there. */
  readonly subStageFiles: SubStageFiles;
  /** What an index of package names says of the packages that the tree names; undefined where there is none. */
  readonly packages: PackageKnowledge | undefined;
}

/** A part of a rule's fixtures to be shown on its page. */
export interface PageExample {
  /** Folder of the tree below test/rules/NAME/. */
  readonly tree: string;
  /** Path of a file in it; of a folder to show its listing. */
  readonly show: string;
}

/** The page of a rule, written as data; docs/rules/NAME.md is generated from it and from the rule's fixtures. */
export interface RulePage {
  /** What goes wrong and why, with the pi-gen fact that it rests on (file and function of pi-gen). Markdown. */
  readonly why: string;
  /** What the build does with it: the log's words, or the silent result. Markdown. */
  readonly build: string;
  /** How to put it right, and what the quick fixes do. Markdown. */
  readonly fix: string;
  /** What looks alike and is never reported, one item each. Markdown. */
  readonly silent: readonly string[];
  readonly bad: PageExample;
  readonly good: PageExample;
}

export interface Rule {
  readonly name: string;
  /** Of most of its findings; a report may carry another one. */
  readonly severity: Severity;
  /** One line, for lists and settings. */
  readonly summary: string;
  readonly page: RulePage;
  /**
   * What it says of a file is about its name, its mode or what lies around it, so that it goes for files of pi-gen's own too.
   * The other rules are silent there, unless asked.
   */
  readonly aboutSurroundings?: boolean;
  /**
   * What its checkScript looks at besides the script, branch, release, configs and workflows: the other scripts of its
   * sub-stage, stage or tree, or what lies in the folders. It runs again on a script when that has changed.
   */
  readonly reach?: 'sub-stage' | 'stage' | 'tree' | 'folders';
  /** Runs on one script, again after each edit of it. */
  checkScript?(file: ScriptFile, context: TreeContext): Iterable<Report>;
  /** Runs on the tree as a whole, again after every change. */
  checkTree?(context: TreeContext): Iterable<Report>;
}
