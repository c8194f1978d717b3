/** What the git index knows of the files of a work tree. */
export interface GitIndex {
  /** Absolute path of the work tree. */
  readonly root: string;
  /** Whether a tracked file has the execute bit (mode 100755); undefined for what is not tracked as a file. */
  executable(path: string): boolean | undefined;
}
