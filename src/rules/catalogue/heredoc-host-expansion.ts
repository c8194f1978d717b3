import { isExportedByPiGen, mayBeSetByBuild } from '../../pigen/config/visible-variables';
import { isInside, isInUnfinished, programsOf, walk } from '../../shell/queries';
import type { Script } from '../../shell/script';
import { setVariablesAround } from '../../shell/set-variables';
import type { KnownVariables } from '../../shell/set-variables';
import { asksTheSystem } from '../knowledge/asks-the-system';
import { expansionFixes } from '../knowledge/expansion-fixes';
import { isSwallowed } from '../knowledge/missed-end';
import { holds, nameOf, textOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import type { HostExpansion } from '../../shell/script';
import type { Severity } from '../../pigen/finding';

export const heredocHostExpansion: Rule = {
  name: 'heredoc-host-expansion',
  severity: 'error',
  summary:
    'A `$…` in an unquoted `on_chroot` heredoc that the build host replaces before the chroot sees it.',
  page: {
    why: `With an unquoted terminator (\`on_chroot << EOF\`) the shell of the **build host** replaces every \`$name\`, \`$(…)\` and backtick
in the body before \`on_chroot\` (scripts/common) starts the bash inside the image. A variable that only the body sets is not set on
the host, so it is replaced by nothing. Quotes inside the body, and a quoted heredoc inside it, protect nothing.`,
    build: `The build goes on with the wrong text: \`for f in a b; do cp /opt/$f /etc/; done\` runs \`cp /opt/ /etc/\` twice. An empty name may
fail (\`cp: -r not specified\`) or do silent harm (\`rm -rf "$dir"/*\` becomes \`rm -rf ""/*\`). A \`$(dpkg --print-architecture)\` answers
for the build host.`,
    fix: `Quote the terminator (\`<< 'EOF'\`) when nothing in the body is meant for the build host: the variables that pi-gen exports are set
inside the chroot too. Else escape what the chroot's shell shall see: \`\\$name\`. The quick fixes do either; the first is only offered
where it changes nothing else, and takes away the backslashes that are no longer needed.`,
    silent: [
      "pi-gen's own variables, those of `config`, and those that the script sets before or around the heredoc: a loop over packages on the host, for one",
      '`\\$name`, and a quoted terminator',
      'comments in the body',
      '`${name:-default}` and its kin, which provide for an unset name',
      '`$1` where the heredoc stands in a function, or after `set --`: an argument of the host script',
      'a `$(…)` that reads `files/…` or a path below `${ROOTFS_DIR}`: meant for the build host',
      'names that a sourced file sets; any name where that file is not in the tree or cannot be told',
    ],
    bad: { tree: 'bad-names', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-host', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile, context: TreeContext): Iterable<Report> {
    if (file.place !== 'host' || !file.text.includes('<<') || !/chroot|nspawn/.test(file.text)) return;
    const around = new Map<Script, KnownVariables>();
    for (const program of programsOf(file.script)) {
      if (program.place !== 'chroot' || program.parent?.place !== 'host') continue;
      if (program.heredoc?.quoted !== false || program.source !== 'heredoc') continue;
      if (isSwallowed(program)) continue;
      if (program.hostExpansions.length === 0) continue;
      const host =
        around.get(program.parent) ??
        setVariablesAround(program.parent, context.sourcedFiles.finderFor(file));
      around.set(program.parent, host);
      const judged = judge(program, host, context);
      const bad = new Set(judged.map(({ expansion }) => expansion));
      for (const { expansion, message, severity } of judged) {
        yield {
          message,
          severity,
          file: file.path,
          span: program.toFileSpan(expansion.span),
          fixes: expansionFixes(file, program, expansion, bad, {
            isExported: (name) => isExportedByPiGen(context.tree, name),
            setByHost: host.names,
          }),
        };
      }
    }
  },
};

interface Judged {
  readonly expansion: HostExpansion;
  readonly severity: Severity;
  readonly message: string;
}

/** What the names of a body mean. */
interface Names {
  readonly body: ReadonlySet<string>;
  readonly host: KnownVariables;
  /** Whether the name may be set on the build host. */
  readonly known: (name: string) => boolean;
  /** The host script may have arguments of its own: it stands in a function, or uses `set --`. */
  readonly hostArguments: boolean;
}

function judge(program: Script, host: KnownVariables, context: TreeContext): readonly Judged[] {
  const names: Names = {
    body: namesSetIn(program),
    host,
    known: (name) => host.more || host.names.has(name) || mayBeSetByBuild(context.tree, name),
    hostArguments: hasArguments(program),
  };
  const judged: Judged[] = [];
  for (const expansion of program.hostExpansions) {
    if (isInComment(program, expansion)) continue;
    const found = judgeExpansion(program, expansion, names);
    if (found === undefined) continue;
    const severity = isOnlyPrinted(program, expansion) ? 'warning' : found.severity;
    judged.push({ expansion, ...found, severity });
  }
  return judged;
}

type Verdict = Omit<Judged, 'expansion'>;

function judgeExpansion(program: Script, expansion: HostExpansion, names: Names): Verdict | undefined {
  switch (expansion.kind) {
    case 'parameter':
      return judgeParameter(program, expansion, names);
    case 'command':
      return judgeCommand(program, expansion, names);
    case 'arithmetic': {
      const used = textOf(program, expansion.span).match(/[A-Za-z_]\w*/g) ?? [];
      const own = used.find((name) => isOwn(name, names));
      return own === undefined ? undefined : ofName(own);
    }
  }
}

function isOwn(name: string, { body, known }: Names): boolean {
  return body.has(name) && !known(name);
}

function ofName(name: string): Verdict {
  return {
    severity: 'error',
    message: `The build host replaces $${name} before the chroot sees this body, and there it is not set: nothing takes its place. Only the body sets it, so quote the terminator, or write \\$${name}.`,
  };
}

function judgeParameter(program: Script, expansion: HostExpansion, names: Names): Verdict | undefined {
  const written = textOf(program, expansion.span);
  const name = expansion.name ?? operatorName(written);
  if (name === undefined) return undefined;
  if (/^[A-Za-z_]/.test(name)) {
    if (isOwn(name, names)) return ofName(name);
    if (!isProtectedInside(program, expansion) || names.known(name)) return undefined;
    return {
      severity: 'error',
      message: `The quotes of the heredoc inside do not protect $${name}: the build host replaces it first, by nothing, because the terminator of the on_chroot heredoc is not quoted. Quote that one too, or write \\$${name}.`,
    };
  }
  if (name === '?') {
    return {
      severity: 'warning',
      message:
        'The build host replaces $? before the chroot sees this body: it is the status of the last command on the host, not in the chroot. Write \\$?, or quote the terminator.',
    };
  }
  if (!/^(?:[1-9]\d*|[@*#])$/.test(name) || names.hostArguments) return undefined;
  const certain = isProtectedInside(program, expansion) || isQuotedOrInFunction(program, expansion);
  return {
    severity: certain ? 'error' : 'warning',
    message: `The build host replaces $${name} before the chroot sees this body, by an argument of this script, and pi-gen gives it none. Write \\$${name}, or quote the terminator.`,
  };
}

/** The name in `${name%/}`, `${#name}`, `${name[@]}`; none where the expansion provides for an unset name. */
function operatorName(written: string): string | undefined {
  return /^\$\{[#!]?([A-Za-z_]\w*)(?!\w|:?[-=+?])/.exec(written)?.[1];
}

function judgeCommand(program: Script, expansion: HostExpansion, names: Names): Verdict | undefined {
  const run = substitutionAt(program, expansion);
  if (run === undefined) return undefined;
  const ownNames = run.variables.names;
  for (const node of walk(run.root)) {
    if (node.type !== 'variable_name') continue;
    const name = textOf(run, node);
    if (isOwn(name, names) && !ownNames.has(name)) return ofName(name);
  }
  const question = asksTheSystem(run);
  if (question === undefined) return undefined;
  return {
    severity: 'warning',
    message: `The build host runs "${question}" before the chroot sees this body, so the answer is about the build host and not about the image. Write \\$(…), or quote the terminator, to run it inside the chroot.`,
  };
}

/** The program of a `$(…)`, which the shell around reads. */
export function substitutionAt(program: Script, { span }: HostExpansion): Script | undefined {
  const inFile = program.toFileSpan(span);
  return program.parent?.embedded.find(
    (other) =>
      other.source === 'substitution' &&
      other.heredoc === program.heredoc &&
      holds(inFile, other.toFileSpan({ start: 0, end: other.text.length })),
  );
}

function namesSetIn(program: Script): ReadonlySet<string> {
  const names = new Set<string>();
  for (const inner of programsOf(program)) for (const name of inner.variables.names) names.add(name);
  return names;
}

function hasArguments({ runBy, parent }: Script): boolean {
  if (runBy !== undefined && (isInside(runBy, 'function_definition') || isInUnfinished(runBy))) return true;
  return (
    parent?.commands.some(
      ({ name, arguments: words }) => name?.literal === 'set' && words.some(({ text }) => text === '--'),
    ) === true
  );
}

const printers = new Set(['echo', 'log', 'logger', 'printf']);

/** Whether it ends in the log of the build and nowhere else. */
function isOnlyPrinted(program: Script, { span }: HostExpansion): boolean {
  const around = program.commands.filter((command) => holds(command.span, span));
  const [command] = around.sort((a, b) => a.span.end - a.span.start - (b.span.end - b.span.start));
  if (command === undefined || !printers.has(nameOf(command) ?? '') || command.redirects.length > 0)
    return false;
  return !command.ancestors.some(({ type }) => carriers.has(type));
}

/** What may carry the output of a command elsewhere. */
const carriers = new Set([
  'command_substitution',
  'compound_statement',
  'function_definition',
  'pipeline',
  'process_substitution',
  'redirected_statement',
  'subshell',
]);

function isInComment(program: Script, { span }: HostExpansion): boolean {
  if (program.comments.some((comment) => holds(comment, span))) return true;
  const line = program.text.slice(program.text.lastIndexOf('\n', span.start - 1) + 1, span.start);
  return /^\s*#/.test(line);
}

/** Whether it stands in a heredoc of the body whose own terminator is quoted. */
function isProtectedInside(program: Script, { span }: HostExpansion): boolean {
  return program.heredocs.some(({ quoted, body }) => quoted && holds(body, span));
}

/** Whether it stands in single quotes, as in `awk '{print $1}'`, or in a function that the body defines. */
function isQuotedOrInFunction(program: Script, { span }: HostExpansion): boolean {
  for (const node of walk(program.root)) {
    if ((node.type === 'raw_string' || node.type === 'function_definition') && holds(node, span)) return true;
  }
  return false;
}
