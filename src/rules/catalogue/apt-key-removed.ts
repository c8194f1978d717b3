import { isSince } from '../../pigen/release';
import { isInside, programsOf } from '../../shell/queries';
import type { Command } from '../../shell/script';
import { placeOf } from '../../shell/place-at';
import { invocationOf } from '../../shell/shell-invocation';
import { definesFunction } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';

export const aptKeyRemoved: Rule = {
  name: 'apt-key-removed',
  severity: 'warning',
  summary: '`apt-key` inside the chroot from trixie on, which no longer has it.',
  page: {
    why: `apt-key put the keys of further repositories where they spoke for every repository. Debian has warned of it for years, and
apt 3.0, that of trixie, comes without it.`,
    build: `The build stops at this line: \`apt-key: command not found\`, or \`apt-key: No such file or directory\` behind \`on_chroot\`. Where it
goes on, apt refuses the repository: \`NO_PUBKEY\`, \`is not signed\`.`,
    fix: `Put the key into a file below /usr/share/keyrings, readable by all, and name that file in the source:

\`\`\`bash
curl -fsSL https://example.org/key.asc -o /usr/share/keyrings/example.asc
echo "deb [signed-by=/usr/share/keyrings/example.asc] https://example.org/debian trixie main" > /etc/apt/sources.list.d/example.list
apt-get update
\`\`\``,
    silent: [
      'trees for bookworm and older (by `RELEASE` in config, by the workflow, or by the branch of pi-gen), and trees that tell no release',
      'in a condition, or behind `||`, where something else is provided for',
      'the build host’s own apt-key, and texts of scripts that run on the Raspberry Pi later',
    ],
    bad: { tree: 'bad-keys', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-keys', show: 'stage-app/00-service/00-run-chroot.sh' },
  },

  *checkScript(file: ScriptFile, { release }: TreeContext): Iterable<Report> {
    if (!/\bapt-key\b/.test(file.text) || !isSince(release, 'trixie')) return;
    for (const program of programsOf(file.script)) {
      if (definesFunction(program, 'apt-key')) continue;
      for (const command of program.commands) {
        const name = aptKeyIn(command);
        if (name === undefined || isInside(command, ...choosing)) continue;
        if (name === 'own' && placeOf(program, command.span) !== 'chroot') continue;
        if (name === 'on_chroot' && program.place !== 'host') continue;
        yield {
          message:
            "From trixie on there is no apt-key, and the build stops here. Put the key into a file below /usr/share/keyrings and name it in the source's signed-by.",
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

const choosing = ['if_statement', 'list', 'case_statement', 'while_statement', 'negated_command'] as const;

/** Whether a command is apt-key itself, or `on_chroot apt-key`, which works as long as apt-key is a shell script. */
function aptKeyIn(command: Command): 'own' | 'on_chroot' | undefined {
  const invocation = invocationOf(command);
  if (/^(?:\/usr\/bin\/)?apt-key$/.test(invocation?.nameWord.literal ?? '')) return 'own';
  const isHanded = /^(?:\/usr\/bin\/)?apt-key$/.test(invocation?.arguments[0]?.literal ?? '');
  return invocation?.name === 'on_chroot' && isHanded ? 'on_chroot' : undefined;
}
