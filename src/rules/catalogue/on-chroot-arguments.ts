import type { Fix } from '../../pigen/finding';
import { runsChrootArguments } from '../../pigen/tree/own-build-scripts';
import { programsOf } from '../../shell/queries';
import type { Command, Script, Word } from '../../shell/script';
import { placeOf } from '../../shell/place-at';
import { hasSyntaxError } from '../../shell/syntax-node';
import { isShellScriptOfDebian } from '../knowledge/debian-shell-scripts';
import { definesFunction, isTopLevel, lineAround, nameOf, textOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import { shorten } from '../knowledge/shorten';

export const onChrootArguments: Rule = {
  name: 'on-chroot-arguments',
  severity: 'error',
  summary: '`on_chroot` called with a command as its arguments, which bash takes for the name of a script.',
  // Whether a word is a script of the author's is to be seen in the scripts that install it.
  reach: 'tree',
  page: {
    why: `\`on_chroot\` (scripts/common) ends in \`capsh … --chroot=$ROOTFS_DIR/ -- -e "$@"\`, which is \`bash -e "$@"\` inside the image. bash
takes its first operand for the name of a **script file** to read. A program such as \`apt-get\` or \`systemctl\` is no script.`,
    build: `The command does not run. The log says, with exit status 126 (or 127 where there is no such file):

\`\`\`
/usr/bin/systemctl: /usr/bin/systemctl: cannot execute binary file
\`\`\`

With \`|| true\` or in a condition the build goes on, and what the command should have done is missing in the image.`,
    fix: `Give the command to bash as its input, in a heredoc, or as a string with \`-c\`:

\`\`\`bash
on_chroot << EOF
systemctl enable my.service
EOF

on_chroot -c "systemctl enable my.service"
\`\`\`

The quick fixes write either form. \`on_chroot bash << EOF\` and \`on_chroot bash -c "…"\` only lose the word \`bash\`: on_chroot is a bash already.`,
    silent: [
      '`on_chroot -c "…"`, `on_chroot < file`, `on_chroot <<< "…"`, heredocs and pipes',
      'a word that is a shell script in the image: `on_chroot apt-key add - < key.asc`, `on_chroot /tmp/setup.sh`, or a script that the stage installs',
      'a word that cannot be known: `on_chroot "$@"`',
      'trees whose own on_chroot has no capsh, as until 2016: it runs its arguments',
    ],
    bad: { tree: 'bad-commands', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-forms', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile, context: TreeContext): Iterable<Report> {
    // Only to spare most scripts the parsing: whether a call of on_chroot has arguments is for the syntax to say.
    if (!/on_chroot["']?[ \t]+[^\s<|&;]/.test(file.text) || runsChrootArguments(context.tree)) return;
    for (const program of programsOf(file.script)) {
      if (definesFunction(program, 'on_chroot')) continue;
      for (const command of program.commands) {
        // Inside the chroot on_chroot is wrong whatever its arguments: nested-on-chroot says so.
        if (nameOf(command) !== 'on_chroot' || placeOf(program, command.span) !== 'host') continue;
        const operand = firstOperand(command);
        if (operand?.literal === undefined || mayBeScript(operand.literal, context)) continue;
        yield {
          message: `on_chroot hands its arguments to bash, which takes "${shorten(operand.literal, 40)}" for a script file and fails with "${complaint(operand.literal)}": the command never runs in the image. Put the command in a heredoc, or pass it as one string with -c.`,
          file: file.path,
          span: program.toFileSpan({ start: operand.span.start, end: endOf(command, operand) }),
          fixes: [...fixesFor(file, program, command, operand)],
        };
      }
    }
  },
};

/** The word that bash takes for a script; undefined where it reads a command string or its standard input. */
function firstOperand(command: Command): Word | undefined {
  const words = command.arguments;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const text = word?.literal;
    // After an option that cannot be known nothing is certain.
    if (text === undefined) return undefined;
    if (text === '--' || text === '-') return words[i + 1];
    if (/^[-+][A-Za-z]/.test(text)) {
      // `-c string`, `-s`: no operand is a script.
      if (/^-[a-zA-Z]*[cs]/.test(text)) return undefined;
      if (/[oO]$/.test(text)) i++;
      continue;
    }
    if (text.startsWith('--')) {
      if (text === '--rcfile' || text === '--init-file') i++;
      continue;
    }
    return word;
  }
  return undefined;
}

/** The end of the last argument: of the operand itself where it is the only one. */
function endOf(command: Command, operand: Word): number {
  return command.arguments.at(-1)?.span.end ?? operand.span.end;
}

/** bash finds programs along PATH, but none with a blank in its name. */
function complaint(word: string): string {
  return /\s/.test(word) ? 'No such file or directory' : 'cannot execute binary file';
}

function mayBeScript(word: string, context: TreeContext): boolean {
  const name = word.slice(word.lastIndexOf('/') + 1);
  if (/\.(?:sh|bash)$/.test(name) || isShellScriptOfDebian(name)) return true;
  if (!word.includes('/')) return /\s/.test(word) ? false : isInstalledByTree(name, context);
  // Debian's programs live there; what lies elsewhere was put there by someone who may know that it is a script.
  return !/^\/(?:usr\/)?s?bin\/[^/]+$/.test(word) || isInstalledByTree(name, context);
}

/** Whether a script of the tree names a path that ends in this name, as one that installs or writes the file does. */
function isInstalledByTree(name: string, context: TreeContext): boolean {
  const ending = `/${name}`;
  for (const { script } of context.scripts.values()) {
    for (const program of programsOf(script)) {
      for (const command of program.commands) {
        // `on_chroot /usr/bin/x` is the question, not the answer.
        if (nameOf(command) === 'on_chroot') continue;
        const words = command.redirects.flatMap(({ target }) => target ?? []).concat(command.arguments);
        if (words.some(({ text }) => unquoted(text).endsWith(ending))) return true;
      }
    }
  }
  return false;
}

function unquoted(text: string): string {
  return text.replaceAll(/["']/g, '');
}

function* fixesFor(file: ScriptFile, program: Script, command: Command, operand: Word): Generator<Fix> {
  // Where the parser lost its way, the words of a command may not be its own.
  if ([command.node, ...command.ancestors.slice(0, -1)].some(hasSyntaxError)) return;
  const shell = withoutShell(file, program, command, operand);
  if (shell !== undefined) {
    yield shell;
    return;
  }
  // Options before the command, or input for it: there is no telling what was meant.
  if (
    operand !== command.arguments[0] ||
    command.redirects.some(({ descriptor, operator }) => isInput(operator) && (descriptor ?? 0) === 0)
  ) {
    return;
  }
  const heredoc = asHeredoc(file, program, command, operand);
  if (heredoc !== undefined) yield { ...heredoc, preferred: true };
  const string = asString(file, program, command, operand);
  if (string !== undefined) yield { ...string, preferred: heredoc === undefined };
}

function isInput(operator: string): boolean {
  return operator.startsWith('<');
}

/** `on_chroot bash -c "…"`, `on_chroot sh << EOF`: on_chroot is the shell already. */
function withoutShell(file: ScriptFile, program: Script, command: Command, operand: Word): Fix | undefined {
  if (!/^(?:\/(?:usr\/)?bin\/)?(?:ba)?sh$/.test(operand.literal ?? '')) return undefined;
  const rest = command.arguments.slice(command.arguments.indexOf(operand) + 1);
  const readsInput =
    command.pipedFrom !== undefined || command.redirects.some(({ operator }) => isInput(operator));
  const onlyOptions = rest.every(({ literal }) => literal !== undefined && /^-[a-z]*$/.test(literal));
  const commandString = /^-[a-z]*c$/.test(rest[0]?.literal ?? '');
  if (!commandString && !(readsInput && onlyOptions)) return undefined;
  const name = command.name?.span ?? operand.span;
  const span = { start: name.end, end: operand.span.end };
  return {
    title: `Leave "${operand.text}" out: on_chroot is a bash already`,
    edits: [{ kind: 'replace', file: file.path, range: rangeOf(file, program, span), text: '' }],
    preferred: true,
  };
}

function asHeredoc(file: ScriptFile, program: Script, command: Command, operand: Word): Fix | undefined {
  const name = command.name;
  if (name === undefined || !isStatement(command) || command.redirects.length > 0) return undefined;
  const last = endOf(command, operand);
  const first = lineAround(program.text, name.span.start);
  const indent = program.text.slice(first.start, name.span.start);
  const after = /^[^\r\n]*/.exec(program.text.slice(last))?.[0] ?? '';
  // `<<-` drops the tabs of an indented terminator; `<< EOF` wants it at the very start of its line.
  if (!/^\t*$/.test(indent) || after.trim() !== '' || command.assignments.length > 0) return undefined;
  const words = commandText(program, command, operand);
  if (words === undefined || /(?:^|\n)[ \t]*EOF(?:\n|$)/.test(words)) return undefined;
  const literal = isLiteral(command);
  // The build host expands the arguments; in an unquoted heredoc it still does, but there a single quote protects nothing.
  if (!literal && /\\(?!\n)|`|'[^']*\$[^']*'/.test(words)) return undefined;
  const operator = `${indent === '' ? '<<' : '<<-'} ${literal ? "'EOF'" : 'EOF'}`;
  const text = `on_chroot ${operator}\n${indent}${words}\n${indent}EOF`;
  const span = { start: name.span.start, end: last + after.length };
  return {
    title: 'Put the command in a heredoc',
    edits: [{ kind: 'replace', file: file.path, range: rangeOf(file, program, span), text }],
  };
}

function asString(file: ScriptFile, program: Script, command: Command, operand: Word): Fix | undefined {
  const words = commandText(program, command, operand);
  if (words === undefined) return undefined;
  const quoted = quote(words, isLiteral(command));
  if (quoted === undefined) return undefined;
  const span = { start: operand.span.start, end: endOf(command, operand) };
  return {
    title: 'Pass the command as a string with -c',
    edits: [{ kind: 'replace', file: file.path, range: rangeOf(file, program, span), text: `-c ${quoted}` }],
  };
}

/** The command that was meant, as source; undefined where something else stands between its words. */
function commandText(program: Script, command: Command, operand: Word): string | undefined {
  const span = { start: operand.span.start, end: endOf(command, operand) };
  const between = command.redirects.some(({ span: redirect }) => redirect.start < span.end);
  if (between) return undefined;
  // `on_chroot "apt-get update"`: one word that holds the whole command.
  if (command.arguments.length === 1 && /\s/.test(operand.literal ?? '')) return operand.literal;
  return textOf(program, span);
}

function isLiteral(command: Command): boolean {
  return command.arguments.every(({ literal }) => literal !== undefined);
}

/** Source of a command as one argument; undefined where it holds quotes that do not fit. */
function quote(source: string, literal: boolean): string | undefined {
  if (literal && !source.includes("'")) return /["$`\\!]/.test(source) ? `'${source}'` : `"${source}"`;
  if (/\\(?!\n)|`|\$\(|'[^']*\$[^']*'/.test(source)) return undefined;
  if (literal && source.includes('$')) return undefined;
  return `"${source.replaceAll('"', '\\"')}"`;
}

/** Whether a command is a whole statement, of which neither the result nor the output goes anywhere. */
function isStatement(command: Command): boolean {
  if (command.pipedFrom !== undefined) return false;
  if (isTopLevel(command)) return true;
  const parent = command.ancestors[0];
  const statements = ['compound_statement', 'do_group', 'else_clause', 'subshell'];
  if (parent === undefined) return true;
  if (statements.includes(parent.type)) return true;
  return ['if_statement', 'elif_clause'].includes(parent.type) && command.node.field !== 'condition';
}

function rangeOf(file: ScriptFile, program: Script, span: { start: number; end: number }) {
  return file.lines.range(program.toFileSpan(span));
}
