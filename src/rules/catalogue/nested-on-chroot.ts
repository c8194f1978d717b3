import type { Fix, FixEdit } from '../../pigen/finding';
import { folderOf, joinPath } from '../../pigen/files/path';
import { stepName } from '../../pigen/tree/step-names';
import type { Span } from '../../pigen/text';
import { isBalanced } from '../../shell/heredoc-scanner';
import { programsOf } from '../../shell/queries';
import type { Command, Script } from '../../shell/script';
import { placeOf } from '../../shell/place-at';
import { hasSyntaxError } from '../../shell/syntax-node';
import { isSwallowed } from '../knowledge/missed-end';
import { escapesIn, mayRunInPlace, onChrootBlock, without } from '../knowledge/on-chroot-block';
import type { OnChrootBlock } from '../knowledge/on-chroot-block';
import { fileSpanToEdit, definesFunction, isTopLevel, nameOf, textOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import { readShebang } from '../knowledge/shebang';

export const nestedOnChroot: Rule = {
  name: 'nested-on-chroot',
  severity: 'error',
  summary: '`on_chroot` called by code that runs inside the chroot already.',
  // The second fix looks at the sub-stage's NN-run.sh.
  reach: 'sub-stage',
  page: {
    why: `pi-gen runs \`NN-run-chroot.sh\` inside the image's root file system by itself: \`run_sub_stage\` in build.sh feeds it to
\`on_chroot\`. The body of an \`on_chroot\` heredoc runs there too. \`on_chroot\` (scripts/common) is an exported function, so bash
finds it in there as well; but it then looks for \`$ROOTFS_DIR\`, which holds a path of the build host that does not exist inside
the chroot.`,
    build: `The build fails at this call, after six complaints about mount points:

\`\`\`
realpath: /pi-gen/work/NAME/STAGE/rootfs/proc: No such file or directory
…
Unable to chroot/chdir to [/pi-gen/work/NAME/STAGE/rootfs/]
\`\`\``,
    fix: `Take the wrapper away and keep its body: the commands run in the chroot as they are. The quick fix removes the line with
\`on_chroot\` and the terminator, and undoes the escapes of an unquoted heredoc. Where the wrapper is part of a larger command, or its
body ends or changes the shell (\`exit\`, \`set\`), it puts \`bash -e\` in its place instead. Where the meaning stays the same, a second
fix moves the block to the \`NN-run.sh\` of the sub-stage, which runs on the build host.`,
    silent: [
      '`on_chroot` in comments, and in texts that `echo`, `log` or `cat` print',
      '`on_chroot` in `NN-run.sh` and `prerun.sh`, in functions, conditions and loops of theirs too',
      'a `$(…)` in an unquoted heredoc: the build host runs it before the chroot sees the body',
      'a script that defines a function `on_chroot` of its own',
    ],
    bad: { tree: 'bad-run-chroot', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-placed', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile, context: TreeContext): Iterable<Report> {
    // On the host it takes an on_chroot around another one.
    if (countOf(file.text, 'on_chroot') < (file.place === 'host' ? 2 : 1)) return;
    for (const program of programsOf(file.script)) {
      if (definesFunction(program, 'on_chroot') || isSwallowed(program)) continue;
      for (const command of program.commands) {
        if (nameOf(command) !== 'on_chroot' || command.name === undefined) continue;
        if (placeOf(program, command.name.span) !== 'chroot') continue;
        yield {
          message: messageFor(file, program),
          file: file.path,
          span: program.toFileSpan(command.name.span),
          fixes: [...inPlaceFix(file, program, command), ...moveFix(file, program, command, context)],
        };
      }
    }
  },
};

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

function messageFor(file: ScriptFile, program: Script): string {
  const where =
    program.parent === undefined
      ? `pi-gen already runs ${baseOf(file)} inside the chroot`
      : 'This code already runs inside the chroot, in the body of another on_chroot';
  return `${where}; a further on_chroot looks there for $ROOTFS_DIR, a path of the build host, and the build fails with "Unable to chroot/chdir". Remove this on_chroot and keep the commands in it.`;
}

function baseOf(file: ScriptFile): string {
  return file.path.slice(file.path.lastIndexOf('/') + 1);
}

function* inPlaceFix(file: ScriptFile, program: Script, command: Command): Generator<Fix> {
  const block = onChrootBlock(program, command);
  if (block !== undefined) {
    const whole = isWhole(block.inner);
    const inPlace = whole && mayRunInPlace(program, block);
    if (whole) {
      yield {
        title: 'Remove the on_chroot wrapper and keep its body',
        edits: unwrap(program, block).map(({ span, text }) => replacement(file, program, span, text)),
        preferred: inPlace,
      };
    }
    if (!inPlace) yield bashInstead(file, program, command);
    return;
  }
  // `on_chroot < file`: the file is one of the build host, so no other command can read it in here either.
  if (command.redirects.some(({ operator }) => operator === '<')) return;
  const first = command.arguments[0];
  if (first?.text.startsWith('-') === false && command.name !== undefined) {
    const span = { start: command.name.span.start, end: first.span.start };
    yield {
      title: 'Run the command directly, without on_chroot',
      edits: [replacement(file, program, span, '')],
      preferred: true,
    };
    return;
  }
  yield bashInstead(file, program, command);
}

/** What bash refuses in the body it would refuse in the script around it, of which then not one line runs. */
function isWhole({ text, root, heredocs }: Script): boolean {
  return (
    isBalanced(text) && heredocs.every(({ terminator }) => terminator !== undefined) && !hasSyntaxError(root)
  );
}

/** on_chroot is `bash -e "$@"` in the rootfs (scripts/common), so inside it `bash -e` does the same. */
function bashInstead(file: ScriptFile, program: Script, command: Command): Fix {
  const span = command.name?.span ?? command.span;
  return {
    title: 'Replace on_chroot with `bash -e`, which does the same inside the chroot',
    edits: [replacement(file, program, span, 'bash -e')],
    preferred: true,
  };
}

interface Change {
  readonly span: Span;
  readonly text: string;
}

function unwrap(program: Script, block: OnChrootBlock): readonly Change[] {
  const { heredoc, firstLine, lastLine } = block;
  // An empty body in a function, `if` or loop would leave bash without a command to run.
  const nothing = block.inner.commands.length === 0 && !isTopLevel(block.command);
  return [
    { span: firstLine, text: nothing ? ':\n' : '' },
    ...bodyChanges(program, block),
    { span: lastLine, text: '' },
  ].filter(({ span }) => heredoc.body.start <= heredoc.body.end && span.start < span.end);
}

/** What the shell that reads the heredoc would have changed in its body. */
function bodyChanges(program: Script, { heredoc, inner }: OnChrootBlock): readonly Change[] {
  const changes: Change[] = [];
  if (!heredoc.quoted) {
    for (const span of escapesIn(program.text, heredoc.body)) changes.push({ span, text: '' });
  }
  // The terminators of the heredocs in the body stand behind tabs that `<<-` takes away.
  if (heredoc.stripsTabs && inner.heredocs.some((other) => !other.stripsTabs)) {
    for (const span of leadingTabs(program.text, heredoc.body)) changes.push({ span, text: '' });
  }
  return changes.sort((a, b) => a.span.start - b.span.start);
}

function leadingTabs(text: string, body: Span): readonly Span[] {
  const tabs: Span[] = [];
  for (let line = body.start; line < body.end;) {
    let end = line;
    while (text[end] === '\t') end++;
    if (end > line) tabs.push({ start: line, end });
    const newline = text.indexOf('\n', end);
    line = newline < 0 ? body.end : newline + 1;
  }
  return tabs;
}

/**
 * Moves the blocks with which a NN-run-chroot.sh begins to the NN-run.sh of the same number, which pi-gen runs right
 * before it (run_sub_stage). What stands before a block has to run before it, so only leading blocks can go.
 */
function* moveFix(file: ScriptFile, program: Script, command: Command, context: TreeContext): Generator<Fix> {
  if (program.parent !== undefined || file.subStage === undefined || file.isPrerun) return;
  const { step } = file;
  if (!('kind' in step) || step.kind !== 'run-chroot' || program.functions.size > 0) return;
  const leading = leadingBlocks(program);
  if (!leading.some((block) => block.command === command)) return;

  const blocks = leading.map((block) => blockText(program, block)).join('\n');
  const target = joinPath(folderOf(file.path), stepName(step.number, 'run'));
  const added = appendTo(
    target,
    blocks,
    file.subStage.steps.find(({ path }) => path === target),
    context,
  );
  if (added === undefined) return;
  const rest = program.commands.filter((other) => !isErrexit(other)).length > leading.length;
  const removed: readonly FixEdit[] = rest
    ? leading.map(({ firstLine, lastLine }) =>
        replacement(file, program, { start: firstLine.start, end: lastLine.end }, ''),
      )
    : [{ kind: 'delete', file: file.path }];
  yield {
    title: `Move the on_chroot block to ${stepName(step.number, 'run')}, which runs on the build host`,
    edits: [added, ...removed],
  };
}

function leadingBlocks(program: Script): readonly OnChrootBlock[] {
  const blocks: OnChrootBlock[] = [];
  for (const command of program.commands) {
    if (blocks.length === 0 && isErrexit(command)) continue;
    const block =
      nameOf(command) === 'on_chroot' && isTopLevel(command) ? onChrootBlock(program, command) : undefined;
    if (block === undefined) break;
    blocks.push(block);
  }
  return blocks;
}

/** `set -e…`, which both kinds of steps begin with or have from pi-gen. */
function isErrexit(command: Command): boolean {
  return (
    nameOf(command) === 'set' && /^-e[a-z]*$/.test(command.arguments[0]?.text ?? '') && isTopLevel(command)
  );
}

/** On the host the shell would expand what the chroot's shell expands now, so the terminator is quoted. */
function blockText(program: Script, { heredoc, firstLine, lastLine, inner }: OnChrootBlock): string {
  const escapes = heredoc.quoted ? [] : escapesIn(program.text, heredoc.body);
  const whole = { start: firstLine.start, end: lastLine.end };
  const text =
    escapes.length === 0 && inner.hostExpansions.length === 0
      ? textOf(program, whole)
      : program.text.slice(firstLine.start, heredoc.word.start) +
        `'${heredoc.delimiter}'` +
        program.text.slice(heredoc.word.end, firstLine.end) +
        without(program.text, heredoc.body, escapes) +
        textOf(program, lastLine);
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Undefined where what is appended might not run, or where there is no telling. */
function appendTo(
  path: string,
  blocks: string,
  step: ScriptFile['step'] | undefined,
  context: TreeContext,
): FixEdit | undefined {
  if (step === undefined) {
    return { kind: 'create', file: path, text: `#!/bin/bash -e\n\n${blocks}`, executable: true };
  }
  const file = context.scripts.get(path);
  if (file === undefined || step.executeBit?.disk === false || step.executeBit?.index === false)
    return undefined;
  if (readShebang(file.text)?.interpreter !== 'bash') return undefined;
  const ends = file.script.commands.some((command) => ['exit', 'exec'].includes(nameOf(command) ?? ''));
  if (ends) return undefined;
  const end = file.lines.position(file.text.length);
  const gap = file.text.endsWith('\n') || file.text === '' ? '\n' : '\n\n';
  return { kind: 'replace', file: path, range: { start: end, end }, text: gap + blocks };
}

function replacement(file: ScriptFile, program: Script, span: Span, text: string): FixEdit {
  return {
    kind: 'replace',
    file: file.path,
    range: file.lines.range(fileSpanToEdit(file.text, program, span)),
    text,
  };
}
