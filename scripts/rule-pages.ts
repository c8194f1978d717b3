import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rules } from '../src/rules/index';
import type { PageExample, Rule } from '../src/rules/rule';
import { failurePages } from './failure-pages';
import {
  mootEverywhere,
  mootForHostExpansions,
  plainVariables,
  saidByRules,
} from '../src/shellcheck/contract-noise';
import { shellCheckRule } from '../src/shellcheck/shellcheck-findings';
import { ruleSettings } from './rule-settings';

const repository = path.resolve(__dirname, '..');
const fixtures = path.join(repository, 'test/rules');

/** The pages of all rules and their table, by path relative to the repository, from the rules and their fixtures. */
export async function rulePages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>([['docs/rules/README.md', table()]]);
  for (const rule of rules) pages.set(`docs/rules/${rule.name}.md`, await page(rule));
  return pages;
}

function table(): string {
  const rows = rules.map(
    ({ name, severity, summary }) => `| [${name}](${name}.md) | ${severity} | ${summary} |`,
  );
  return `# Rules

What \`pigen check\` and the editor look for. **error**: the build fails or the image is certainly wrong; **warning**: almost surely not
what was meant; **information**: worth knowing; **hint**: style. A single finding may be milder or graver than its rule is as a whole.

| rule | severity | finds |
|---|---|---|
${rows.join('\n')}

These pages are written from the rules and their fixtures by \`npm run docs\`; the examples and findings are those of the tests.
`;
}

async function page(rule: Rule): Promise<string> {
  const { why, build, fix, silent, bad, good } = rule.page;
  return `# ${rule.name}

${rule.summary}

Severity: **${rule.severity}**

## Why

${why}

## What the build does

${build}

## Example

${await example(rule, bad)}

Found there:

${await findings(rule, bad)}

Right:

${await example(rule, good)}

## How to put it right

${fix}

## Never reported

${[...silent, ...(rule.name === shellCheckRule ? shellCheckNoise() : [])].map((item) => `- ${item}`).join('\n')}

## Silencing

\`# pigen: disable=${rule.name}\` above a line, \`# pigen: disable-file=${rule.name}\` in a file, or in \`.pigen.yaml\`:

\`\`\`yaml
rules:
  ${rule.name}: off
\`\`\`

More in [configuration](../configuration.md).
`;
}

/** What of ShellCheck is never told, from the tables that it is judged by. */
function shellCheckNoise(): readonly string[] {
  const codesOf = (codes: readonly number[]): string => codes.map((code) => `SC${code}`).join(', ');
  const plain = plainVariables.map(
    ({ names, reason }) => `SC2086 of ${names.map((name) => `\`${name}\``).join(', ')}: ${reason}`,
  );
  const said = saidByRules.map(
    ({ rule, codes, where }) =>
      `${codesOf(codes)}, where [${rule}](${rule}.md) speaks of the same ${where === 'file' ? 'script' : 'line'}`,
  );
  return [
    ...[...mootEverywhere, mootForHostExpansions].map(({ codes, reason }) => `${codesOf(codes)}: ${reason}`),
    ...plain,
    'SC2153, SC2154 of variables that pi-gen exports, that a config sets, that the script around exports, or that may come from a sourced file',
    'SC2034 of a variable that pi-gen exports, such as `PREV_ROOTFS_DIR`: a new value reaches its functions and the chroot',
    'SC2164 and its like inside the chroot: ShellCheck is told of the `-e` that pi-gen passes to its bash (scripts/common, on_chroot)',
    "SC2016 for `on_chroot -c '…'`: the single quotes keep `$x` for the shell in the chroot",
    'what ShellCheck cannot read, where [syntax-error](syntax-error.md) says that bash cannot either',
    ...said,
  ];
}

async function example(rule: Rule, { tree, show }: PageExample): Promise<string> {
  const shown = path.join(fixtures, rule.name, tree, show);
  if ((await stat(shown)).isDirectory()) return fenced('text', await listing(shown, show));
  const text = await readFile(shown);
  if (text.includes(0)) return `\`${show}\` is a binary file.`;
  return `\`${show}\`\n\n${fenced(show.endsWith('.sh') ? 'bash' : show.endsWith('.yml') ? 'yaml' : 'text', text.toString())}`;
}

async function listing(folder: string, shown: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
  return files.map((file) => `${shown}/${file}\n`).join('');
}

async function findings(rule: Rule, { tree }: PageExample): Promise<string> {
  const expected = await readFile(path.join(fixtures, rule.name, `${tree}.expected`), 'utf8');
  const own = expected.split('\n').filter((line) => line.includes(` ${rule.name} `));
  return own
    .map((line) => {
      const [, place = '', severity = '', message = ''] = /^(\S+) (\S+) \S+ (.*)$/.exec(line) ?? [];
      return `- \`${place}\` ${severity}: ${message.replaceAll(/[$<*_]/g, '\\$&')}`;
    })
    .join('\n');
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.endsWith('\n') ? text : `${text}\n`}\`\`\``;
}

async function write(): Promise<void> {
  for (const folder of ['docs/rules', 'schemas']) {
    await mkdir(path.join(repository, folder), { recursive: true });
  }
  for (const [file, text] of [...(await rulePages()), ...(await ruleSettings()), ...failurePages()]) {
    await writeFile(path.join(repository, file), text);
  }
}

if (require.main === module) void write();
