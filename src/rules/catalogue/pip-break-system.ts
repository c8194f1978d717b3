import type { Fix } from '../../pigen/finding';
import { isSince } from '../../pigen/release';
import { programsOf } from '../../shell/queries';
import type { Script, Word } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import type { Invocation } from '../../shell/shell-invocation';
import { placeOf } from '../../shell/place-at';
import { definesFunction, fileSpanToEdit } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';

export const pipBreakSystem: Rule = {
  name: 'pip-break-system',
  severity: 'warning',
  summary: "`pip install` into the image's own Python from bookworm on, which pip refuses.",
  // Another step may take Debian's marker away, or configure pip.
  reach: 'tree',
  page: {
    why: `From bookworm on Debian marks its Python as managed by apt (the file \`EXTERNALLY-MANAGED\`, PEP 668). pip then refuses to install
anything outside of a virtual environment.`,
    build: `The build stops at this line:

\`\`\`
error: externally-managed-environment
× This environment is externally managed
\`\`\``,
    fix: `Use Debian's package where there is one (\`python3-flask\` in \`NN-packages\`), or a virtual environment:

\`\`\`bash
python3 -m venv /opt/app/venv
/opt/app/venv/bin/pip install flask
\`\`\`

The quick fix adds \`--break-system-packages\`, which does what bullseye did.`,
    silent: [
      'trees for bullseye and older (by `RELEASE` in config, by the workflow, or by the branch of pi-gen), and trees that tell no release',
      '`--break-system-packages`, `PIP_BREAK_SYSTEM_PACKAGES`, a pip.conf that says so, and a tree that removes `EXTERNALLY-MANAGED`',
      "a virtual environment's own pip (`/opt/app/bin/pip`), and scripts that activate one or put one into PATH",
      '`pip install --target` and `--dry-run`, `pip download`',
    ],
    bad: { tree: 'bad-installs', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-installs', show: 'stage-app/00-service/00-run-chroot.sh' },
  },

  *checkScript(file: ScriptFile, context: TreeContext): Iterable<Report> {
    if (!/\bpip[23]?\b/.test(file.text) || environment.test(file.text)) return;
    if (!isSince(context.release, 'bookworm') || isAllowed(context)) return;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'chroot') continue;
      for (const command of program.commands) {
        const invocation = invocationOf(command);
        const install = invocation && installWord(invocation);
        if (invocation === undefined || install === undefined) continue;
        if (definesFunction(program, invocation.name) || placeOf(program, install.span) !== 'chroot')
          continue;
        yield {
          message:
            'From bookworm on pip refuses to install into the system\'s Python ("externally-managed-environment"), and the build stops here. Use a python3-… package, a virtual environment, or --break-system-packages.',
          file: file.path,
          span: program.toFileSpan({ start: invocation.nameWord.span.start, end: install.span.end }),
          fixes: [optionFix(file, program, install)],
        };
      }
    }
  },
};

/** A virtual environment that the script enters, or another Python than Debian's. */
const environment = /bin\/activate|VIRTUAL_ENV|PATH=\S*(?:venv|virtualenv|env\/bin)|pyenv|conda|pipx|PIP_/;

/** Whether a script of the tree takes Debian's marker away, or tells pip not to mind it. */
function isAllowed({ scripts }: TreeContext): boolean {
  for (const { text } of scripts.values()) {
    if (
      /EXTERNALLY-MANAGED|PIP_BREAK_SYSTEM_PACKAGES|break-system-packages\s*=|pip3? config|pip\.conf/.test(
        text,
      )
    )
      return true;
  }
  return false;
}

/** The word `install` of a pip that works on the system's Python; undefined for every other command. */
function installWord({ name, nameWord, arguments: words }: Invocation): Word | undefined {
  // Elsewhere lies the pip of a virtual environment, or of a Python of the author's own.
  if (!/^(?:\/usr\/bin\/)?(?:pip|python)[\d.]*$/.test(nameWord.literal ?? '')) return undefined;
  const isModule = name.startsWith('python');
  if (isModule && (words[0]?.literal !== '-m' || words[1]?.literal !== 'pip')) return undefined;
  const rest = isModule ? words.slice(2) : words;
  const verb = rest.find(({ text }) => !text.startsWith('-'));
  if (verb?.literal !== 'install') return undefined;
  const other = /^(?:--(?:break-system-packages|target|prefix|root|dry-run|python|download)\b|-t$|["']?\$)/;
  return rest.some(({ text }) => other.test(text)) ? undefined : verb;
}

function optionFix(file: ScriptFile, program: Script, install: Word): Fix {
  const at = fileSpanToEdit(file.text, program, install.span).end;
  return {
    title: 'Add --break-system-packages',
    edits: [
      {
        kind: 'replace',
        file: file.path,
        range: file.lines.range({ start: at, end: at }),
        text: ' --break-system-packages',
      },
    ],
  };
}
