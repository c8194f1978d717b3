import { classGroups } from '../src/explain/classes/index';
import type { FailureClass } from '../src/explain/failure-class';
import { rules } from '../src/rules/index';

const ruleNames: ReadonlySet<string> = new Set(rules.map(({ name }) => name));

/** Told by more than one line: their words are in the code that decides. */
const beyondLines = [
  [
    'nested-on-chroot',
    '`realpath: …/rootfs/proc: No such file or directory`, then `Unable to chroot/chdir to […/rootfs/]`, in a script of the chroot',
  ],
  [
    'missing-copy-previous',
    'the same lines, or `mount: …/rootfs/proc: mount point does not exist.`, in a stage whose prerun.sh makes no root file system',
  ],
  ['postrun-too-late', 'the same lines in postrun.sh'],
  ['not-executable', 'the same lines, without `Begin …/prerun.sh`; or `Skip …/NN-run.sh (not executable)`'],
  ['missing-errexit', 'several errors of a script that begins without `-e`'],
  ['silent-exit', 'nothing after `Begin …/NN-run.sh` but the end: a command that fails without a word'],
  ['command-failed', 'a message of bash with its line, of a kind that is not known'],
  ['unknown', 'anything else: the step, and the last thing that it said'],
] as const;

/** The page of the failure classes, by its path relative to the repository. */
export function failurePages(): ReadonlyMap<string, string> {
  const groups = classGroups.map(
    ({ title, classes }) => `## ${title}\n\n${byName(classes).map(section).join('\n\n')}`,
  );
  const others = beyondLines.map(([name, says]) => `| ${linked(name)} | ${says} |`);
  return new Map([
    [
      'docs/failures.md',
      `# Why builds fail

What \`pigen explain\` and the editor know of failed builds: what the log says, what it means, and what to do. Where the same line has
several causes, the rest of the log and the stages decide. A name that is a link is that of a rule, too: \`pigen check\` finds it before
the build. **certain**: the words admit no other cause; **likely**: it is the usual one; **guess**: worth a look.

${groups.join('\n\n')}

## Told by more than a line

| class | the log |
|---|---|
${others.join('\n')}

This page is written from the classes in \`src/explain/classes\` by \`npm run docs\`.
`,
    ],
  ]);
}

/** One class with all its forms. */
function section([name, forms]: readonly [string, readonly FailureClass[]]): string {
  return `### ${linked(name)}\n\n${forms.map(form).join('\n\n')}`;
}

function form({ says, certainty, cause, fix }: FailureClass): string {
  return `\`\`\`text
${says}
\`\`\`

${readable(cause)} *(${certainty})*

${readable(fix)}`;
}

function byName(classes: readonly FailureClass[]): readonly (readonly [string, readonly FailureClass[]])[] {
  const names = [...new Set(classes.map(({ name }) => name))];
  return names.map((name) => [name, classes.filter((one) => one.name === name)] as const);
}

function linked(name: string): string {
  return ruleNames.has(name) ? `[${name}](rules/${name}.md)` : name;
}

/** What a log names stands as an ellipsis; and nothing of a text is markup. */
function readable(words: string): string {
  return words.replaceAll(/(?<!\$)\{\w+\}/g, '…').replaceAll(/[$<*_[\]]/g, '\\$&');
}
