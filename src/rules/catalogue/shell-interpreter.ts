import type { Fix } from '../../pigen/finding';
import { branches } from '../../pigen/branches';
import type { Span } from '../../pigen/text';
import { walk } from '../../shell/queries';
import type { Script } from '../../shell/script';
import { definesFunction, nameOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';
import { findLostShebang, readShebang } from '../knowledge/shebang';
import type { LostShebang, Shebang } from '../knowledge/shebang';

export const shellInterpreter: Rule = {
  name: 'shell-interpreter',
  severity: 'error',
  summary: 'A host script that the wrong shell runs, or whose `#!` line the kernel cannot see.',
  page: {
    why: `build.sh runs \`prerun.sh\` and \`NN-run.sh\` as programs, so their first line decides which shell reads them. \`/bin/sh\` is dash on
Debian, where pi-gen builds: it knows neither bash’s own syntax nor pi-gen’s functions (\`on_chroot\`, \`copy_previous\`), which
scripts/common exports for bash alone. A \`#!\` line counts only where the file’s first two characters are \`#!\`.`,
    build: `\`on_chroot: not found\`, \`[[: not found\` (and the \`if\` around it takes its other branch) or \`Syntax error: "(" unexpected\`.
Without a proper \`#!\` line bash runs the script all the same, but without the options of that line: it goes on after an error.`,
    fix: 'Begin the script with `#!/bin/bash -e` as pi-gen’s own scripts do. The quick fix changes the first line only.',
    silent: [
      '`NN-run-chroot.sh`: pi-gen feeds it to bash whatever its first line says',
      '`#!/bin/sh` with nothing in the script that dash does not know',
      'a script that defines the function itself',
      'bash’s syntax in texts and in the bodies of `on_chroot`',
    ],
    bad: { tree: 'bad-sh', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-sh', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    const shebang = readShebang(file.text);
    if (shebang === undefined) {
      yield* checkLost(file);
    } else if (file.place === 'host' && posixShells.has(shebang.interpreter)) {
      yield* checkPosix(file, shebang);
    }
  },
};

const posixShells = new Set(['sh', 'dash']);

/** Functions that scripts/common of some branch exports. */
const exportedFunctions = new Set(branches.flatMap((branch) => branch.exportedFunctions));

function* checkPosix(file: ScriptFile, shebang: Shebang): Iterable<Report> {
  const use = firstUse(file.script);
  if (use === undefined) return;
  const line = file.lines.position(use.span.start).line + 1;
  const effect = use.isFunction
    ? `${use.what} in line ${line} is a function that pi-gen exports for bash alone, so the build fails with "not found".`
    : `${use.what} in line ${line} is bash's own.`;
  yield {
    message: `${shebang.interpreter === 'sh' ? 'sh, which is dash on Debian,' : 'dash'} runs this script: ${effect} Begin the script with #!/bin/bash -e.`,
    file: file.path,
    span: shebang.span,
    fixes: [bashFix(file, shebang)],
    related: [{ file: file.path, range: file.lines.range(use.span), message: `${use.what} needs bash` }],
  };
}

function bashFix(file: ScriptFile, shebang: Shebang): Fix {
  const words = shebang.options === '' ? ' -e' : ` ${shebang.options}`;
  const line = shebang.viaEnv ? '#!/usr/bin/env bash' : `#!/bin/bash${words}`;
  return {
    title: `Run the script with bash: ${line}`,
    edits: [{ kind: 'replace', file: file.path, range: file.lines.range(shebang.span), text: line }],
    preferred: true,
  };
}

interface Use {
  readonly what: string;
  readonly span: Span;
  readonly isFunction: boolean;
}

/** The first thing in a script that dash does not know, a function of pi-gen's before all else. */
function firstUse(script: Script): Use | undefined {
  for (const command of script.commands) {
    const name = nameOf(command);
    if (name === undefined || command.name === undefined || definesFunction(script, name)) continue;
    if (exportedFunctions.has(name)) return { what: name, span: command.name.span, isFunction: true };
  }
  // What bash is asked for by name is bash's business: a script may run itself again with it.
  if (/\bBASH(?:_\w+)?\b|exec[ \t]+(?:\/\S+\/)?bash/.test(script.text)) return undefined;
  return firstBashism(script);
}

const bashCommands = new Set([
  'source',
  'pushd',
  'popd',
  'declare',
  'typeset',
  'shopt',
  'readarray',
  'mapfile',
  'let',
]);

function firstBashism(script: Script): Use | undefined {
  const found: Use[] = [];
  const add = (what: string, span: Span): void => {
    found.push({ what, span, isFunction: false });
  };
  for (const command of script.commands) {
    const name = nameOf(command);
    if (name === undefined || command.name === undefined || definesFunction(script, name)) continue;
    if (bashCommands.has(name)) add(name, command.name.span);
  }
  for (const node of walk(script.root)) {
    const span = { start: node.start, end: node.end };
    if (node.type === '[[') add('[[ … ]]', span);
    else if (node.type === 'array') add('An array', span);
    else if (node.type === 'herestring_redirect') add('<<<', span);
    else if (node.type === 'process_substitution') add('A process substitution', span);
    else if (node.type === 'c_style_for_statement') add('for ((…))', span);
  }
  return found.sort((a, b) => a.span.start - b.span.start)[0];
}

function* checkLost(file: ScriptFile): Iterable<Report> {
  const lost = findLostShebang(file.text);
  if (lost === undefined) return;
  // In the chroot a displaced line is a comment, and so is one without its `!`.
  if (file.place === 'chroot' && lost.kind !== 'no-hash') return;
  const failsInChroot = file.place === 'chroot';
  const effect = failsInChroot
    ? 'bash in the chroot takes it for a command that does not exist, and the build fails.'
    : 'bash runs the script all the same, but without the options of this line: it goes on after an error.';
  yield {
    message: `${reasons[lost.kind]}, so it is no #! line; ${effect} The first line must be ${lost.line}.`,
    file: file.path,
    span: lost.span,
    severity: failsInChroot ? 'error' : 'warning',
    fixes: [lostFix(file, lost)],
  };
}

const reasons: Record<LostShebang['kind'], string> = {
  'no-hash': 'The first line lacks its #',
  'no-bang': 'The first line lacks its ! behind the #',
  displaced: 'This line is not the very first of the file',
};

function lostFix(file: ScriptFile, { span, line, kind }: LostShebang): Fix {
  const replace = (start: number, end: number, text: string): Fix['edits'][number] => ({
    kind: 'replace',
    file: file.path,
    range: file.lines.range({ start, end }),
    text,
  });
  if (kind !== 'displaced' || file.text.slice(0, span.start).trim() === '') {
    const isWhole = file.text.slice(span.start, span.end) === line;
    const edit = isWhole ? replace(0, span.start, '') : replace(0, span.end, line);
    return { title: `Begin the file with ${line}`, edits: [edit], preferred: true };
  }
  const next = file.text.indexOf('\n', span.end);
  return {
    title: `Move ${line} to the first line`,
    edits: [replace(0, 0, `${line}\n`), replace(span.start, next < 0 ? file.text.length : next + 1, '')],
    preferred: true,
  };
}
