import type { RepositoryPart } from '../pigen/apt/apt-sources';
import { code } from './hover';

/** What an index of package names knows of a name. */
export interface FoundPackage {
  /** The parts of the image's repositories that have it. */
  readonly parts: readonly RepositoryPart[];
  /** Parts that the index has no names of: nothing is known of what they hold. */
  readonly unknownParts: number;
  /** Names that are really near, where no repository has it. */
  readonly nearest: readonly string[];
  /** Days since the oldest part was fetched. */
  readonly age: number;
}

/** What is known of a package, in Markdown. */
export function describePackage(name: string, { parts, unknownParts, nearest, age }: FoundPackage): string {
  const where = new Map<string, Set<string>>();
  for (const { uri, suite, component, architecture } of parts) {
    const place = `${suite}${component === '' ? '' : ` ${component}`} of ${uri}`;
    where.set(place, (where.get(place) ?? new Set()).add(architecture));
  }
  const listed = [...where].map(([place, architectures]) => `- ${place} (${[...architectures].join(', ')})`);
  const near = nearest.length === 0 ? '' : ` Near it: ${nearest.map(code).join(', ')}.`;
  const none =
    unknownParts > 0
      ? 'Not in those of the image’s repositories whose packages are known.'
      : `In none of the image’s repositories that the stages name.${near}`;
  return [
    `**${name}** — package of the image`,
    listed.length > 0 ? `In its repositories:\n\n${listed.join('\n')}` : none,
    `*By the package index, ${age === 0 ? 'of today' : age === 1 ? 'of yesterday' : `${age} days old`}.*`,
  ].join('\n\n');
}
