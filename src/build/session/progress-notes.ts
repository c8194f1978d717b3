import { writeRecord } from './build-record';
import type { BuildRecord, RecordedEnd } from './build-record';
import type { OutputPosition } from '../output/lines';
import type { LogFile } from '../output/log-file';

/** Milliseconds between two notes of how far the log on disk is. */
const interval = 500;

/** Notes beside the log from where on another process would have to go on. */
export class ProgressNotes {
  readonly #log: LogFile;
  #record: BuildRecord;
  #last = -Infinity;

  constructor({ log, record }: { readonly log: LogFile; readonly record: BuildRecord }) {
    this.#log = log;
    this.#record = record;
  }

  /**
   * Notes how far the log is, unless that was done just now. Rejects with Node's error where the log cannot be written.
   *
   * @param position how much of the output stands in the log; undefined where that is not to be told
   */
  async take(position: OutputPosition | undefined): Promise<void> {
    if (performance.now() - this.#last < interval) return;
    await this.takeNow(position);
  }

  /** As take(), whenever the last one was. */
  async takeNow(position: OutputPosition | undefined): Promise<void> {
    if (position === undefined) return;
    this.#last = performance.now();
    const log = await this.#log.flush();
    const { stdout, stderr } = position;
    this.#record = { ...this.#record, position: { log, stdout: stdout.lines, stderr: stderr.lines } };
    await this.#save();
  }

  /** Notes how the build ended. */
  async end(end: RecordedEnd): Promise<void> {
    this.#record = { ...this.#record, end };
    await this.#save();
  }

  /** An older record costs whoever goes on some reading, and loses nothing. */
  async #save(): Promise<void> {
    await writeRecord(this.#log.path, this.#record).catch(() => undefined);
  }
}
