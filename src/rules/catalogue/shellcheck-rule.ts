import type { Rule } from '../rule';

/**
 * What ShellCheck says is told under this name. ShellCheck is a program of its own, which src/shellcheck/ runs once the rules
 * are done: here is what makes it one among them for settings, comments and pages.
 */
export const shellcheck: Rule = {
  name: 'shellcheck',
  severity: 'warning',
  summary: 'What ShellCheck finds in host scripts, chroot scripts, and in the programs inside heredocs.',
  page: {
    why: `[ShellCheck](https://www.shellcheck.net) knows hundreds of mistakes that bash forgives and users do not. It reads a file, so it
sees nothing of the programs inside \`on_chroot << EOF\`, and knows nothing of pi-gen. Here it gets each program as the bash that runs it
will get it: host scripts in the dialect of their \`#!\` line, \`NN-run-chroot.sh\` and the bodies of \`on_chroot\` as \`bash -e\` (scripts/common,
on_chroot). In an unquoted heredoc the backslashes of \`\\$x\` are taken away, and what the build host replaces first becomes underscores
of the same length. Positions and ShellCheck’s own fixes are mapped back to the file.`,
    build:
      'It depends on the finding, whose code leads to its page in ShellCheck’s wiki. ShellCheck cannot know whether the build fails, so its errors and warnings are warnings here, its notes information, its style hints, and a loop over a single plain word (SC2043) a hint.',
    fix: `The quick fix applies ShellCheck’s own fix where it has one. \`--fix\` and "fix all" apply only those that keep what the script does
(SC2004, SC2006, SC2164, SC2236, SC2237). \`# shellcheck disable=SC2086\` silences as always, in the body of a heredoc too; above an
\`on_chroot << EOF\` or at the top of a script it also goes for the bodies. \`.shellcheckrc\` is honoured. \`SC2086: off\` in \`.pigen.yaml\` turns
one code off.

ShellCheck is found by \`--shellcheck PATH\` or the setting \`pi-gen.shellcheck.path\`, else on the PATH. Without one all other rules work.`,
    silent: [],
    bad: { tree: 'bad-heredocs', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-heredocs', show: 'stage-app/00-service/00-run.sh' },
  },
};
