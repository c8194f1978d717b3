import { createReadStream } from 'node:fs';
import { parseArgs, styleText } from 'node:util';
import { explainLog } from '../explain/explain-log';
import type { Explanation, Failure } from '../explain/explanation';
import { discoverTrees, findTree } from '../pigen/discover';
import type { StageTree } from '../pigen/stage-tree';
import { analyseScript } from '../shell/analyse-script';
import { Core } from './core';
import type { FindingJson } from './findings-output';
import { findingJson, prettyFinding, shownPath } from './findings-output';
import { formatOf, pathFrom } from './options';
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
  const format = formatOf(values.format);
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
    const explanation = await explainLog(chunksOf(log, terminal), {
      ...(tree === undefined ? {} : { tree }),
      readText: core.readText,
      analyse: (text, place) => analyseScript(parser, text, place),
      knownRules: core.ruleNames,
    });
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
  { failures, failed }: Explanation,
  format: 'pretty' | 'json',
  core: Core,
  terminal: Terminal,
): Promise<void> {
  if (format === 'json') {
    const json = {
      version: 1,
      failures: failures.map((failure) => failureJson(failure, terminal.workingFolder)),
    };
    await terminal.write(`${JSON.stringify(json)}\n`);
  } else if (!failed) {
    await terminal.write('No failure in this log.\n');
  } else {
    for (const failure of failures) await terminal.write(await prettyFailure(failure, core, terminal));
  }
}

function exitCodeOf({ failures, failed }: Explanation): ExitCode {
  if (!failed) return 3;
  const first = failures[0];
  return first === undefined || first.class === 'unknown' ? 1 : 0;
}

async function treeAt(core: Core, folder: string): Promise<StageTree | undefined> {
  const around = await findTree(core.fileSystem, folder);
  const root = around ?? (await discoverTrees(core.fileSystem, folder))[0];
  return root === undefined ? undefined : core.loadTree(root.path);
}

async function* chunksOf(log: string, terminal: Terminal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const source: AsyncIterable<Uint8Array> =
    log === '-' ? terminal.input : createReadStream(pathFrom(terminal, log));
  try {
    for await (const chunk of source) {
      terminal.signal.throwIfAborted();
      yield decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    if (terminal.signal.aborted) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EACCES: 'it may not be read',
      EISDIR: 'it is a folder, not a log',
    };
    throw new UsageError(`${log}: ${reasons[code] ?? `it cannot be read (${code})`}.`);
  }
  yield decoder.decode();
}
