import type { FileSystem } from '../../pigen/files/file-system';
import type { PackageIndex, UnknownPackage } from '../../pigen/apt/package-index';
import type { Release } from '../../pigen/release';
import { mentionsInList, mentionsInScript } from './package-mentions';
import type { PackageMention } from './package-mentions';
import { treeRepositories } from './tree-repositories';
import type { RepositoryQuestion } from './tree-repositories';

/** A package that no repository of the image has, as far as an index can tell. */
export interface UnknownMention extends UnknownPackage {
  readonly mention: PackageMention;
}

/** What an index of package names says of the packages that a tree names. */
export interface PackageKnowledge {
  readonly unknown: readonly UnknownMention[];
  readonly release: Release;
  /** Days since the oldest part of the index was fetched. */
  readonly age: number;
}

/**
 * Asks an index for all packages that a tree names. Undefined, and next to no work, where there is no index. A name is told
 * only where the index covers every repository that the image may know when the name is read.
 */
export async function askIndex(
  index: PackageIndex | undefined,
  fs: FileSystem,
  question: RepositoryQuestion,
  signal: AbortSignal | undefined,
): Promise<PackageKnowledge | undefined> {
  const { release, dataFiles, scripts } = question;
  if (index === undefined || release === undefined || !(await index.isPresent())) return undefined;
  const mentions = [
    ...[...dataFiles.values()].filter(({ kind }) => kind === 'packages').flatMap(mentionsInList),
    ...[...scripts.values()].flatMap(mentionsInScript),
  ];
  if (mentions.length === 0) return undefined;
  const repositories = await treeRepositories(fs, question);
  if (repositories === undefined) return undefined;
  const names = new Set(mentions.flatMap(namesOf));
  const answers = await index.lookUp(repositories.parts, names, signal);
  const coverage = new Map<string, boolean>();
  const isCovered = (file: string): boolean => {
    const known = coverage.get(file) ?? repositories.isCoveredAt(file, (part) => answers.covers(part));
    coverage.set(file, known);
    return known;
  };
  const unknown = mentions.flatMap((mention): readonly UnknownMention[] => {
    const { file, name, architecture } = mention;
    if (architecture !== undefined && !repositories.architectures.includes(architecture)) return [];
    if (namesOf(mention).some((one) => answers.unknown(one) === undefined) || !isCovered(file)) return [];
    const answer = answers.unknown(name);
    return answer === undefined ? [] : [{ mention, ...answer }];
  });
  return { unknown, release, age: answers.age };
}

function namesOf({ name, longName }: PackageMention): readonly string[] {
  return longName === undefined ? [name] : [name, longName];
}
