import type { Fix, RelatedPlace, Severity } from '../pigen/finding';
import type { Prerun, Stage, StageTree, Step, SubStage } from '../pigen/stage-tree';
import type { LineIndex, Span } from '../pigen/text';
import type { Script } from '../shell/script';

/** A script of the tree, read and parsed. */
export interface ScriptFile {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
  /** The program of the whole file; those inside it hang from it. */
  readonly script: Script;
  readonly stage: Stage;
  /** Undefined for prerun.sh. */
  readonly subStage: SubStage | undefined;
  /** What pi-gen runs it as; a file that pi-gen does not run by itself is no ScriptFile. */
  readonly step: Step | Prerun;
  readonly isPrerun: boolean;
}

/** What a rule reports: the runner adds the rule's name, its severity where none is given, and its page. */
export interface Report {
  readonly message: string;
  readonly file: string;
  /** UTF-16 offsets into the file's text; undefined for a finding about a folder, a missing file, or a file as a whole. */
  readonly span?: Span;
  readonly severity?: Severity;
  readonly fixes?: readonly Fix[];
  readonly related?: readonly RelatedPlace[];
}

/** What a rule may know of the tree besides one script. */
export interface TreeContext {
  readonly tree: StageTree;
  /** By absolute path. */
  readonly scripts: ReadonlyMap<string, ScriptFile>;
}

/** The page of a rule, written as data; docs/rules/NAME.md is generated from it and from the rule's fixtures. */
export interface RulePage {
  /** What goes wrong and why, with the pi-gen fact that it rests on (file and function of pi-gen). Markdown. */
  readonly why: string;
  /** What the build does with it: the log's words, or the silent result. Markdown. */
  readonly build: string;
}

export interface Rule {
  readonly name: string;
  /** Of most of its findings; a report may carry another one. */
  readonly severity: Severity;
  /** One line, for lists and settings. */
  readonly summary: string;
  readonly page: RulePage;
  /** Runs on one script alone, again after each edit of it. */
  checkScript?(file: ScriptFile, context: TreeContext): Iterable<Report>;
  /** Runs on the tree as a whole, again when entries, modes or a prerun.sh change. */
  checkTree?(context: TreeContext): Iterable<Report>;
}
