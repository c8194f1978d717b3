import { isInBackground, programsOf } from '../../shell/queries';
import type { Script } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import { placeOf } from '../../shell/place-at';
import type { Report, Rule, ScriptFile } from '../rule';

export const daemonInChroot: Rule = {
  name: 'daemon-in-chroot',
  severity: 'warning',
  summary: 'A process in the background inside the chroot that nothing waits for or ends.',
  page: {
    why: `\`on_chroot\` (scripts/common) does not end what runs in the background when its bash ends. At the end of the stage \`run_stage\`
in build.sh calls \`unmount\`, which cannot unmount a file system that a process still uses.`,
    build: `The command may not have done its work when the next step begins, and the log ends the stage with
\`umount: …/rootfs/…: target is busy\`.`,
    fix: `Run it in the foreground; or end it before the script ends: \`app & pid=$!\` … \`kill "$pid"; wait "$pid"\`.`,
    silent: [
      'scripts that `wait` for or `kill` what they started, by any name',
      'a `&` in texts and in `&>`',
      'background processes of host scripts',
    ],
    bad: { tree: 'bad-background', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-background', show: 'stage-app/00-service/00-run-chroot.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (!file.text.includes('&')) return;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'chroot' || endsProcesses(program)) continue;
      for (const command of program.commands) {
        const invocation = invocationOf(command);
        if (invocation === undefined || !isInBackground(command)) continue;
        if (command.ancestors.some(({ type }) => type === 'function_definition')) continue;
        if (placeOf(program, invocation.nameWord.span) !== 'chroot') continue;
        yield {
          message: `${invocation.name} runs in the background, and nothing here waits for it or ends it: it may not be done when the next step begins, and keeps the chroot from being unmounted. Run it in the foreground, or end it with kill and wait.`,
          file: file.path,
          span: program.toFileSpan(invocation.nameWord.span),
        };
      }
    }
  },
};

const enders = new Set([
  'wait',
  'kill',
  'pkill',
  'killall',
  'fuser',
  'trap',
  'mysqladmin',
  'start-stop-daemon',
]);

function endsProcesses(program: Script): boolean {
  for (const inner of programsOf(program)) {
    if (inner.commands.some((command) => enders.has(invocationOf(command)?.name ?? ''))) return true;
  }
  return false;
}
