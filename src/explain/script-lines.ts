import { LineIndex } from '../pigen/text';
import type { Script } from '../shell/script';
import type { Place } from './failure-class';
import { findWord, lineRange } from './scene';
import type { ReadScript, Scene } from './scene';

/**
 * What bash puts before a message. `./00-run.sh: line 3:` is a host script, run as `./NN-run.sh` by run_sub_stage;
 * `/bin/bash: line 3:` is the bash that on_chroot starts in the rootfs and that reads a script from its input.
 */
const scriptMessage = /^(?:\.\/)?([^\s:/]+\.sh): line (\d+): (.*)$/s;
const chrootMessage = /^(?:\/(?:usr\/)?bin\/)?bash: (?:-c: )?line (\d+): (.*)$/s;

/** A message of bash with the line that it names. */
export interface BashMessage {
  /** Name of the host script; undefined for the bash in the rootfs. */
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
  const script = await scene.script();
  if (script === undefined) return undefined;
  const isOwn =
    message.script === undefined ? kind === 'run-chroot' : script.path.endsWith(`/${message.script}`);
  if (isOwn) return ownLine(script, message.line);
  return message.script === undefined ? bodyLine(script, message) : undefined;
}

/** The place of a command that a tool complains about without a line: the first command that holds one of the words. */
export async function placeOfWords(words: readonly string[], scene: Scene): Promise<Place | undefined> {
  const script = await scene.script();
  if (script === undefined) return scene.stepPlace();
  for (const word of words) {
    const offset = findWord(script.text, word);
    if (offset === undefined) continue;
    return {
      file: script.path,
      range: lineRange(script.lines, script.text, script.lines.position(offset).line),
    };
  }
  return scene.stepPlace();
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

/** Several bodies may have a line of that number: the one whose line holds a word of the message is meant. */
function bodyLine(script: ReadScript, message: BashMessage): Place | undefined {
  if (script.script === undefined) return undefined;
  const words = wordsOf(message.message);
  const bodies = chrootBodies(script.script)
    .map((body) => ({ body, lines: new LineIndex(body.text) }))
    .filter(({ lines }) => message.line >= 1 && message.line <= lines.lineCount)
    .map(({ body, lines }) => {
      const start = lines.lineStart(message.line - 1);
      const lineText = body.text.slice(start, lines.lineEnd(message.line - 1));
      const score = words.some((word) => lineText.includes(word))
        ? 2
        : Number(words.some((word) => body.text.includes(word)));
      return { body, start, score };
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
