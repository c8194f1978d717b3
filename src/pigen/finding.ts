import type { TextRange } from './text';

/**
 * A promise to the user. error: the build fails or the image is certainly wrong; warning: almost surely not meant;
 * information: worth knowing; hint: style.
 */
export type Severity = 'error' | 'warning' | 'information' | 'hint';

export const severities: readonly Severity[] = ['error', 'warning', 'information', 'hint'];

/** One change that a fix makes. Paths are absolute, with `/`. */
export type FixEdit =
  | {
      readonly kind: 'replace';
      readonly file: string;
      readonly range: TextRange;
      readonly text: string;
      /** The text is the whole file's with other line endings, which an editor keeps apart from the text. */
      readonly lineEnding?: '\n';
    }
  | { readonly kind: 'create'; readonly file: string; readonly text: string; readonly executable: boolean }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'delete'; readonly file: string }
  /** Sets the execute bit on disk, and in the git index where the file is tracked. */
  | { readonly kind: 'make-executable'; readonly file: string };

export interface Fix {
  readonly title: string;
  readonly edits: readonly FixEdit[];
  /** The one fix that is right nearly always: what `--fix` and "fix all" apply. */
  readonly preferred?: boolean;
}

export interface RelatedPlace {
  readonly file: string;
  readonly range: TextRange;
  readonly message: string;
}

/** What another checker calls what it found. */
export interface FindingCode {
  /** As its users know it: `SC2086`. */
  readonly name: string;
  /** Address of the page about it. */
  readonly page: string;
}

/** What a rule, ShellCheck or the log reader has to say about a place. */
export interface Finding {
  /** Kebab-case, stable for ever. */
  readonly rule: string;
  /** Of a finding that another checker made, which is then named by `rule`. */
  readonly code?: FindingCode;
  readonly severity: Severity;
  /** What is wrong, what it does to the image, what to do: one or two sentences. */
  readonly message: string;
  /** Absolute path with `/`; a folder's where the finding is about a folder or a missing file. */
  readonly file: string;
  readonly range: TextRange;
  readonly fixes?: readonly Fix[];
  readonly related?: readonly RelatedPlace[];
  /** The rule's page, relative to this package's root: `docs/rules/NAME.md`. */
  readonly docs?: string;
}

/** The page of a rule, relative to this package's root. */
export function pageOf(rule: string): string {
  return `docs/rules/${rule}.md`;
}
