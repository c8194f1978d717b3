import type { Fix } from '../../pigen/finding';
import { isInside, isInUnfinished, programsOf } from '../../shell/queries';
import type { Command, Script } from '../../shell/script';
import type { Invocation } from '../../shell/shell-invocation';
import { hasOwnInput, inputReader, isApt, isReadFromInput, isShell } from '../../shell/standard-input';
import { placeOf } from '../../shell/place-at';
import { isSwallowed } from '../knowledge/missed-end';
import { definesFunction, fileSpanToEdit } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';

export const stdinInChroot: Rule = {
  name: 'stdin-in-chroot',
  severity: 'warning',
  summary: 'A command inside the chroot that reads the rest of the script as its input.',
  page: {
    why: `\`run_sub_stage\` in build.sh runs \`on_chroot < NN-run-chroot.sh\`: the script is the **standard input** of the bash inside the chroot, and
so is the body of an \`on_chroot\` heredoc. A command that reads its standard input gets the lines that follow.`,
    build: `Nothing fails: \`cat > /etc/app.conf\` writes the rest of the script into the file, \`ssh\` and \`read\` swallow it, \`apt-get install\`
without \`-y\` takes a line of it for an answer to its question. What the command has read never runs; a \`bash -s\` runs it, but without \`-e\`, and
\`python3 -\` or \`mysql\` take it for their own language.`,
    fix: `Give the command an input of its own: a heredoc, \`< file\`, or \`< /dev/null\`. apt-get gets \`-y\`; the quick fix adds it.`,
    silent: [
      'commands with `< file`, a heredoc, `<<<` or a pipe of their own, and those in a `while … done < file`',
      '`apt-get -y`, `-qq`, `--yes`, and where apt is configured to assume yes',
      '`cat file`, `read -u 3`, `ssh -n`, `adduser --disabled-password`',
      '`bash FILE`, `sh -c "…"`, `python3 FILE`, `python3 -m pip`, `psql -c`, `mysql -e`',
      '`python` and its like without any argument where the script sources files: they may define a function of that name',
      'commands in functions, which may be called with an input of their own',
      'the last command: nothing follows that it could swallow, unless it asks a question',
      'host scripts, and `on_chroot -c "…"`',
    ],
    bad: { tree: 'bad-readers', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-readers', show: 'stage-app/00-service/00-run-chroot.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (!mayRead.test(file.text) || (file.place === 'host' && !/chroot|nspawn/.test(file.text))) return;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'chroot' || !isReadFromInput(program) || isSwallowed(program)) continue;
      for (const command of program.commands) {
        const reader = inputReader(command);
        if (reader === undefined || hasOwnInput(command) || definesFunction(program, reader.name)) continue;
        // A loop whose end is not typed yet may still get its input there.
        if (isInside(command, 'function_definition') || isInUnfinished(command)) continue;
        if (placeOf(program, reader.nameWord.span) !== 'chroot') continue;
        if (isLostShebang(program, reader) || mayBeFunction(program, reader)) continue;
        if (isApt(reader)) {
          if (/Assume-Yes/i.test(file.text)) continue;
        } else if (!isFollowed(program, command)) continue;
        yield {
          message: messageFor(reader),
          file: file.path,
          span: program.toFileSpan({
            start: reader.nameWord.span.start,
            end: reader.arguments.at(-1)?.span.end ?? reader.nameWord.span.end,
          }),
          fixes: [...assumeYes(file, program, reader)],
        };
      }
    }
  },
};

/** Spares many scripts the parsing. */
const mayRead =
  /\b(?:adduser|apt|apt-get|aptitude|cat|chpasswd|debconf-set-selections|ffmpeg|mapfile|mariadb|mysql|passwd|patch|psql|python3?|read|readarray|(?:ba|da|a)?sh|ssh|tee|xargs)\b/;

/** `!/bin/bash -e` in the first line is meant for a #! line, of which shell-interpreter speaks. */
function isLostShebang({ text, source }: Script, { nameWord }: Invocation): boolean {
  return source === 'file' && /^\s*[!#]*\s*\/?[\w/]*$/.test(text.slice(0, nameWord.span.end));
}

/** `python` alone, below a `source`, is the name of a step that installs it. */
function mayBeFunction({ variables }: Script, reader: Invocation): boolean {
  return otherLanguages.has(reader.name) && reader.arguments.length === 0 && variables.sourced.length > 0;
}

function isFollowed(program: Script, { span }: Command): boolean {
  return program.commands.some((other) => other.span.start >= span.end);
}

const otherLanguages = new Set(['mariadb', 'mysql', 'psql', 'python', 'python3']);

function messageFor(reader: Invocation): string {
  if (isShell(reader)) {
    return `${reader.name} reads its commands from its standard input, and in here that is the rest of this script: it runs what follows itself, without the -e of on_chroot, and this script ends here. Give it a file or -c, or an input of its own.`;
  }
  if (otherLanguages.has(reader.name)) {
    return `${reader.name} reads its program from its standard input, and in here that is the rest of this script, which is none of its own language and never runs. Give it a file or an input of its own: a heredoc, or < file.`;
  }
  return isApt(reader)
    ? `${reader.name} asks before it goes on, and takes the answer from its standard input: in here that is the rest of this script. Add -y.`
    : `${reader.name} reads its standard input, and in here that is the rest of this script: what follows never runs, and nothing fails. Give it an input of its own: a heredoc, a file, or < /dev/null.`;
}

function* assumeYes(file: ScriptFile, program: Script, reader: Invocation): Generator<Fix> {
  const verb = reader.arguments.find(({ literal }) => literal?.startsWith('-') === false);
  if (!isApt(reader) || verb === undefined) return;
  const at = fileSpanToEdit(file.text, program, { start: verb.span.start, end: verb.span.end }).end;
  yield {
    title: 'Add -y',
    edits: [
      { kind: 'replace', file: file.path, range: file.lines.range({ start: at, end: at }), text: ' -y' },
    ],
    preferred: true,
  };
}
