import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import type { Helper } from '../build/engine/engine';
import type { Terminal, TerminalWindow } from './terminal';

/** Ctrl-D, which ends a shell whose input ends. */
const endOfInput = '\u0004';
/** Milliseconds until it is said again: to a command that has begun to read its input since. */
const endInterval = 1000;

/** Connects a shell with the terminal until it ends, or the terminal's signal ends it: then rejects with its reason. */
export async function connectShell(
  helper: Pick<Helper, 'stream' | 'resize'>,
  terminal: Terminal,
): Promise<void> {
  const { window, signal } = terminal;
  const { stream } = helper;
  const end = () => {
    stream.destroy();
  };
  signal.addEventListener('abort', end, { once: true });
  const letGo = window === undefined ? undefined : await followSize(window, helper);
  window?.setRaw(true);
  const typing = new Typing(stream);
  try {
    // Who types sees when the shell is there; what comes from a pipe could be taken by something that runs before it.
    if (window !== undefined) typing.begin(terminal.input);
    const text = new StringDecoder('utf8');
    let tail = '';
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const words = text.write(chunk);
      await terminal.write(words);
      tail = (tail + words).slice(-64);
      if (/[#$] $/.test(stripVTControlCharacters(tail))) typing.prompt(terminal.input);
    }
  } finally {
    typing.stop();
    window?.setRaw(false);
    letGo?.();
    signal.removeEventListener('abort', end);
  }
  signal.throwIfAborted();
}

async function followSize(window: TerminalWindow, helper: Pick<Helper, 'resize'>): Promise<() => void> {
  const follow = async () => {
    const { columns, rows } = window.size();
    // A shell that has just ended has no size.
    await helper.resize(columns, rows).catch(() => undefined);
  };
  await follow();
  return window.onResize(() => void follow());
}

/** Hands input on to a shell, once. */
class Typing {
  #hasBegun = false;
  #isStopped = false;
  #saying: NodeJS.Timeout | undefined;

  constructor(private readonly stream: Helper['stream']) {}

  /** What is written to a shell that has ended goes nowhere. */
  begin(input: Terminal['input']): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    void this.#pump(input);
  }

  /** To be called whenever the shell waits for a command. */
  prompt(input: Terminal['input']): void {
    this.begin(input);
    // A Ctrl-D that came while a command ran has passed the shell by: its terminal kept it for that command.
    if (this.#saying !== undefined) this.#end();
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#saying);
  }

  /** Never rejects. */
  async #pump(input: Terminal['input']): Promise<void> {
    try {
      for await (const chunk of input) {
        if (this.stream.destroyed) return;
        this.stream.write(chunk);
      }
      if (this.#isStopped) return;
      this.#saying = setInterval(() => {
        this.#end();
      }, endInterval);
      this.#end();
    } catch {
      this.stream.destroy();
    }
  }

  #end(): void {
    if (!this.stream.destroyed) this.stream.write(endOfInput);
  }
}
