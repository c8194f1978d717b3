import type { Fix } from '../../pigen/finding';
import type { Command, Script } from '../../shell/script';
import { isTopLevel, nameOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';
import { findLostShebang, readShebang } from '../knowledge/shebang';
import type { Shebang } from '../knowledge/shebang';

export const missingErrexit: Rule = {
  name: 'missing-errexit',
  severity: 'warning',
  summary: 'A host script that goes on after a command has failed.',
  page: {
    why: `build.sh runs \`prerun.sh\` and \`NN-run.sh\` as programs of their own (\`./00-run.sh\`), so its own \`bash -e\` does not reach
them. A bash script without \`-e\` goes on after a failed command, and its status is that of its last command.`,
    build: `A failed download, copy or \`on_chroot\` block in the middle goes unnoticed: the build ends well, and the image lacks what
failed.`,
    fix: `Begin the script with \`#!/bin/bash -e\` as pi-gen's own scripts do, or with \`set -e\`. A command that may fail gets \`|| true\`. The
quick fix adds \`-e\` to the shebang, or a line \`set -e\` where env finds the interpreter.`,
    silent: [
      '`NN-run-chroot.sh` and the bodies of `on_chroot`: pi-gen runs them with `bash -e`',
      '`-e` among other options, `set -euo pipefail`, `set -o errexit`, a `trap … ERR` that exits',
      'scripts in other languages',
      'scripts that only assign variables and print, or end with the one command that does something, such as an `on_chroot` block: their status is that of their last command',
    ],
    bad: { tree: 'bad-shebangs', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-shebangs', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (file.place !== 'host') return;
    const shebang = readShebang(file.text);
    // shell-interpreter reports a line that was meant to be the first.
    if (shebang === undefined && findLostShebang(file.text) !== undefined) return;
    // line-endings reports the mark that hides it.
    if (file.text.startsWith('\uFEFF#!')) return;
    if (shebang !== undefined && !shells.has(shebang.interpreter)) return;
    if (shebang !== undefined && hasErrexit(shebang.options.split(/[ \t]+/))) return;
    if (endsWithItsWork(file.script) || setsErrexit(file.script)) return;
    yield {
      message: `This script goes on after a command has failed, so the build ends well ${effectOf(file)}. ${advice(shebang)}`,
      file: file.path,
      span: shebang?.span ?? { start: 0, end: 0 },
      fixes: [fixFor(file, shebang)],
    };
  },
};

function effectOf({ isPostrun }: ScriptFile): string {
  return isPostrun ? 'while what was to be done with its images is not' : 'while the image lacks what failed';
}

const shells = new Set(['bash', 'sh', 'dash', 'ash', 'ksh', 'zsh']);

function advice(shebang: Shebang | undefined): string {
  if (shebang === undefined) return 'Begin it with #!/bin/bash -e.';
  return shebang.viaEnv ? 'Add set -e below its first line.' : 'Add -e to its first line.';
}

/** Whether the options of a shell, or of `set`, hold `-e` or `-o errexit`. */
function hasErrexit(options: readonly string[]): boolean {
  return options.some(
    (option, i) =>
      /^-[a-zA-Z]*e/.test(option) || (/^-[a-zA-Z]*o$/.test(option) && options[i + 1] === 'errexit'),
  );
}

/** Whether nothing is left to go on to after a failure: the status of the last command is that of the script. */
function endsWithItsWork({ commands }: Script): boolean {
  const work = commands.filter((command) => !isHarmless(command));
  const [only, second] = work;
  if (only === undefined) return true;
  return (
    second === undefined && commands.at(-1) === only && !only.ancestors.some(({ type }) => again.has(type))
  );
}

/** What may run its commands more than once, or elsewhere. */
const again = new Set([
  'for_statement',
  'c_style_for_statement',
  'while_statement',
  'function_definition',
  'negated_command',
]);

/** Commands whose failing is no loss to anybody. */
const telling = new Set([
  'echo',
  'log',
  'printf',
  ':',
  'true',
  '[',
  '[[',
  'test',
  'export',
  'set',
  'readonly',
]);

function isHarmless(command: Command): boolean {
  return command.name === undefined || (telling.has(nameOf(command) ?? '') && command.redirects.length === 0);
}

/** Commands that prepare a script and whose failing does no harm to the image. */
const preparing = new Set([
  'set',
  'shopt',
  'trap',
  'echo',
  'log',
  'printf',
  ':',
  'true',
  'source',
  '.',
  'cd',
  'umask',
  'test',
  '[',
]);

/** Whether the script turns errexit on before it does anything, or handles errors with a trap. */
function setsErrexit(script: Script): boolean {
  for (const command of script.commands) {
    const name = nameOf(command);
    const literals = command.arguments.map(({ text }) => text);
    if (name === 'set' && isTopLevel(command) && hasErrexit(literals)) return true;
    if (name === 'trap' && literals.includes('ERR')) return true;
    if (isWork(command)) return false;
  }
  return false;
}

/** Functions, conditions and substitutions at the top of a script prepare it too. */
function isWork(command: Command): boolean {
  if (command.name === undefined || !isTopLevel(command)) return false;
  return !preparing.has(nameOf(command) ?? '');
}

function fixFor(file: ScriptFile, shebang: Shebang | undefined): Fix {
  const at = (start: number, end: number) => file.lines.range({ start, end });
  const edit = (start: number, end: number, text: string): Fix['edits'] => [
    { kind: 'replace', file: file.path, range: at(start, end), text },
  ];
  if (shebang === undefined) {
    return {
      title: 'Add the first line #!/bin/bash -e',
      edits: edit(0, 0, '#!/bin/bash -e\n'),
      preferred: true,
    };
  }
  const { options, optionsSpan, viaEnv, span } = shebang;
  if (viaEnv || !/^(?:-[a-zA-Z]+)?$/.test(options) || options.endsWith('o')) {
    // env passes a single word on, and the kernel hands all options over as one.
    return { title: 'Add set -e', edits: edit(span.end, span.end, '\nset -e'), preferred: true };
  }
  if (options === '') {
    return {
      title: 'Add -e to the first line',
      edits: edit(optionsSpan.start, optionsSpan.start, ' -e'),
      preferred: true,
    };
  }
  const afterDash = optionsSpan.start + 1;
  return { title: 'Add -e to the first line', edits: edit(afterDash, afterDash, 'e'), preferred: true };
}
