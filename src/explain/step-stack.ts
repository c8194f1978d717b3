import { baseName, folderOf, isWithin } from '../pigen/files/path';
import { parseStepName, prerunName, stepForms } from '../pigen/tree/step-names';
import type { StepKind } from '../pigen/tree/stage-tree';
import type { FrameKind } from './explanation';
import type { BeginEvent, EndEvent, LogEvent } from './log-reader';

/** Something that the log says has begun. */
export interface Frame {
  /** As the log gives it. */
  readonly path: string;
  readonly kind: FrameKind;
  /** 0-based line of its `Begin`; undefined where the log begins later and only what is inside the frame shows it. */
  readonly line: number | undefined;
  /** Seconds, as LogReader counts them. */
  readonly began: number | undefined;
}

/** How many passed steps of one stage are kept: far more than a stage has, fewer than a hostile log can name. */
const passedLimit = 10_000;
const depthLimit = 16;

/** Follows `Begin` and `End` through a log: what is open now, and what of the open stage has passed. */
export class StepStack {
  #open: Frame[] = [];
  #passed: Frame[] = [];
  #prerunBegan = false;
  /** Frames closed by pi-gen-action's group marks since the last frame began. */
  #closedByGroups: Frame[] = [];

  /** Innermost last. */
  get open(): readonly Frame[] {
    return this.#open;
  }

  /** The failing step, where the build has stopped. */
  get innermost(): Frame | undefined {
    return this.#open.at(-1);
  }

  get stage(): Frame | undefined {
    return this.#open.find((frame) => frame.kind === 'stage');
  }

  /** Steps of the open stage that ended, prerun.sh among them, in the order in which they ended. */
  get passed(): readonly Frame[] {
    return this.#passed;
  }

  /** Whether the open stage's `Begin …/prerun.sh` (or its `End`) stands in the log. */
  get prerunBegan(): boolean {
    return this.#prerunBegan;
  }

  /** Whether one of the open stage's steps that pi-gen runs through on_chroot has passed: then its rootfs exists. */
  get chrootStepPassed(): boolean {
    return this.#passed.some((frame) =>
      stepForms.some((form) => form.kind === frame.kind && form.place === 'chroot'),
    );
  }

  push(event: LogEvent): void {
    if (event.kind === 'begin') this.#begin(event);
    else if (event.kind === 'end') this.#end(event);
    else if (event.kind === 'build-failed') this.#reopen();
  }

  #begin(event: BeginEvent): void {
    this.#closedByGroups = [];
    this.#leaveOthers(event.path);
    const kind = this.#kindOf(event.path);
    this.#implyParents(event.path, kind);
    this.#correctParents(event.path, kind);
    if (kind === 'stage') {
      this.#passed = [];
      this.#prerunBegan = false;
    }
    if (kind === 'prerun') this.#prerunBegan = true;
    if (this.#open.length < depthLimit) {
      this.#open.push({ path: event.path, kind, line: event.line, began: event.time });
    }
  }

  #end(event: EndEvent): void {
    const index = this.#open.findLastIndex((frame) => frame.path === event.path);
    const closed = index < 0 ? this.#endWithoutBegin(event) : this.#open.splice(index);
    const ended = closed[0];
    if (ended === undefined) return;
    if (isStep(ended.kind) || ended.kind === 'prerun') {
      if (this.#passed.length < passedLimit) this.#passed.push(ended);
      if (ended.kind === 'prerun') this.#prerunBegan = true;
    }
    if (event.marker === 'group') this.#closedByGroups.unshift(...closed);
  }

  /** The log was cut off before this frame began: what holds it is still open. */
  #endWithoutBegin(event: EndEvent): Frame[] {
    this.#leaveOthers(event.path);
    const kind = this.#kindOf(event.path);
    if (kind === 'tree' || kind === 'stage') return [];
    this.#implyParents(event.path, kind);
    return [{ path: event.path, kind, line: undefined, began: undefined }];
  }

  /** Closes frames whose `End` is missing: a stage, a sub-stage or a step holds only what lies below it. */
  #leaveOthers(path: string): void {
    for (let last = this.innermost; last !== undefined && last.kind !== 'tree'; last = this.innermost) {
      if (path !== last.path && isWithin(last.path, path)) return;
      this.#open.pop();
    }
  }

  #kindOf(path: string): FrameKind {
    const name = baseName(path);
    const step = parseStepName(name);
    const parent = this.innermost;
    // A sub-stage folder may well be called `00-packages`: inside a stage every folder is a sub-stage.
    const inStage = parent?.kind === 'stage' && folderOf(path) === parent.path;
    if (name === prerunName) return 'prerun';
    if (inStage) return 'sub-stage';
    if (step !== undefined) return step.form.kind;
    if (name === 'postrun.sh') return 'postrun';
    if (parent?.kind === 'tree') return 'stage';
    if (/^(?:stage|export-)/.test(name)) return 'stage';
    if (/^\d\d-/.test(name)) return 'sub-stage';
    return parent === undefined ? 'tree' : 'sub-stage';
  }

  #implyParents(path: string, kind: FrameKind): void {
    if (this.#open.some((frame) => frame.kind !== 'tree' && isWithin(frame.path, path))) return;
    const implied = (of: string, as: FrameKind): Frame => ({
      path: of,
      kind: as,
      line: undefined,
      began: undefined,
    });
    const folder = folderOf(path);
    if (isStep(kind)) {
      this.#open.push(implied(folderOf(folder), 'stage'), implied(folder, 'sub-stage'));
    } else if (kind === 'prerun' || kind === 'sub-stage') {
      if (this.innermost?.path === folder) return;
      this.#open.push(implied(folder, 'stage'));
    }
  }

  /** The outer frames of a cut log, or of a stage with an unusual name, are guesses until what they hold tells. */
  #correctParents(path: string, kind: FrameKind): void {
    const rename = (folder: string, as: FrameKind): void => {
      this.#open = this.#open.map((frame) => (frame.path === folder ? { ...frame, kind: as } : frame));
    };
    const folder = folderOf(path);
    if (kind === 'prerun') rename(folder, 'stage');
    if (!isStep(kind)) return;
    rename(folder, 'sub-stage');
    rename(folderOf(folder), 'stage');
  }

  /** pi-gen-action closes every open group before it says that the build failed. */
  #reopen(): void {
    if (this.#open.length > 0 && this.#closedByGroups.length === 0) return;
    this.#open.push(...this.#closedByGroups);
    this.#passed = this.#passed.filter((frame) => !this.#closedByGroups.includes(frame));
    this.#closedByGroups = [];
  }
}

function isStep(kind: FrameKind): kind is StepKind {
  return stepForms.some((form) => form.kind === kind);
}
