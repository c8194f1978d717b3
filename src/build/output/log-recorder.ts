import { LogReader } from '../../explain/log-reader';
import type { LogEvent, ResultEvent } from '../../explain/log-reader';
import { SecretMasker } from '../../pigen/config/secrets';
import { WrappedBase64 } from '../../pigen/config/wrapped-base64';
import type { BuildEvent } from '../build-event';
import type { OutputLine, OutputStream } from './lines';
import type { LogFile } from './log-file';
import { imageStepOf } from './image-step';
import type { StampClock } from './stamp-clock';
import type { StepTracker } from './step-tracker';

/** Where the events of a build go. A promise slows the build down until it is settled. */
export type EventSink = (event: BuildEvent) => void | Promise<void>;

const stampStart = /\[\d\d:\d\d:\d\d\] (?=\S)/g;

/** Takes the lines of a build: masks secrets, writes every line to the log file, and tells lines and steps as events. */
export class LogRecorder {
  readonly #masker: SecretMasker;
  readonly #maskers: Readonly<Record<OutputStream, SecretMasker>>;
  readonly #wrapped: WrappedBase64;
  /** Streams of whose line a part was told already. */
  readonly #torn = new Set<OutputStream>();
  readonly #reader = new LogReader();
  #lastLine: string | undefined;
  #result: ResultEvent['kind'] | undefined;
  #endedAgo = 0;
  /** The image's build stands before pi-gen's first stamp. */
  #hasStamp = false;

  constructor(
    /** Undefined where somebody else writes it. */
    private readonly file: LogFile | undefined,
    private readonly tracker: StepTracker,
    private readonly sink: EventSink,
    secrets: Iterable<string>,
    private readonly stamps: StampClock,
  ) {
    const all = [...secrets];
    this.#wrapped = new WrappedBase64(all);
    this.#masker = new SecretMasker(all);
    this.#maskers = { stdout: new SecretMasker(all), stderr: new SecretMasker(all) };
  }

  /** What pi-gen's output ended with so far. */
  get lastLine(): string | undefined {
    return this.#lastLine;
  }

  /** What pi-gen itself says of how it ended. */
  get result(): ResultEvent['kind'] | undefined {
    return this.#result;
  }

  /** Milliseconds since pi-gen said that it ended, where that was told late; 0 where it comes as it is said. */
  get endedAgo(): number {
    return this.#endedAgo;
  }

  mask(text: string): string {
    return this.#masker.last(this.#wrapped.maskLine(text));
  }

  /**
   * A line of pi-gen's output. The file gets it as it is; events leave out what a program drew over. Gives a promise where
   * the build has to wait for the file or for who takes the events: most lines have nothing to wait for, and there may be
   * millions.
   */
  output(line: OutputLine): void | Promise<void> {
    const text = this.#masked(line);
    if (line.torn === true && text === '') return;
    const written = this.file?.write(text);
    return written === undefined
      ? this.#tellLine(text, line.stream)
      : written.then(() => this.#tellLine(text, line.stream));
  }

  #masked({ text, stream, torn }: OutputLine): string {
    const masker = this.#maskers[stream];
    if (torn === true) {
      this.#torn.add(stream);
      // What may be the first half of a secret waits for the rest of its line.
      return masker.push(text);
    }
    return masker.last(this.#torn.delete(stream) ? text : this.#wrapped.maskLine(text));
  }

  #tellLine(text: string, stream: OutputStream): void | Promise<void> {
    const events = this.#reader.pushLine(text);
    const [first] = events;
    if (events.length > 1) return this.#tellAll(events, text, stream);
    return first === undefined ? undefined : this.#tell(first, text, stream);
  }

  async #tellAll(events: readonly LogEvent[], text: string, stream: OutputStream): Promise<void> {
    for (const event of events) await this.#tell(event, text, stream);
  }

  /** A line that stands in the file already: it was said when its stamp says. */
  async replay(text: string): Promise<void> {
    const step = this.#hasStamp ? undefined : imageStepOf(text);
    if (step !== undefined) await this.sink({ event: 'image-step', ...step });
    for (const event of this.#reader.pushLine(text)) {
      const stamp = stampTime(event);
      await this.#tell(event, text, 'stdout', stamp === undefined ? 0 : this.stamps.ago(stamp));
    }
  }

  #tell(event: LogEvent, text: string, stream: OutputStream, ago?: number): void | Promise<void> {
    const shown = event.kind === 'line' ? event.text : stampOf(text);
    this.#lastLine = shown;
    const told = this.sink({ event: 'line', text: shown, stream });
    return event.kind === 'line' ? told : this.#tellStep(event, told, ago ?? this.#lateness(event));
  }

  async #tellStep(event: LogEvent, before: void | Promise<void>, ago: number): Promise<void> {
    await before;
    this.#hasStamp = true;
    if (event.kind === 'build-failed' || event.kind === 'build-finished') {
      this.#result = event.kind;
      this.#endedAgo = ago;
    }
    for (const told of this.tracker.take(event, ago)) await this.sink(told);
  }

  /** What was printed while nobody followed the build, or its engine was lost, comes long after its stamps. */
  #lateness(event: LogEvent): number {
    const stamp = stampTime(event);
    return stamp === undefined ? 0 : this.stamps.lateness(stamp);
  }

  /** A line of the image's build, or of our own. */
  async note(text: string, stream: OutputStream | 'engine' = 'engine'): Promise<void> {
    const masked = this.mask(text);
    await this.file?.write(masked);
    await this.sink({ event: 'line', text: masked, stream });
  }
}

function stampTime(event: LogEvent): number | undefined {
  return 'time' in event ? event.time : undefined;
}

/** The part of a line that is pi-gen's stamp: a last message without its newline may stand before it. */
function stampOf(line: string): string {
  const last = [...line.matchAll(stampStart)].at(-1);
  return (last === undefined ? line : line.slice(last.index)).trimEnd();
}
