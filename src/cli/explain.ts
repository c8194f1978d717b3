import { parseArgs, styleText } from 'node:util';
import { explainLog } from '../explain/explain-log';
import { isCauseKnown } from '../explain/explanation';
import type { Explanation, Failure } from '../explain/explanation';
import { discoverTrees, findTree } from '../pigen/tree/discover';
import type { Severity } from '../pigen/finding';
import type { StageTree } from '../pigen/tree/stage-tree';
import { analyseScript } from '../shell/analyse-script';
import { Core } from './core';
import type { FindingJson } from './findings-output';
import { findingJson } from './findings-output';
import { shownPath } from '../pigen/files/path';
import { prettyFinding } from '../pigen/pretty-finding';
import { githubAnnotation, githubMessage } from './github-annotations';
import { logText } from './log-input';
import { withRules } from './one-voice';
import { oneOf, pathFrom } from './options';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

/** A failure in the stable JSON of `explain` and `build`. */
export interface FailureJson {
  readonly class: string;
  readonly cause: string;
  readonly fix: string;
  readonly certainty: Failure['certainty'];
  readonly step: { readonly path: string; readonly kind: string } | null;
  readonly finding: FindingJson | null;
}

/** `pigen explain LOG [--tree DIR]`. */
export async function runExplain(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { format: { type: 'string' }, tree: { type: 'string' } },
  });
  const format = oneOf('--format', values.format, ['pretty', 'json', 'github'], 'pretty');
  const [log, ...others] = positionals;
  if (log === undefined || others.length > 0)
    throw new UsageError('explain takes one LOG, a file or - for standard input.');
  const core = new Core();
  try {
    const folder = pathFrom(terminal, values.tree ?? '.');
    if (values.tree !== undefined && (await core.fileSystem.stat(folder))?.kind !== 'folder') {
      throw new UsageError(`${values.tree}: there is no such folder.`);
    }
    const tree =
      values.tree === undefined ? await treeAt(core, folder) : await core.loadTree(folder, terminal.signal);
    const parser = await core.parser.get();
    const explained = await explainLog(logText(log, terminal), {
      ...(tree === undefined ? {} : { tree }),
      readText: core.readText,
      analyse: (text, place) => analyseScript(parser, text, place),
      knownRules: core.ruleNames,
    });
    const failures = await withRules(explained.failures, tree?.root, core, terminal.signal);
    terminal.signal.throwIfAborted();
    const explanation = { ...explained, failures };
    await report(explanation, format, core, terminal);
    return exitCodeOf(explanation);
  } finally {
    core.dispose();
  }
}

export function failureJson(failure: Failure, workingFolder: string): FailureJson {
  const { step, finding } = failure;
  return {
    class: failure.class,
    cause: failure.cause,
    fix: failure.fix,
    certainty: failure.certainty,
    step: step === undefined ? null : { path: shownPath(step.path, workingFolder), kind: step.kind },
    finding: finding === undefined ? null : findingJson(finding, workingFolder),
  };
}

/** A failure for a person at a terminal. */
export async function prettyFailure(failure: Failure, core: Core, terminal: Terminal): Promise<string> {
  const heading = terminal.colour
    ? styleText('bold', failure.class, { validateStream: false })
    : failure.class;
  const lines = [`${heading} (${failure.certainty})`];
  if (failure.step !== undefined)
    lines.push(`  step: ${shownPath(failure.step.path, terminal.workingFolder)}`);
  lines.push(`  cause: ${failure.cause}`, `  fix: ${failure.fix}`);
  const place =
    failure.finding === undefined
      ? ''
      : await prettyFinding(failure.finding, core.fileSystem, terminal.workingFolder, terminal.colour);
  return `${lines.join('\n')}\n${place}`;
}

async function report(
  { failures, failed, remarks }: Explanation,
  format: 'pretty' | 'json' | 'github',
  core: Core,
  terminal: Terminal,
): Promise<void> {
  const { workingFolder } = terminal;
  if (format === 'json') {
    const jsonOf = (failure: Failure): FailureJson => failureJson(failure, workingFolder);
    const json = { version: 1, failures: failures.map(jsonOf), remarks: remarks.map(jsonOf) };
    await terminal.write(`${JSON.stringify(json)}\n`);
    return;
  }
  if (format === 'github') {
    const root = terminal.environment['GITHUB_WORKSPACE']?.replaceAll('\\', '/') ?? workingFolder;
    const lines = [
      ...failures.map((failure, index) => annotation(failure, index === 0 ? 'error' : 'information', root)),
      ...remarks.map((remark) => annotation(remark, 'warning', root)),
    ];
    await terminal.write(lines.join(''));
    return;
  }
  if (!failed) await terminal.write('No failure in this log.\n');
  for (const failure of failures) await terminal.write(await prettyFailure(failure, core, terminal));
  if (remarks.length > 0) await terminal.write(failed ? 'Also in this log:\n' : 'But it tells of this:\n');
  for (const remark of remarks) await terminal.write(await prettyFailure(remark, core, terminal));
}

/** The likeliest cause as an error, at its line where it has one. */
function annotation(failure: Failure, severity: Severity, base: string): string {
  const { finding } = failure;
  if (finding !== undefined) return githubAnnotation({ ...finding, severity }, base);
  return githubMessage(severity, failure.class, `${failure.cause} ${failure.fix}`);
}

function exitCodeOf({ failures, failed }: Explanation): ExitCode {
  if (!failed) return 3;
  const [first] = failures;
  return first !== undefined && isCauseKnown(first) ? 0 : 1;
}

async function treeAt(core: Core, folder: string): Promise<StageTree | undefined> {
  const around = await findTree(core.fileSystem, folder);
  const root = around ?? (await discoverTrees(core.fileSystem, folder))[0];
  return root === undefined ? undefined : core.loadTree(root.path);
}
