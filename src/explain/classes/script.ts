import { fileStart, LineIndex } from '../../pigen/text';
import { isExportedByPiGen } from '../../pigen/config/visible-variables';
import { programsOf } from '../../shell/queries';
import type { Clue, FailureClass, Place } from '../failure-class';
import { atMessageOr, atName, atWords } from '../places';
import { placeOfMessage } from '../script-lines';
import type { Scene } from '../scene';

function firstLine(_clue: Clue, scene: Scene): Promise<Place | undefined> {
  return Promise.resolve(scene.local && { file: scene.local.path, range: fileStart });
}

async function onChrootCall(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const read = await scene.script();
  const name = clue.match.groups?.['name'] ?? '';
  const base = name.slice(name.lastIndexOf('/') + 1);
  const calls =
    read?.script?.commands.filter(
      (command) => command.name?.literal === 'on_chroot' && command.arguments.length > 0,
    ) ?? [];
  const call =
    calls.find(({ arguments: words }) => words[0]?.literal === name || words[0]?.literal === base) ??
    calls[0];
  if (read === undefined || call === undefined) return scene.stepPlace();
  return { file: read.path, range: read.lines.range(call.span) };
}

/** In a heredoc, a variable that the build host replaces although the code in the heredoc is what sets it. */
async function lostVariable(scene: Scene): Promise<Place | undefined> {
  const read = await scene.script();
  for (const program of read?.script === undefined ? [] : programsOf(read.script)) {
    for (const { name, span } of program.hostExpansions) {
      const assigned = program.commands.some(({ assignments }) =>
        assignments.some((one) => one.name === name),
      );
      if (read !== undefined && assigned)
        return { file: read.path, range: read.lines.range(program.toFileSpan(span)) };
    }
  }
  return undefined;
}

/** Where a config sets the variable of a message, and exports it nowhere. */
function notExported(clue: Clue, scene: Scene): Place | undefined {
  const name = clue.match.groups?.['name'];
  // What build.sh exports by itself reaches every script: then it is not the config that hides it.
  if (name === undefined || scene.tree === undefined || isExportedByPiGen(scene.tree, name)) return undefined;
  for (const { path, text, assignments } of scene.tree.configs) {
    const own = assignments.filter((one) => one.name === name);
    const last = own.at(-1);
    if (last === undefined || own.some(({ exported }) => exported)) continue;
    return { file: path, range: new LineIndex(text).range(last.span) };
  }
  return undefined;
}

/** Where a workflow that runs pi-gen-action sets the variable of a message. */
function inWorkflow(clue: Clue, scene: Scene): Place | undefined {
  const name = clue.match.groups?.['name'];
  for (const { path, steps, environment } of scene.tree?.workflows ?? []) {
    const variable = environment.find((one) => one.name === name);
    if (steps.length > 0 && variable !== undefined) return { file: path, range: variable.nameRange };
  }
  return undefined;
}

/** Whether the line names the open script itself, not one that it calls. */
function isOpenScript(clue: Clue, scene: Scene): boolean {
  const name = clue.match.groups?.['name'] ?? '';
  return scene.frame?.path.endsWith(name.replace(/^\.?\/?/, '/')) === true;
}

const scripts = ['run', 'run-chroot', 'prerun', 'postrun'] as const;
const host = ['run', 'prerun', 'postrun'] as const;
const lf = 'Convert it to LF, and keep it so with "* text=auto eol=lf" in .gitattributes.';

/** What bash says of a variable that the script lacks; where it was to come from, each of three classes tells. */
const unsetVariable = {
  signs: [': unbound variable', ': parameter null or not set', ': parameter not set'],
  match: /(?:^|: )(?<name>[A-Za-z_]\w*): (?:unbound variable|parameter (?:null or )?not set)$/,
  certainty: 'certain',
  during: scripts,
} as const;

/** How a script of a stage is written: its first line, its line endings, its syntax, what it calls and expands. */
export const scriptClasses: readonly FailureClass[] = [
  {
    name: 'pm2-startup',
    signs: ['[PM2] To setup the Startup Script'],
    match: /^\[PM2\] To setup the Startup Script, copy\/paste/,
    says: '[PM2] To setup the Startup Script, copy/paste the following command:',
    certainty: 'likely',
    during: ['run', 'run-chroot'],
    cause:
      'Run by a user, pm2 startup only prints the command that root is to run, and ends with status 1: under -e the script ends there without a word.',
    fix: 'Run it as root for that user: pm2 startup systemd -u "$FIRST_USER_NAME" --hp "/home/$FIRST_USER_NAME". Or install a unit file of your own.',
    locate: atWords('startup'),
  },
  {
    name: 'shell-interpreter',
    signs: [': not found'],
    match: /(?<name>on_chroot|copy_previous|bootstrap|log|unmount): not found$/,
    says: './00-run.sh: 3: on_chroot: not found',
    during: host,
    certainty: 'certain',
    cause: "The script runs in plain sh, which has none of pi-gen's functions: {name} exists in bash only.",
    fix: 'Begin the script with #!/bin/bash -e.',
    locate: firstLine,
  },
  {
    name: 'shell-interpreter',
    signs: ['line 1: '],
    match: /^(?:\.\/)?\S+\.sh: line 1: (?<name>[^#:]{0,3}#?!\s*\/\S+): No such file or directory/,
    says: './00-run.sh: line 1: !/bin/bash: No such file or directory',
    during: host,
    certainty: 'likely',
    lasting: true,
    cause:
      'The first line of the script is no #! line, so bash runs it without -e: it goes on after an error, and what it makes may be incomplete.',
    fix: 'Begin the script with #!/bin/bash -e, and nothing before it (no byte order mark either).',
    locate: firstLine,
  },
  {
    name: 'line-endings',
    signs: [
      '/bash: -',
      ': invalid option',
      "'bash\\r'",
      "\\r'",
      '^M',
      'cannot execute: required file not found',
    ],
    match:
      /(?:\/bash: -\s*: invalid option|^: invalid option$|'bash\\r'|\$'\\r': command not found|\$'.*\\r'|\^M: bad interpreter|(?<name>\S+): cannot execute: required file not found)/,
    says: "/bin/bash: line 2: $'\\r': command not found",
    during: scripts,
    certainty: 'certain',
    when: async (clue, scene) => {
      if (!clue.text.includes('required file not found')) return true;
      if (!isOpenScript(clue, scene)) return false;
      const text = scene.local === undefined ? undefined : await scene.readText(scene.local.path);
      return text === undefined || /^[^\n]*\r/.test(text);
    },
    cause:
      "The script has Windows line endings, and bash takes the extra character for part of each line's last word.",
    fix: lf,
    locate: async (clue, scene) =>
      clue.text.includes('build.sh: line')
        ? firstLine(clue, scene)
        : ((await placeOfMessage(clue.text, scene)) ?? firstLine(clue, scene)),
  },
  {
    name: 'shell-interpreter',
    signs: ['cannot execute: required file not found', 'bad interpreter'],
    match: /(?<name>\S+): (?:cannot execute: required file not found|(?<interpreter>\S+): bad interpreter: )/,
    says: './build.sh: line 69: ./00-run.sh: cannot execute: required file not found',
    during: scripts,
    certainty: 'likely',
    cause: 'The program that the first line of {name} names does not exist where the script runs.',
    fix: 'Correct its #! line (for pi-gen’s own scripts: #!/bin/bash -e), or install what it names before.',
    locate: (clue, scene) => (isOpenScript(clue, scene) ? firstLine(clue, scene) : atName(clue, scene)),
  },
  {
    name: 'on-chroot-arguments',
    signs: ['cannot execute binary file'],
    // The bash that on_chroot starts as `bash -e WORD…` takes the word for a script file.
    match:
      /^(?:(?:\/(?:usr\/)?bin\/)?bash: )?(?!line )(?<name>(?:\/\S+\/)?[^\s:]+): (?:\k<name>: )?cannot execute binary file$/,
    says: '/usr/bin/apt-get: /usr/bin/apt-get: cannot execute binary file',
    during: ['run', 'prerun'],
    certainty: 'certain',
    cause:
      'on_chroot was given a command as arguments; it starts bash with them, and bash takes {name} for a script file.',
    fix: 'Write on_chroot -c "command", or give it the commands in a heredoc.',
    locate: onChrootCall,
  },
  {
    name: 'heredoc-host-expansion',
    signs: [
      'missing operand',
      'missing file operand',
      'missing destination',
      ': not found',
      "' not found",
      'requires an argument',
      ': invalid option',
      ': command not found',
      'missing URL',
    ],
    match:
      /(?:missing (?:destination )?(?:file )?operand|missing URL|fatal: repository '\S*\/' not found|requires an argument|invalid option|command not found)/,
    says: 'mkdir: missing operand',
    during: ['run', 'prerun'],
    certainty: 'likely',
    when: async (_clue, scene) => (await lostVariable(scene)) !== undefined,
    cause:
      'A variable is empty in the chroot: its heredoc has an unquoted marker, so that the build host replaces the variable before the code in the heredoc has set it.',
    fix: "Quote the marker (<< 'EOF'), or write \\$ for what the chroot is to expand.",
    locate: (_clue, scene) => lostVariable(scene),
  },
  {
    name: 'heredoc-host-expansion',
    signs: ['fatal: repository '],
    match: /^fatal: repository '(?<name>\w+:\/\/[^/']+\/[^/']*\/?)' not found/,
    says: "fatal: repository 'https://github.com/example/' not found",
    during: ['run', 'run-chroot', 'prerun'],
    certainty: 'guess',
    cause:
      'An address ends where a name should follow: {name}. A variable was empty there, as it is where an unquoted heredoc (of on_chroot, or of the workflow that writes the script) was expanded too early.',
    fix: "Quote the marker of the heredoc (<< 'EOF'), or write \\$ for what is to be expanded later.",
    locate: atWords('git clone', 'git'),
  },
  {
    name: 'syntax-error',
    signs: ['syntax error', 'unexpected EOF while looking', 'here-document at line'],
    match:
      /(?:line \d+: |\d+: )(?:.*)(?:syntax error(?: near unexpected token .*|: unexpected end of file.*|.*)|unexpected EOF while looking for matching|unexpected end of file|Syntax error: )/i,
    says: "/bin/bash: line 4: syntax error near unexpected token `fi'",
    certainty: 'certain',
    during: [...scripts, 'packages', 'packages-nr', 'debconf'],
    cause: 'bash cannot read the script: its syntax is broken at or before this line.',
    fix: 'Mend the syntax; often a quote, a "fi" or the line that ends a heredoc is missing (with << it must stand at the start of the line, with <<- only tabs may stand before it).',
    follows: ['line-endings'],
  },
  {
    name: 'unset-variable',
    ...unsetVariable,
    says: './00-run.sh: line 5: APP_VERSION: unbound variable',
    when: (clue, scene) => notExported(clue, scene) !== undefined,
    cause:
      'The config sets {name} without exporting it: build.sh alone sees it, and no script that it starts.',
    fix: 'Write export {name}=… in config.',
    locate: (clue, scene) => Promise.resolve(notExported(clue, scene)),
  },
  {
    name: 'environment-not-passed',
    ...unsetVariable,
    says: './00-run.sh: line 6: RELEASE_TAG: unbound variable (in a workflow that sets it in env:)',
    when: (clue, scene) => scene.isOfAction && inWorkflow(clue, scene) !== undefined,
    cause:
      'The workflow sets {name} in an env:, and nothing of that environment reaches the scripts: they run in the build container, which gets the config alone.',
    fix: 'Hand it over with the input docker-opts: -e {name}, or write it into a file of the sub-stage in a step before the action.',
    locate: (clue, scene) => Promise.resolve(inWorkflow(clue, scene)),
  },
  {
    name: 'unset-variable',
    ...unsetVariable,
    says: './00-run.sh: line 5: APP_VERSION: unbound variable',
    cause: 'The script uses the variable {name}, and nothing that it sees sets it.',
    fix: 'Set it in the script, or write export {name}=… in config: scripts see only what is exported there. Of your own shell nothing reaches a build in Docker: hand it over with PIGEN_DOCKER_OPTS="-e {name}".',
    locate: atMessageOr(),
  },
  {
    name: 'helper-not-executable',
    signs: [': Permission denied'],
    match: /line \d+: (?<name>(?:\.?\.?\/|files\/)\S+): Permission denied$/,
    says: './00-run.sh: line 3: ./files/setup: Permission denied',
    during: scripts,
    certainty: 'likely',
    cause: '{name} may not be run: most often it lacks its execute bit.',
    fix: 'Set the execute bit, in git too: chmod +x and git update-index --chmod=+x; or call it with bash.',
    locate: atMessageOr(),
  },
  {
    name: 'gpg-asks',
    signs: ["gpg: cannot open '/dev/tty'"],
    match: /^gpg: cannot open '\/dev\/tty'/,
    says: "gpg: cannot open '/dev/tty': No such device or address",
    during: scripts,
    certainty: 'likely',
    cause:
      'gpg has a question, most often whether to overwrite the file that it is to write, and there is no terminal in a build. The file is there when the step runs a second time.',
    fix: 'Call it as gpg --batch --yes --dearmor -o FILE.',
    locate: atWords('gpg'),
  },
  {
    name: 'no-terminal',
    signs: [
      'the input device is not a TTY',
      'TERM environment variable not set',
      'Inappropriate ioctl for device',
    ],
    match:
      /(?:the input device is not a TTY|TERM environment variable not set|Inappropriate ioctl for device|stdin: is not a tty)/i,
    says: 'the input device is not a TTY',
    during: scripts,
    certainty: 'guess',
    cause: 'A program wants to talk with a person at a terminal, and there is none in a build.',
    fix: 'Call it with its option for unattended use, and with < /dev/null, since its input is the rest of the script.',
    locate: atWords(),
  },
];
