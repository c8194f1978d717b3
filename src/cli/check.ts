import { parseArgs } from 'node:util';
import type { Finding } from '../pigen/finding';
import { severities } from '../pigen/finding';
import { isWithin, shownPath } from '../pigen/files/path';
import { findingsSummary, prettyFinding } from '../pigen/pretty-finding';
import { compatibleFixes } from '../rules/apply-fixes';
import type { CheckOptions } from '../rules/checker';
import { StoredIndex } from '../packages/stored-index';
import { nearestName } from '../rules/knowledge/nearest-name';
import { compareFindings, internalErrorName } from '../rules/runner';
import { Core } from './core';
import { findingJson } from './findings-output';
import { oneOf, pathFrom, releaseOption } from './options';
import { packageIndexStore } from './package-index-store';
import { rootsOf } from './roots';
import type { ShellCheckRun } from './shellcheck-run';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';
import { version } from '../../package.json';

const formats = ['pretty', 'json', 'sarif', 'github'] as const;

/** `pigen check [PATH…]`. */
export async function runCheck(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      'fail-on': { type: 'string' },
      fix: { type: 'boolean' },
      rule: { type: 'string', multiple: true },
      config: { type: 'string' },
      release: { type: 'string' },
      upstream: { type: 'boolean' },
      shellcheck: { type: 'string' },
      'no-shellcheck': { type: 'boolean' },
      'stdin-filename': { type: 'string' },
    },
  });
  const format = oneOf('--format', values.format, formats, 'pretty');
  const limit = oneOf('--fail-on', values['fail-on'], severities, 'error');
  const texts = await inputText(values['stdin-filename'], positionals, values.fix === true, terminal);
  const given = texts.size > 0 ? [...texts.keys()] : positionals.length === 0 ? ['.'] : positionals;
  const core = new Core(texts, new StoredIndex(packageIndexStore(terminal)));
  try {
    const only = rulesNamed(values.rule, core.ruleNames);
    const wantsShellCheck =
      only === undefined || only.has(shellCheckName) || [...only].some(isShellCheckCode);
    if (values.shellcheck !== undefined && values['no-shellcheck'] === true)
      throw new UsageError('--shellcheck does not go with --no-shellcheck.');
    const request: Request = {
      paths: given.map((path) => pathFrom(terminal, path)),
      only,
      shellCheck:
        wantsShellCheck && values['no-shellcheck'] !== true
          ? await shellCheckRun(core, terminal, values.shellcheck)
          : undefined,
      options: {
        signal: terminal.signal,
        ...(await settingsOption(core, values.config, terminal)),
        ...releaseOption(values.release),
        ...(values.upstream === true && { includeUpstream: true }),
      },
    };
    const fixed: Fixed[] = [];
    const findings =
      values.fix === true
        ? await fixAll(core, request, fixed, terminal)
        : await findingsOf(core, request, terminal);
    await writeFindings({ findings, fixed, format }, core, terminal);
    const failing = findings.some(
      ({ severity }) => severities.indexOf(severity) <= severities.indexOf(limit),
    );
    return failing ? 1 : 0;
  } finally {
    core.dispose();
  }
}

const shellCheckName = 'shellcheck';

function isShellCheckCode(name: string): boolean {
  return /^SC\d{4}$/.test(name);
}

/** Loaded only where it is to run. */
async function shellCheckRun(
  core: Core,
  terminal: Terminal,
  asked: string | undefined,
): Promise<ShellCheckRun> {
  const { ShellCheckRun: Run } = await import('./shellcheck-run');
  return new Run(core, terminal, asked === undefined ? undefined : pathFrom(terminal, asked));
}

/** What is asked of a check. */
interface Request {
  /** Absolute. */
  readonly paths: readonly string[];
  /** Undefined: all rules. */
  readonly only: ReadonlySet<string> | undefined;
  /** Undefined: not by ShellCheck. */
  readonly shellCheck: ShellCheckRun | undefined;
  readonly options: CheckOptions;
}

/** The text of standard input under the name that it is to be checked as, by absolute path. */
async function inputText(
  name: string | undefined,
  positionals: readonly string[],
  fix: boolean,
  terminal: Terminal,
): Promise<ReadonlyMap<string, string>> {
  if (name === undefined) {
    if (positionals.includes('-'))
      throw new UsageError('To check standard input, name it: --stdin-filename FILE.');
    return new Map();
  }
  if (fix) throw new UsageError('--fix changes files, so it does not go with --stdin-filename.');
  if (positionals.some((word) => word !== '-')) throw new UsageError('--stdin-filename goes with no PATH.');
  const chunks: Uint8Array[] = [];
  for await (const chunk of terminal.input) chunks.push(chunk);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(chunks));
  return new Map([[pathFrom(terminal, name), text]]);
}

function rulesNamed(
  given: readonly string[] | undefined,
  known: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  if (given === undefined) return undefined;
  for (const name of given) {
    if (known.has(name) || isShellCheckCode(name)) continue;
    const nearest = nearestName(name, known);
    throw new UsageError(
      `There is no rule '${name}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`}`,
    );
  }
  // A check that failed is told whatever rules are asked for: else its silence would pass for a clean result.
  return new Set([...given, internalErrorName]);
}

async function settingsOption(
  core: Core,
  given: string | undefined,
  terminal: Terminal,
): Promise<Pick<CheckOptions, 'settingsFile'>> {
  if (given === undefined) return {};
  const settingsFile = pathFrom(terminal, given);
  if ((await core.fileSystem.stat(settingsFile))?.kind !== 'file')
    throw new UsageError(`${given}: there is no such file, or it may not be read.`);
  return { settingsFile };
}

/** All findings in the given folders and files, each once. Throws a UsageError for a path where no stage is. */
async function findingsOf(
  core: Core,
  { paths, only, shellCheck, options }: Request,
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
  const findings = new Map<string, Finding>();
  for (const [root, asked] of wanted) {
    const result = await core.checker.checkTree(root, options);
    // A settings file that is wrong makes all that is said here doubtful, wherever it lies.
    const settings = result.control.settings?.path;
    const isAsked = (file: string): boolean =>
      file === settings || asked.some((path) => isWithin(path, file));
    const ofShellCheck = (await shellCheck?.findings(result, isAsked)) ?? [];
    const all =
      ofShellCheck.length === 0
        ? result.findings
        : [...result.findings, ...ofShellCheck].sort(compareFindings);
    for (const finding of all) {
      const { file, rule, code, range } = finding;
      const isNamed = only === undefined || only.has(rule) || (code !== undefined && only.has(code.name));
      if (!isAsked(file) || !isNamed) continue;
      findings.set(JSON.stringify([file, rule, code?.name, range, finding.message]), finding);
    }
  }
  return [...findings.values()];
}

/** Fixes may stand in each other's way, or uncover others; a fix that keeps coming back is given up after so many rounds. */
const roundLimit = 10;

/** Applies the preferred fixes until none is left. Answers the findings that are. */
async function fixAll(
  core: Core,
  request: Request,
  fixed: Fixed[],
  terminal: Terminal,
): Promise<readonly Finding[]> {
  // It brings the running of git along, which no other check needs.
  const { writeFixes } = await import('./write-fixes');
  for (let round = 0; ; round++) {
    const findings = await findingsOf(core, request, terminal);
    const fixes = compatibleFixes(findings);
    if (fixes.length === 0 || round === roundLimit) return findings;
    const failures = await writeFixes(fixes);
    if (failures.length > 0) {
      for (const failure of failures) terminal.complain(`pigen: not fixed: ${failure}`);
      return findingsOf(core, request, terminal);
    }
    for (const { title, edits } of fixes) {
      const files = edits.map((edit) => (edit.kind === 'rename' ? edit.from : edit.file));
      fixed.push({
        title,
        files: [...new Set(files)].map((file) => shownPath(file, terminal.workingFolder)),
      });
    }
  }
}

/** A fix that was applied. */
interface Fixed {
  readonly title: string;
  /** As the user would type them. */
  readonly files: readonly string[];
}

interface Results {
  readonly findings: readonly Finding[];
  readonly fixed: readonly Fixed[];
  readonly format: (typeof formats)[number];
}

async function writeFindings(
  { findings, fixed, format }: Results,
  core: Core,
  terminal: Terminal,
): Promise<void> {
  const { workingFolder } = terminal;
  const told = fixed.map(({ title, files }) => `fixed: ${files.join(', ')}: ${title}\n`).join('');
  if (format !== 'pretty' && format !== 'json' && told !== '') terminal.complain(told);
  switch (format) {
    case 'json': {
      const shown = findings.map((finding) => findingJson(finding, workingFolder));
      await terminal.write(
        `${JSON.stringify({ version: 1, findings: shown, ...(fixed.length > 0 && { fixed }) })}\n`,
      );
      break;
    }
    case 'sarif': {
      const { sarifLog } = await import('./sarif');
      await terminal.write(`${JSON.stringify(sarifLog(findings, version, workingFolder))}\n`);
      break;
    }
    case 'github': {
      const { githubAnnotation } = await import('./github-annotations');
      const root = terminal.environment['GITHUB_WORKSPACE']?.replaceAll('\\', '/') ?? workingFolder;
      await terminal.write(findings.map((finding) => githubAnnotation(finding, root)).join(''));
      break;
    }
    case 'pretty':
      await terminal.write(told);
      await writePretty(findings, core, terminal);
      break;
  }
}

async function writePretty(findings: readonly Finding[], core: Core, terminal: Terminal): Promise<void> {
  for (const finding of findings) {
    if (terminal.signal.aborted) return;
    await terminal.write(
      await prettyFinding(finding, core.fileSystem, terminal.workingFolder, terminal.colour),
    );
  }
  await terminal.write(`${findingsSummary(findings)}\n`);
}
