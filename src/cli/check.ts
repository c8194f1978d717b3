import { parseArgs } from 'node:util';
import { discoverTrees, findTree } from '../pigen/discover';
import type { Finding } from '../pigen/finding';
import { severities } from '../pigen/finding';
import { isWithin } from '../pigen/path';
import { Core } from './core';
import { findingJson, prettyFinding, shownPath } from './findings-output';
import { formatOf, oneOf, pathFrom } from './options';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

/** `pigen check [PATH…]`. */
export async function runCheck(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { format: { type: 'string' }, 'fail-on': { type: 'string' } },
  });
  const format = formatOf(values.format);
  const limit = oneOf('--fail-on', values['fail-on'], severities, 'error');
  const paths = (positionals.length === 0 ? ['.'] : positionals).map((given) => pathFrom(terminal, given));
  const core = new Core();
  try {
    const findings = await findingsOf(core, paths, terminal);
    if (format === 'json') {
      const json = {
        version: 1,
        findings: findings.map((finding) => findingJson(finding, terminal.workingFolder)),
      };
      await terminal.write(`${JSON.stringify(json)}\n`);
    } else {
      await writePretty(findings, core, terminal);
    }
    const failing = findings.some(
      ({ severity }) => severities.indexOf(severity) <= severities.indexOf(limit),
    );
    return failing ? 1 : 0;
  } finally {
    core.dispose();
  }
}

/** All findings in the given folders and files, each once. Throws a UsageError for a path where no stage is. */
async function findingsOf(
  core: Core,
  paths: readonly string[],
  terminal: Terminal,
): Promise<readonly Finding[]> {
  const wanted = new Map<string, string[]>();
  for (const path of paths) {
    for (const root of await rootsOf(core, path, terminal)) {
      const others = wanted.get(root);
      if (others === undefined) wanted.set(root, [path]);
      else others.push(path);
    }
  }
  const findings: Finding[] = [];
  for (const [root, asked] of wanted) {
    const result = await core.checker.checkTree(root, { signal: terminal.signal });
    findings.push(...result.findings.filter(({ file }) => asked.some((path) => isWithin(path, file))));
  }
  return findings;
}

async function rootsOf(core: Core, path: string, terminal: Terminal): Promise<readonly string[]> {
  const found = await core.fileSystem.stat(path);
  const shown = shownPath(path, terminal.workingFolder);
  if (found === undefined)
    throw new UsageError(`${shown}: there is no such file or folder, or it may not be read.`);
  if (found.kind === 'folder') {
    const trees = await discoverTrees(core.fileSystem, path, { signal: terminal.signal });
    if (trees.length > 0) return trees.map((tree) => tree.path);
  } else {
    const tree = await findTree(core.fileSystem, path, { signal: terminal.signal });
    if (tree !== undefined) return [tree.path];
  }
  throw new UsageError(
    `${shown}: no pi-gen stage here. A stage is a folder with a prerun.sh, or with sub-folders that hold steps such as 00-run.sh or 00-packages.`,
  );
}

async function writePretty(findings: readonly Finding[], core: Core, terminal: Terminal): Promise<void> {
  for (const finding of findings) {
    if (terminal.signal.aborted) return;
    await terminal.write(
      await prettyFinding(finding, core.fileSystem, terminal.workingFolder, terminal.colour),
    );
  }
  await terminal.write(`${summary(findings)}\n`);
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No findings.';
  const counts = severities
    .map((severity) => ({
      severity,
      count: findings.filter((finding) => finding.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(
      ({ severity, count }) => `${count} ${severity}${count > 1 && severity !== 'information' ? 's' : ''}`,
    );
  return `${counts.join(', ')}.`;
}
