import { programsOf } from '../../shell/queries';
import type { Command, Script } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import { textOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';

export const chrootKernel: Rule = {
  name: 'chroot-kernel',
  severity: 'warning',
  summary: "`$(uname -r)` inside the chroot, where it names the build host's kernel.",
  page: {
    why: `\`on_chroot\` (scripts/common) changes the root file system, not the kernel: inside the chroot \`uname -r\` still answers with the
kernel of the machine that builds, such as \`6.1.0-18-amd64\`. The image's kernels are the folders of \`/lib/modules\`.`,
    build: `\`apt-get install linux-headers-$(uname -r)\` fails with \`Unable to locate package\`; \`depmod\` and \`dkms\` work for a kernel that
the image does not have, and the module is missing on the Raspberry Pi.`,
    fix: `Take the image's kernels: \`for kernel in /lib/modules/*; do depmod "$(basename "$kernel")"; done\`, and the package
\`linux-headers-rpi-v8\` (\`raspberrypi-kernel-headers\` up to bullseye) for the headers.`,
    silent: [
      '`uname -r` in a host script, outside of `on_chroot`',
      '`uname -r` and `uname -a` alone or in a printed text: a note in the log',
      '`uname -m`',
      'in a condition, a `case` or behind `||`, where another answer is provided for',
      'texts of scripts that run on the Raspberry Pi later',
    ],
    bad: { tree: 'bad-kernel', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-kernel', show: 'stage-app/00-service/00-run-chroot.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (!/\buname\b/.test(file.text)) return;
    for (const program of programsOf(file.script)) {
      const substituted = program.source === 'substitution';
      // The build host runs the substitution of an unquoted heredoc, and its kernel is the same.
      const place = substituted ? placeOfHeredoc(program) : program.place;
      if (place !== 'chroot') continue;
      for (const command of program.commands) {
        if (!asksForKernel(command) || (!substituted && !isUsed(program, command))) continue;
        yield {
          message:
            "uname -r names the kernel of the build host, which the image does not have. Take the image's kernels: the folders of /lib/modules.",
          file: file.path,
          span: program.toFileSpan({
            start: command.span.start,
            end: command.arguments.at(-1)?.span.end ?? command.span.end,
          }),
        };
      }
    }
  },
};

function placeOfHeredoc({ parent, heredoc, runBy, text }: Script): Script['place'] | undefined {
  const body = parent?.embedded.find((other) => other.source === 'heredoc' && other.heredoc === heredoc);
  if (body === undefined) return undefined;
  const user = body.commands.find((command) => textOf(body, command.span).includes(text));
  const name = user && invocationOf(user)?.name;
  return runBy !== undefined && !printers.has(name ?? '') ? body.place : undefined;
}

function asksForKernel(command: Command): boolean {
  const invocation = invocationOf(command);
  return (
    invocation?.name === 'uname' &&
    invocation.arguments.some(({ text }) => /^-[a-z]*r|^--kernel-release$/.test(text))
  );
}

const printers = new Set(['echo', 'printf', 'log', 'logger']);
const choosing = new Set(['if_statement', 'case_statement', 'list', 'test_command', 'while_statement']);

/** Whether its answer goes into a command or a variable, with no other one provided for. */
function isUsed(program: Script, command: Command): boolean {
  let substituted = false;
  for (const { type, children } of command.ancestors) {
    if (type === 'command_substitution') substituted = true;
    if (choosing.has(type)) return false;
    if (type === 'command') {
      const name = children.find((child) => child.field === 'name');
      if (name !== undefined && printers.has(textOf(program, name))) return false;
    }
  }
  return substituted;
}
