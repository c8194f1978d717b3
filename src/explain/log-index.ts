import { folderOf, joinPath } from '../pigen/files/path';
import type { FrameKind } from './explanation';
import type { LogEvent } from './log-reader';
import { parseBashMessage } from './script-lines';
import type { BashMessage } from './script-lines';
import { StepStack } from './step-stack';
import type { Frame } from './step-stack';

/** A stage, sub-stage or step of a log, from its `Begin` to its `End`. Lines are 0-based, counted as LogReader counts. */
export interface LogSection {
  /** As the log gives it. */
  readonly path: string;
  readonly kind: FrameKind;
  readonly firstLine: number;
  /** The last line that belongs to it. */
  readonly lastLine: number;
  /** Undefined where the log does not tell when it began, or when it ended. */
  readonly seconds: number | undefined;
  /** What the build stopped in. */
  readonly failed: boolean;
  readonly sections: readonly LogSection[];
}

/** A mention of a file or folder that may be the user's. */
export interface LogReference {
  /** 0-based line of the log. */
  readonly line: number;
  /** How that line writes it: what is to be underlined. */
  readonly text: string;
  /** As a path of the log: absolute in the build container, or relative to the workspace of pi-gen-action. */
  readonly path: string;
  /** 1-based line of that file, where the log names one. */
  readonly targetLine: number | undefined;
  /** What bash says of a program inside that script, an on_chroot body: the script tells which line of it that is. */
  readonly inBody?: BashMessage;
}

export interface LogIndex {
  readonly sections: readonly LogSection[];
  readonly references: readonly LogReference[];
  /** How the last build of the log ended; undefined where the log does not say it. */
  readonly result: 'failed' | 'finished' | undefined;
}

/** Far more than a build has; a hostile log cannot fill the memory. */
const sectionLimit = 20_000;
const referenceLimit = 20_000;
/** Output longer than this is data, and names no file to open. */
const longestLine = 4096;

interface OpenSection {
  path: string;
  kind: FrameKind;
  firstLine: number;
  lastLine: number;
  seconds: number | undefined;
  failed: boolean;
  sections: OpenSection[];
  /** The frame's own `line` and `began`. */
  readonly begin: number | undefined;
  readonly began: number | undefined;
}

/** Makes the table of contents of a log of its events: its stages and steps, and the files that it mentions. */
export class LogIndexer {
  #stack = new StepStack();
  readonly #sections: OpenSection[] = [];
  #open: OpenSection[] = [];
  #count = 0;
  readonly #references: LogReference[] = [];
  #result: LogIndex['result'];
  #lastLine = 0;

  /** To be called once, when the log is over. */
  end(): LogIndex {
    if (this.#result === undefined) for (const section of this.#open) section.lastLine = this.#lastLine;
    return { sections: this.#sections, references: this.#references, result: this.#result };
  }

  take(event: LogEvent): void {
    this.#lastLine = event.line;
    switch (event.kind) {
      case 'line':
        this.#mentions(event.text, event.line);
        return;
      case 'skip':
        this.#refer(event.line, event.path, event.path);
        return;
      case 'build-failed':
      case 'build-finished':
        this.#stack.push(event);
        this.#finish(event.kind === 'build-failed' ? 'failed' : 'finished', event.line, event.time);
        return;
      case 'begin':
      case 'end':
        this.#refer(event.line, event.path, event.path);
        if (this.#result !== undefined) {
          // build.log of a work folder that is built again and again holds one run after the other.
          if (event.kind === 'end') return;
          this.#startAnew();
        }
        this.#stack.push(event);
        this.#follow(event);
        return;
    }
  }

  #startAnew(): void {
    this.#result = undefined;
    this.#stack = new StepStack();
    this.#open = [];
  }

  /** Closes and opens sections, so that they are those of the stack. */
  #follow(event: Extract<LogEvent, { kind: 'begin' | 'end' }>): void {
    const frames = this.#stack.open;
    let same = 0;
    for (; same < Math.min(frames.length, this.#open.length); same++) {
      const section = this.#open[same];
      const frame = frames[same];
      if (section?.path !== frame?.path || section?.begin !== frame?.line) break;
      // A later line may show what an outer frame is.
      if (section !== undefined && frame !== undefined) section.kind = frame.kind;
    }
    const ended = event.kind === 'end';
    for (const section of this.#open.splice(same)) {
      section.lastLine = ended ? event.line : Math.max(section.firstLine, event.line - 1);
      if (ended && section.path === event.path) section.seconds = elapsed(section.began, event.time);
    }
    for (const frame of frames.slice(same)) this.#begin(frame, event.line);
  }

  #begin(frame: Frame, line: number): void {
    if (this.#count >= sectionLimit) return;
    this.#count++;
    const section: OpenSection = {
      path: frame.path,
      kind: frame.kind,
      firstLine: frame.line ?? line,
      lastLine: line,
      seconds: undefined,
      failed: false,
      sections: [],
      begin: frame.line,
      began: frame.began,
    };
    (this.#open.at(-1)?.sections ?? this.#sections).push(section);
    this.#open.push(section);
  }

  #finish(result: 'failed' | 'finished', line: number, time: number | undefined): void {
    this.#result = result;
    for (const section of this.#open) {
      section.lastLine = line;
      section.seconds = elapsed(section.began, time);
    }
    if (result === 'failed') markFailed(this.#sections.at(-1), this.#stack.open);
  }

  /** What a line of output names: a script with its line, and files by their path in the build container. */
  #mentions(text: string, line: number): void {
    if (text.length > longestLine) return;
    const step = this.#stack.innermost;
    const message = parseBashMessage(text);
    if (message !== undefined && step !== undefined) {
      const shown = /^.*?: (?:-c: )?line \d+/.exec(text)?.[0] ?? text;
      if (message.script !== undefined) {
        this.#refer(line, shown, joinPath(folderOf(step.path), message.script), message.line);
      } else if (step.kind === 'run-chroot') {
        this.#refer(line, shown, step.path, message.line);
      } else if (step.kind === 'run' || step.kind === 'prerun') {
        this.#add({ line, text: shown, path: step.path, targetLine: undefined, inBody: message });
      }
    }
    if (!text.includes('/')) return;
    if (step !== undefined && text.includes('files/')) {
      for (const [shown, path = ''] of text.matchAll(subStageFile)) {
        this.#refer(line, shown, joinPath(folderOf(step.path), path));
      }
    }
    for (const match of text.matchAll(absolutePath)) {
      const [shown, path = '', number] = match;
      if (isOfTree(path, this.#stack)) {
        this.#refer(line, shown, path, number === undefined ? undefined : Number(number));
      }
    }
  }

  #refer(line: number, text: string, path: string, targetLine?: number): void {
    this.#add({ line, text, path, targetLine });
  }

  #add(reference: LogReference): void {
    if (this.#references.length < referenceLimit) this.#references.push(reference);
  }
}

/** A path with, in the manner of compilers and bash, the number of a line behind it. */
const absolutePath = /(?<![\w./-])(\/[\w./+@%,=~-]*[\w/+@%=~-])(?::(?: line )?(\d+))?/g;

/** A file of the sub-stage as its scripts name it, relative to its folder, in which they run. */
const subStageFile = /(?<![\w./-])(?:\.\/)?(files\/[\w./+@%,=~-]*[\w+@%=~-])/g;

/** Whether a path may be one of the tree that was built: work/ and the rootfs in it hold what a build makes. */
function isOfTree(path: string, stack: StepStack): boolean {
  if (/\/(?:work|rootfs|deploy)\//.test(path)) return false;
  return stack.open.some((frame) => path.startsWith(`${frame.path}/`));
}

function elapsed(began: number | undefined, ended: number | undefined): number | undefined {
  return began === undefined || ended === undefined ? undefined : Math.max(0, ended - began);
}

/** pi-gen-action closes every group before it says that the build failed: then the last sections of these paths are meant. */
function markFailed(last: OpenSection | undefined, frames: readonly Frame[]): void {
  const paths = new Set(frames.map(({ path }) => path));
  for (let section = last; section !== undefined; section = section.sections.at(-1)) {
    if (paths.has(section.path)) section.failed = true;
  }
}
