import type { Fix } from '../../pigen/finding';
import type { OtherPlace } from '../../pigen/apt/package-index';
import type { PackageKnowledge, UnknownMention } from '../inputs/package-knowledge';
import type { Report, Rule, TreeContext } from '../rule';

export const unknownPackage: Rule = {
  name: 'unknown-package',
  severity: 'warning',
  summary: 'A package that none of the image’s repositories has, by the index of package names.',
  page: {
    why: `\`NN-packages\`, \`NN-packages-nr\` (\`run_sub_stage\` in build.sh) and \`apt-get install\` inside the chroot ask the repositories
that stage0 and the stages before gave the image. Which names those have, an index tells that is fetched when you ask for it:
\`Pi-gen: Update Package Index\` in the editor, \`pigen update-index\` on the command line. Without it this rule is silent.
[More about the index](../configuration.md#package-names).`,
    build: `apt-get installs nothing of the whole list, and the build stops there:

\`\`\`
E: Unable to locate package pyhton3
\`\`\``,
    fix: `Correct the name; quick fixes offer those that are really near. Where another release has the package, look for its successor:
libraries change their number, and programs their package.`,
    silent: [
      'anything, without an index, or where nothing tells the release',
      'names that a package provides (`mail-transport-agent`), and those that apt-get takes for a pattern',
      'what follows a step that adds a repository which the index does not cover, or that runs a program or a `.deb` of which nobody knows what it adds',
      '`name=version`, `name/suite`, `name:arch`, `name+` with a known name; tasks, globs, paths, variables',
      '`name-`, which keeps a package away, whether there is one or not',
      '`apt-get install` on the build host, under a condition, in a loop, in a function, or before `||`',
    ],
    bad: { tree: 'bad-names', show: 'stage-app/00-service/00-packages' },
    good: { tree: 'good-names', show: 'stage-app/00-service/00-packages' },
  },

  *checkTree({ packages }: TreeContext): Iterable<Report> {
    if (packages === undefined) return;
    for (const found of packages.unknown) {
      const { file, range } = found.mention;
      yield { message: messageOf(found, packages), file, range, fixes: fixesOf(found) };
    }
  },
};

/** Days after which an index is told to be old: a release gets new packages at its point releases. */
const oldAge = 60;

function messageOf(
  { mention, nearest, elsewhere }: UnknownMention,
  { release, age }: PackageKnowledge,
): string {
  const { name } = mention;
  const where = placesOf(elsewhere);
  const found =
    where === ''
      ? `None of the image’s repositories for ${release} has a package ${name}, so apt-get fails and the build stops here.`
      : `${name} is in ${where}, but none of the image’s repositories for ${release} has it, so apt-get fails and the build stops here.`;
  const question = nearest.length === 0 ? '' : ` Is ${nearest.join(' or ')} meant?`;
  const doubt = age < oldAge ? '' : ` (The package index is ${age} days old.)`;
  return found + question + doubt;
}

/** `bookworm (armhf, arm64) and sid (amd64)`; empty for none. */
function placesOf(places: readonly OtherPlace[]): string {
  const suites = new Map<string, string[]>();
  for (const { suite, architecture } of places) {
    const architectures = suites.get(suite);
    if (architectures === undefined) suites.set(suite, [architecture]);
    else architectures.push(architecture);
  }
  return [...suites]
    .map(([suite, architectures]) => `${suite} (${architectures.sort().join(', ')})`)
    .sort()
    .join(' and ');
}

function fixesOf({ mention: { file, range, name }, nearest }: UnknownMention): readonly Fix[] {
  return nearest.map((other) => ({
    title: `Change ${name} to ${other}`,
    edits: [{ kind: 'replace', file, range, text: other }],
  }));
}
