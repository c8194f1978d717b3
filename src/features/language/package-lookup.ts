import type { FoundPackage } from '../../language/describe-package';
import type { TreeFile } from '../../language/tree-file';
import type { StoredIndex } from '../../packages/stored-index';
import type { RepositoryPart } from '../../pigen/apt/apt-sources';
import type { CheckResult } from '../../rules/checker';

/** Names offered at a time: whoever wants others types on. */
const nameLimit = 200;

/** Asks the index of package names about the repositories of a tree. Nothing is fetched. */
export class PackageLookup {
  /** The repositories of a tree, by the check that they were worked out for. */
  readonly #parts = new WeakMap<CheckResult, Promise<readonly RepositoryPart[]>>();

  constructor(
    private readonly index: StoredIndex,
    private readonly resultOf: (path: string) => CheckResult | undefined,
  ) {}

  /** What is known of a package; undefined without an index of the tree's repositories. */
  async find(file: TreeFile, name: string): Promise<FoundPackage | undefined> {
    const parts = await this.#partsFor(file);
    return parts.length === 0 ? undefined : this.index.find(parts, name);
  }

  /** Names that begin so; `more` where there are others. */
  async startingWith(
    file: TreeFile,
    prefix: string,
  ): Promise<{ readonly names: readonly string[]; readonly more: boolean }> {
    const parts = await this.#partsFor(file);
    const names = parts.length === 0 ? [] : await this.index.startingWith(parts, prefix, nameLimit + 1);
    return { names: names.slice(0, nameLimit), more: names.length > nameLimit };
  }

  async #partsFor(file: TreeFile): Promise<readonly RepositoryPart[]> {
    if (!(await this.index.isPresent())) return [];
    const result = this.resultOf(file.path);
    if (result === undefined) return [];
    const known = this.#parts.get(result) ?? result.repositories().then((found) => found?.parts ?? []);
    this.#parts.set(result, known);
    return known;
  }
}
