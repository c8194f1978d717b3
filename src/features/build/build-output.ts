import * as vscode from 'vscode';
import { shownSize } from '../../build/afterwards/shown-size';
import type { BuildEvent } from '../../build/build-event';

/** Lines are handed to the output channel together, so many milliseconds apart at the most: dpkg prints thousands at once. */
const flushInterval = 100;

/**
 * The channels of the output panel that show builds: "Pi-gen Build", and for each of several configs one of its own, so that the
 * log of one stays when the next begins.
 */
export class BuildOutputs implements vscode.Disposable {
  /** By name of the build; empty: the one that needs none. */
  readonly #outputs = new Map<string, BuildOutput>();
  readonly main = this.of('');

  of(name = ''): BuildOutput {
    const there = this.#outputs.get(name);
    if (there !== undefined) return there;
    const title = vscode.l10n.t('Pi-gen Build');
    const made = new BuildOutput(name === '' ? title : vscode.l10n.t('{0}: {1}', title, name));
    this.#outputs.set(name, made);
    return made;
  }

  dispose(): void {
    for (const output of this.#outputs.values()) output.dispose();
  }
}

/** A channel of the output panel: the log of a running or ended build, as it comes. */
export class BuildOutput implements vscode.Disposable {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #channel: vscode.OutputChannel;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Lines were written, each with its line feed. */
  readonly onDidWrite = this.#written.event;

  constructor(title: string) {
    this.#channel = vscode.window.createOutputChannel(title, 'pi-gen-log');
  }

  /** @param quiet the panel stays as it is: open, closed, or on another output */
  start(title: string, quiet = false): void {
    this.#waiting = [];
    this.#channel.clear();
    if (!quiet) this.#channel.show(true);
    this.line(title);
  }

  show(): void {
    this.#channel.show(true);
  }

  /** What an event has to show; most of them are told by a line of the log too. */
  event(event: BuildEvent): void {
    switch (event.event) {
      case 'line':
        this.line(event.text);
        break;
      case 'image-step':
        this.line(
          vscode.l10n.t(
            'Image of the build container: step {0} of {1}: {2}',
            event.step,
            event.total,
            event.text,
          ),
        );
        break;
      case 'artifact':
        this.line(
          event.verified
            ? vscode.l10n.t(
                'Copied: {0} ({1}, SHA-256 {2})',
                event.file,
                shownSize(event.bytes),
                event.sha256,
              )
            : vscode.l10n.t(
                'Copied: {0} ({1}, SHA-256 {2}, which could not be compared with the container)',
                event.file,
                shownSize(event.bytes),
                event.sha256,
              ),
        );
        break;
      case 'step-began':
      case 'step-ended':
      case 'step-skipped':
      case 'stage-size':
      case 'failed':
      case 'ended':
        break;
    }
  }

  line(text: string): void {
    this.#waiting.push(text);
    this.#timer ??= setTimeout(() => {
      this.flush();
    }, flushInterval);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const text = `${this.#waiting.join('\n')}\n`;
    this.#waiting = [];
    this.#channel.append(text);
    this.#written.fire(text);
  }

  dispose(): void {
    this.flush();
    this.#channel.dispose();
    this.#written.dispose();
  }
}
