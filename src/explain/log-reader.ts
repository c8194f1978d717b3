import { stripVTControlCharacters } from 'node:util';

interface Located {
  /**
   * 0-based line of the log as it was given. `\n`, `\r\n` and a lone `\r` each end a line, as in VS Code, so that the
   * number can be shown in an editor.
   */
  readonly line: number;
}

interface Timed extends Located {
  /** Seconds since the midnight before the log's first stamp; undefined where no stamp stands there. */
  readonly time: number | undefined;
}

interface Bracket extends Timed {
  /** As the log gives it: a path of the build container, or relative to the workspace (pi-gen-action). */
  readonly path: string;
  /** `group`: pi-gen-action's rewriting, which closes every open group when a build ends, failed or not. */
  readonly marker: 'stamp' | 'group';
}

export type BeginEvent = Bracket & { readonly kind: 'begin' };
export type EndEvent = Bracket & { readonly kind: 'end' };
export type SkipEvent = Timed & { readonly kind: 'skip'; readonly path: string; readonly reason: string };
/** A line of output without escapes, time prefixes and wrappers' marks. Never empty. */
export type LineEvent = Located & { readonly kind: 'line'; readonly text: string };
export type ResultEvent = Timed & { readonly kind: 'build-failed' | 'build-finished' };

export type LogEvent = BeginEvent | EndEvent | SkipEvent | LineEvent | ResultEvent;

/** A line longer than this (in UTF-16 units) comes in pieces, so that memory stays bounded. */
const pieceLength = 64 * 1024;
/** pi-gen nests four deep; more open groups than this are not pi-gen's. */
const groupDepth = 64;
const daySeconds = 86_400;

/** `docker logs --timestamps` and GitHub's raw logs; `gh run view --log` puts job and step before it, Jenkins has brackets around. */
const isoPrefix =
  /^(?:[^\t]*\t[^\t]*\t)?\[?(\d{4}-\d\d-\d\d[T ](\d\d):(\d\d):(\d\d))(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)\]?(?:[ \t]|$)/;
/** GitLab's number and kind of the stream, behind the date. */
const streamPrefix = /^\d\d[OE][ +]/;
/** How Vagrant and Packer head what a machine says; what it goes on to say is indented as far. In words of pacman and brew, no name. */
const machineHeading = /^==> ([a-z][\w.-]*): /;
/** The journal, and syslog. */
const journalPrefix = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]+ [\w./-]+\[\d+\]: /;
/** The longest mark that another program puts before each line: `builder  | `, `    default: `. */
const longestMark = 60;
/** `log` of pi-gen's scripts/common prints `[%T] …`; what stands before it is a last message without its newline. */
const stamp =
  /\[(\d\d):(\d\d):(\d\d)\] (?:(Begin|End) (\/.*|\S+)|Skip (.+?) \(([^()]*)\)|Build (failed|finished))[ \t]*$/;
/** GitHub shows `::group::x` as `##[group]x`; a program's captured output still has the former. */
const workflowCommand = /^(?:##\[([a-z]+)\]|::([a-z]+)(?: [^:]*)?::)(.*)$/;
/** pi-gen-action's own last word (its src/build.ts), since it swallows pi-gen's `Build failed`. */
const actionFailed = /^(?:Error: )?pi-gen build failed with exit code \d+/;

/**
 * Turns the text of a build log, whole or cut off at either end, into events. Takes the text in any chunks, keeps no
 * more than one line of it, and never throws. Knows plain pi-gen logs, terminal redraws and escapes, the time prefixes
 * of `docker logs --timestamps` and GitHub, and the form into which pi-gen-action rewrites pi-gen's stamps.
 */
export class LogReader {
  /** What came of the current line, up to `pieceLength`. */
  #tail = '';
  #carriageReturn = false;
  #line = 0;
  /** The next piece is the first of its line, where prefixes stand. */
  #lineBegins = true;
  /** A redrawn line that the next one replaces if that one shows anything. */
  #redrawn: LineEvent | undefined;
  /** Undefined for a group that is not pi-gen's. */
  #groups: (string | undefined)[] = [];
  #lastTime: number | undefined;
  #prefixTime: number | undefined;
  /** What stood before the last stamp of pi-gen, and, once two had the same, what stands before every line. */
  #beforeStamp = '';
  #mark = '';
  /** How a log that was pasted from a forum or an issue quotes its lines; undefined before the first one. */
  #quoting: 'none' | 'quote' | 'code' | undefined;
  /** What stands before the lines of a machine that has been headed. */
  #machineMark = '';
  #firstPrefix: string | undefined;
  #lastPrefix: string | undefined;

  /** Seconds from the first to the last line that a container or GitHub has dated; 0 where none are. */
  get elapsed(): number {
    if (this.#firstPrefix === undefined || this.#lastPrefix === undefined) return 0;
    const seconds = (Date.parse(this.#lastPrefix) - Date.parse(this.#firstPrefix)) / 1000;
    return Number.isNaN(seconds) ? 0 : seconds;
  }

  /** Returns what the text up to the last complete line tells. */
  push(chunk: string): LogEvent[] {
    const events: LogEvent[] = [];
    let start = 0;
    let lineFeed = chunk.indexOf('\n');
    let carriageReturn = chunk.indexOf('\r');
    while (lineFeed >= 0 || carriageReturn >= 0) {
      if (carriageReturn >= 0 && (lineFeed < 0 || carriageReturn < lineFeed)) {
        this.#take(chunk, start, carriageReturn, events);
        start = carriageReturn + 1;
        carriageReturn = chunk.indexOf('\r', start);
        this.#settleCarriageReturn(events);
        this.#carriageReturn = true;
      } else {
        this.#take(chunk, start, lineFeed, events);
        start = lineFeed + 1;
        lineFeed = chunk.indexOf('\n', start);
        // Also the second half of `\r\n`.
        this.#carriageReturn = false;
        this.#endLine('line-feed', events);
      }
    }
    this.#take(chunk, start, chunk.length, events);
    return events;
  }

  /** As push() with one line, whose ending is left out. */
  pushLine(line: string): LogEvent[] {
    if (this.#tail !== '' || this.#carriageReturn || line.length > pieceLength || line.includes('\r')) {
      return this.push(`${line}\n`);
    }
    const events: LogEvent[] = [];
    this.#readPiece(line, 'line-feed', events);
    this.#line++;
    this.#lineBegins = true;
    return events;
  }

  /** The log is over: returns what its last, unfinished line tells. The reader takes no more text then. */
  end(): LogEvent[] {
    const events: LogEvent[] = [];
    this.#settleCarriageReturn(events);
    this.#endLine('line-feed', events);
    return events;
  }

  #take(chunk: string, start: number, end: number, events: LogEvent[]): void {
    if (start === end) return;
    this.#settleCarriageReturn(events);
    let from = start;
    while (this.#tail.length + (end - from) > pieceLength) {
      const next = from + pieceLength - this.#tail.length;
      const piece = this.#tail + chunk.slice(from, next);
      from = next;
      this.#tail = '';
      this.#readPiece(piece, 'line-feed', events);
      this.#lineBegins = false;
    }
    this.#tail += chunk.slice(from, end);
  }

  /** A `\r` whose next character is now known not to be `\n`: the terminal goes back and writes over the line. */
  #settleCarriageReturn(events: LogEvent[]): void {
    if (!this.#carriageReturn) return;
    this.#carriageReturn = false;
    this.#endLine('redraw', events);
  }

  #endLine(how: 'line-feed' | 'redraw', events: LogEvent[]): void {
    const piece = this.#tail;
    this.#tail = '';
    this.#readPiece(piece, how, events);
    this.#line++;
    this.#lineBegins = how === 'line-feed';
  }

  #readPiece(raw: string, how: 'line-feed' | 'redraw', events: LogEvent[]): void {
    let text = hasEscapes(raw) ? stripVTControlCharacters(raw) : raw;
    if (text.startsWith('\uFEFF')) text = text.slice(1);
    if (this.#lineBegins) text = this.#dropProgramMark(this.#dropPrefix(this.#unquoted(text)));
    if (this.#mark !== '' && text.startsWith(this.#mark)) text = text.slice(this.#mark.length);
    if (text.trim() === '') {
      if (how === 'line-feed') this.#showRedrawn(events);
      return;
    }
    this.#redrawn = undefined;
    const command = workflowCommand.exec(text);
    if (command !== null) {
      text = command[3] ?? '';
      if (this.#readCommand(command[1] ?? command[2] ?? '', text.trim(), events)) return;
    }
    this.#readText(text, how, events);
  }

  /** Markdown's `> ` before every line, or backticks around it. The first line tells: npm begins a few of its own so. */
  #unquoted(text: string): string {
    if (this.#quoting === undefined && text.trim() !== '')
      this.#quoting = /^>[ \t]/.test(text) ? 'quote' : /^`[^`]+`\s*$/.test(text) ? 'code' : 'none';
    if (this.#quoting === 'quote') return text.replace(/^>[ \t]?/, '');
    return this.#quoting === 'code' ? text.replace(/^`(.*)`\s*$/, '$1') : text;
  }

  #dropPrefix(text: string): string {
    this.#prefixTime = undefined;
    // Most lines have none: one look tells.
    if (!/^\[?\d/.test(text) && !text.includes('\t')) return text;
    let rest = text;
    // Twice: a container's dated log that a job prints is dated by GitHub once more. The inner one tells when it was said.
    for (let times = 0; times < 2; times++) {
      const prefix = isoPrefix.exec(rest);
      if (prefix === null) break;
      rest = rest.slice(prefix[0].length);
      this.#lastPrefix = prefix[1];
      this.#prefixTime = secondsOf(prefix[2], prefix[3], prefix[4]);
    }
    this.#firstPrefix ??= this.#lastPrefix;
    return rest === text ? text : rest.replace(streamPrefix, '');
  }

  /** Takes off what names the machine or the service whose words these are. */
  #dropProgramMark(text: string): string {
    const machine = text.startsWith('==> ') ? machineHeading.exec(text) : null;
    if (machine !== null) {
      this.#machineMark = `    ${machine[1] ?? ''}: `;
      return text.slice(machine[0].length);
    }
    if (this.#machineMark !== '' && text.startsWith(this.#machineMark))
      return text.slice(this.#machineMark.length);
    const journal = /^[A-Z]/.test(text) ? journalPrefix.exec(text) : null;
    return journal === null ? text : text.slice(journal[0].length);
  }

  #showRedrawn(events: LogEvent[]): void {
    if (this.#redrawn !== undefined) events.push(this.#redrawn);
    this.#redrawn = undefined;
  }

  /** Returns whether the command is a mark of its own, with no text to read on. */
  #readCommand(name: string, text: string, events: LogEvent[]): boolean {
    if (name === 'group') {
      // A stage path of pi-gen holds no space: STAGE_LIST is split at spaces, BASE_DIR must not have any.
      const path = text !== '' && !/\s/.test(text) ? text : undefined;
      if (this.#groups.length >= groupDepth) this.#groups.shift();
      this.#groups.push(path);
      if (path === undefined) return true;
      const time = this.#clock(this.#prefixTime);
      events.push({ kind: 'begin', path, time, marker: 'group', line: this.#line });
      return true;
    }
    if (name === 'endgroup') {
      const path = this.#groups.pop();
      if (path === undefined) return true;
      const time = this.#clock(this.#prefixTime);
      events.push({ kind: 'end', path, time, marker: 'group', line: this.#line });
      return true;
    }
    return false;
  }

  #readText(text: string, how: 'line-feed' | 'redraw', events: LogEvent[]): void {
    const match = stamp.exec(text);
    if (match !== null) {
      const before = this.#unmarked(text.slice(0, match.index)).trimEnd();
      if (before !== '') events.push({ kind: 'line', text: before, line: this.#line });
      events.push(this.#stampEvent(match));
      return;
    }
    const line = text.trimEnd();
    if (actionFailed.test(line)) {
      events.push({ kind: 'build-failed', time: this.#clock(this.#prefixTime), line: this.#line });
      return;
    }
    const event: LineEvent = { kind: 'line', text: line, line: this.#line };
    if (how === 'redraw') this.#redrawn = event;
    else events.push(event);
  }

  /** What stands before a stamp: a message without its newline, or the mark of a program that passes the log on. */
  #unmarked(before: string): string {
    const isMark = before !== '' && before.length <= longestMark && before === this.#beforeStamp;
    this.#beforeStamp = before;
    if (!isMark) return before;
    this.#mark = before;
    return '';
  }

  #stampEvent(match: RegExpExecArray): LogEvent {
    const time = this.#clock(secondsOf(match[1], match[2], match[3]));
    const at = { time, line: this.#line };
    const path = match[5]?.trimEnd();
    if (path !== undefined) {
      return { kind: match[4] === 'Begin' ? 'begin' : 'end', path, marker: 'stamp', ...at };
    }
    const skipped = match[6];
    if (skipped !== undefined) return { kind: 'skip', path: skipped, reason: match[7] ?? '', ...at };
    return { kind: match[8] === 'failed' ? 'build-failed' : 'build-finished', ...at };
  }

  /** Stamps have no date: a jump of more than half a day backwards is midnight, a smaller one a corrected clock. */
  #clock(secondsOfDay: number | undefined): number | undefined {
    if (secondsOfDay === undefined) return undefined;
    const last = this.#lastTime ?? secondsOfDay;
    let time = secondsOfDay + Math.floor(last / daySeconds) * daySeconds;
    if (last - time > daySeconds / 2) time += daySeconds;
    this.#lastTime = time;
    return time;
  }
}

function secondsOf(hours?: string, minutes?: string, seconds?: string): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** Whether ESC or CSI, with which all escapes begin, stands in a text: most lines have none. */
function hasEscapes(text: string): boolean {
  return text.includes('\u001b') || text.includes('\u009b');
}
