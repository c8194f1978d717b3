import { folderOf, isAbsolute, isWithin, resolvePath } from '../pigen/files/path';
import { LineIndex } from '../pigen/text';
import { commandsDeep } from '../shell/queries';
import type { Script } from '../shell/script';
import type { Place } from './failure-class';
import { findWord, lineRange } from './scene';
import type { ReadScript, Scene } from './scene';

/**
 * What bash puts before a message. `./00-run.sh: line 3:` is a host script, run as `./NN-run.sh` by run_sub_stage, or one
 * that it calls; `/bin/bash: line 3:` is the bash that on_chroot starts in the rootfs and that reads a script from its input.
 */
const scriptMessage = /^(?:\.\/)?([^\s:]+\.(?:sh|bash)): line (\d+): (.*)$/s;
const chrootMessage = /^(?:\/(?:usr\/)?bin\/)?bash: (?:-c: )?line (\d+): (.*)$/s;

/** A message of bash with the line that it names. */
export interface BashMessage {
  /** The host script as it was called, without `./`; undefined for the bash in the rootfs. */
  readonly script: string | undefined;
  /** 1-based, in what that bash reads. */
  readonly line: number;
  readonly message: string;
}

export function parseBashMessage(text: string): BashMessage | undefined {
  const host = scriptMessage.exec(text);
  if (host !== null) return { script: host[1], line: Number(host[2]), message: host[3] ?? '' };
  const chroot = chrootMessage.exec(text);
  if (chroot === null) return undefined;
  return { script: undefined, line: Number(chroot[1]), message: chroot[2] ?? '' };
}

/**
 * The local place of a message of bash, where a script step is open: its own line for host scripts and for
 * NN-run-chroot.sh, whose text is that bash's input; the line of one of its on_chroot bodies for a NN-run.sh or
 * prerun.sh. Undefined where the message names none of them, or the file cannot be read.
 */
export async function placeOfMessage(text: string, scene: Scene): Promise<Place | undefined> {
  const message = parseBashMessage(text);
  const kind = scene.frame?.kind;
  if (message === undefined || kind === undefined) return undefined;
  if (message.script !== undefined) return hostLine(message.script, message.line, scene);
  const script = await scene.script();
  if (script === undefined) return undefined;
  return kind === 'run-chroot' ? ownLine(script, message.line) : bodyLine(script, message);
}

async function hostLine(name: string, line: number, scene: Scene): Promise<Place | undefined> {
  const own = scene.local?.path;
  if (own === undefined) return undefined;
  // run_sub_stage and run_stage change into the folder of the script before they run it.
  const path = own.endsWith(`/${name}`)
    ? own
    : isAbsolute(name)
      ? scene.paths.find(name)?.path
      : resolvePath(folderOf(own), name);
  // What a log says must not lead out of the stage.
  const folder = scene.stage?.path ?? folderOf(own);
  if (path === undefined || !isWithin(folder, path)) return undefined;
  const script = await scene.readScript(path, 'host');
  return script && ownLine(script, line);
}

/**
 * The place of a command that a tool complains about without a line: of the open script the first command that holds one of
 * the words, else the first line that does.
 */
export async function placeOfWords(words: readonly string[], scene: Scene): Promise<Place | undefined> {
  const read = await scene.script();
  if (read === undefined) return scene.stepPlace();
  for (const word of words) {
    const offset = findInCommands(read, word) ?? findWord(read.text, word);
    if (offset === undefined) continue;
    return {
      file: read.path,
      range: lineRange(read.lines, read.text, read.lines.position(offset).line),
    };
  }
  return scene.stepPlace();
}

function findInCommands({ script }: ReadScript, word: string): number | undefined {
  for (const { script: program, command } of script === undefined ? [] : commandsDeep(script)) {
    const { start, end } = command.span;
    const at = findWord(program.text.slice(start, end), word);
    if (at !== undefined) return program.toFile(start + at);
  }
  return undefined;
}

function ownLine(script: ReadScript, line: number): Place | undefined {
  if (line < 1) return undefined;
  const last = Math.min(line, script.lines.lineCount) - 1;
  return { file: script.path, range: lineRange(script.lines, script.text, last) };
}

/** Every program inside a script that runs in the chroot, those inside others too. */
export function chrootBodies(script: Script): readonly Script[] {
  return script.embedded.flatMap((inner) => [
    ...(inner.place === 'chroot' ? [inner] : []),
    ...chrootBodies(inner),
  ]);
}

/**
 * The line of a script that a message of bash means which runs a program inside that script, an on_chroot body. Several bodies
 * may have a line of that number: the one whose line holds a word of the message is meant. Undefined where none tells.
 */
export function bodyLine(script: ReadScript, message: BashMessage): Place | undefined {
  if (script.script === undefined) return undefined;
  const words = wordsOf(message.message);
  const bodies = chrootBodies(script.script)
    .map((body) => ({ body, lines: new LineIndex(body.text) }))
    .filter(({ lines }) => message.line >= 1 && message.line <= lines.lineCount)
    .map(({ body, lines }) => {
      const start = lines.lineStart(message.line - 1);
      const lineText = body.text.slice(start, lines.lineEnd(message.line - 1));
      const inLine = words.filter((word) => lineText.includes(word)).length;
      const inBody = words.filter((word) => body.text.includes(word)).length;
      // No message comes from an empty line or a comment.
      const blank = /^\s*(?:#|$)/.test(lineText);
      return { body, start, score: blank ? -1 : inLine * 100 + inBody };
    })
    .sort((a, b) => b.score - a.score);
  const [best, second] = bodies;
  if (best === undefined || second?.score === best.score) return undefined;
  const line = script.lines.position(best.body.toFile(best.start)).line;
  return { file: script.path, range: lineRange(script.lines, script.text, line) };
}

/** The parts of a message of bash that can stand in the script: names and paths, not bash's own words. */
function wordsOf(message: string): readonly string[] {
  return message
    .split(/: |[\s`'"]+/)
    .map((part) => part.replace(/[:,;]+$/, ''))
    .filter((part) => part.length > 1 && !ownWords.has(part.toLowerCase()));
}

const ownWords = new Set(
  (
    'command not found no such file or directory permission denied cannot execute binary required is a ' +
    'unbound variable syntax error near unexpected token end of line unexpected while looking for matching ' +
    'invalid option argument list too long bad substitution ambiguous redirect'
  ).split(' '),
);
