import { LogReader } from '../explain/log-reader';
import { SecretMasker } from '../pigen/secrets';
import type { BuildEvent } from './build-event';
import type { OutputLine, OutputStream } from './lines';
import type { LogFile } from './log-file';
import type { StepTracker } from './step-tracker';

/** Where the events of a build go. A promise slows the build down until it is settled. */
export type EventSink = (event: BuildEvent) => void | Promise<void>;

const stampStart = /\[\d\d:\d\d:\d\d\] (?=\S)/g;

/** Takes the lines of a build: masks secrets, writes every line to the log file, and tells lines and steps as events. */
export class LogRecorder {
  readonly #masker: SecretMasker;
  readonly #reader = new LogReader();

  constructor(
    private readonly file: LogFile,
    private readonly tracker: StepTracker,
    private readonly sink: EventSink,
    secrets: Iterable<string>,
  ) {
    this.#masker = new SecretMasker(secrets);
  }

  mask(text: string): string {
    return this.#masker.push(text) + this.#masker.flush();
  }

  /** A line of pi-gen's output. The file gets it as it is; events leave out what a program drew over. */
  async output(line: OutputLine): Promise<void> {
    const text = this.mask(line.text);
    await this.file.write(text);
    for (const event of this.#reader.push(`${text}\n`)) {
      const shown = event.kind === 'line' ? event.text : stampOf(text);
      await this.sink({ event: 'line', text: shown, stream: line.stream });
      for (const told of this.tracker.take(event)) await this.sink(told);
    }
  }

  /** A line of the image's build, or of our own. */
  async note(text: string, stream: OutputStream | 'engine' = 'engine'): Promise<void> {
    const masked = this.mask(text);
    await this.file.write(masked);
    await this.sink({ event: 'line', text: masked, stream });
  }
}

/** The part of a line that is pi-gen's stamp: a last message without its newline may stand before it. */
function stampOf(line: string): string {
  const last = [...line.matchAll(stampStart)].at(-1);
  return (last === undefined ? line : line.slice(last.index)).trimEnd();
}
