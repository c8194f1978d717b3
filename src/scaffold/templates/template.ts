import type { NameMessage } from '../stage-names';

/** A file of a template, its path relative to the folder that is to hold it. */
export interface TemplateFile {
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean;
}

/** What a template asks for. */
export interface TemplateInput {
  /** For `--set NAME=VALUE`: small letters and hyphens. */
  readonly name: string;
  /** What is asked, without a full stop. */
  readonly prompt: string;
  /** What is taken where nothing is given; undefined: it must be given. */
  readonly default: string | undefined;
  /** The only values, where they are few. */
  readonly choices?: readonly { readonly value: string; readonly detail: string }[];
  /** Whether the value is the text of a file that the user names. */
  readonly file?: boolean;
  /** What is to be said of a value; undefined where nothing is. */
  readonly judge: (value: string) => NameMessage | undefined;
}

/** The values of a template's inputs, each of them judged. */
export type TemplateValues = Readonly<Record<string, string>>;

/** Files that are made from a few answers. They pass every rule and build as they are. */
export interface FileTemplate {
  /** Stable: small letters and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly inputs: readonly TemplateInput[];
  readonly files: (value: (name: string) => string) => readonly TemplateFile[];
}

/** A common job of a sub-stage; its files' paths are relative to that one. */
export interface Template extends FileTemplate {
  /** The name of its sub-stage, without the number, where the user gives none. */
  readonly subStageName: (values: TemplateValues) => string;
}
