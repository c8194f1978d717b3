import type { Place } from '../pigen/tree/stage-tree';
import { shebang } from '../shell/queries';
import type { Script } from '../shell/script';
import { invocationOf } from '../shell/shell-invocation';
import { directiveCodes } from './shellcheck-directives';
import { shellCheckView } from './shellcheck-view';
import type { ShellCheckView } from './shellcheck-view';

/** What is asked about a script as a whole. */
export interface ReadableScript {
  readonly script: Script;
  /** Where the file itself runs. */
  readonly place: Place;
}

const shells = new Set(['sh', 'bash', 'dash', 'ash', 'ksh']);

/**
 * What ShellCheck is to read of a script: the script itself, and every program in it that a shell gets. Not a substitution in
 * an unquoted heredoc, which it reads with the script around. Nothing of a script in another language.
 *
 * @param chrootErrexit whether on_chroot starts `bash -e`: pi-gen's scripts/common does, on every branch but jessie
 */
export function shellCheckViews(
  { script, place }: ReadableScript,
  chrootErrexit: boolean,
): readonly ShellCheckView[] {
  const ofChroot = chrootErrexit ? '#!/bin/bash -e' : '#!/bin/bash';
  const own = interpreterOf(script);
  if (own !== undefined && !shells.has(own)) return [];
  // pi-gen feeds NN-run-chroot.sh to `on_chroot`, whatever its first line says; a host script without one is bash's.
  const first = place === 'chroot' ? ofChroot : own === undefined ? '#!/bin/bash' : undefined;
  return [
    shellCheckView(script, { shebang: first, disabled: [] }),
    ...viewsInside(script, ofChroot, fileCodes(script)),
  ];
}

function viewsInside(
  around: Script,
  ofChroot: string,
  disabled: readonly string[],
): readonly ShellCheckView[] {
  return around.embedded.flatMap((program) => {
    // What follows a terminator that is missed is no part of the program: heredoc-terminator speaks of it.
    if (program.heredoc?.terminator === undefined && program.heredoc !== undefined) return [];
    const inherited = [...new Set([...disabled, ...codesAbove(program)])];
    const inside = viewsInside(program, ofChroot, [...new Set([...inherited, ...fileCodes(program)])]);
    if (program.source === 'substitution') return inside;
    return [
      shellCheckView(program, { shebang: shebangInside(program, ofChroot), disabled: inherited }),
      ...inside,
    ];
  });
}

/** `su`, `chroot` and their like start the shell of the image's users, which is bash. */
function shebangInside({ runBy }: Script, ofChroot: string): string {
  const name = runBy && invocationOf(runBy)?.name;
  if (name === 'on_chroot') return ofChroot;
  return name === 'sh' || name === 'dash' || name === 'ash' ? '#!/bin/sh' : '#!/bin/bash';
}

/** Base name of the interpreter that the first line names, or of the one that it has env look for. */
function interpreterOf(script: Script): string | undefined {
  const line = shebang(script);
  if (line === undefined) return undefined;
  const words = [line.interpreter, ...line.arguments].map((word) => word.slice(word.lastIndexOf('/') + 1));
  return words[0] === 'env' ? words.find((word) => /^[a-z]/.test(word) && word !== 'env') : words[0];
}

/** Codes that a script turns off for all of it, by comments before its first command. */
function fileCodes(script: Script): readonly string[] {
  const first = script.commands[0]?.span.start ?? script.text.length;
  return script.comments
    .filter(({ end }) => end <= first)
    .flatMap((comment) => directiveCodes(script.text, comment));
}

/** Codes that comments right above the command that runs a program turn off, for that command and what it runs. */
function codesAbove({ parent, runBy }: Script): readonly string[] {
  if (parent === undefined || runBy === undefined) return [];
  const { text, comments } = parent;
  const codes: string[] = [];
  let line = text.lastIndexOf('\n', runBy.span.start - 1) + 1;
  for (const comment of comments.toReversed()) {
    if (comment.end > line) continue;
    // Nothing but this comment may stand on the line before.
    const start = text.lastIndexOf('\n', comment.start - 1) + 1;
    const isAlone = `${text.slice(start, comment.start)}${text.slice(comment.end, line)}`.trim() === '';
    if (!isAlone || text.indexOf('\n', comment.end) + 1 !== line) break;
    codes.push(...directiveCodes(text, comment));
    line = start;
  }
  return codes;
}
