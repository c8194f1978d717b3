import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { connectShell } from '../../../src/cli/connect-shell';
import type { Terminal } from '../../../src/cli/terminal';

/** What a shell in a terminal does with what is typed: a Ctrl-D that comes while a command runs is lost. */
class FakeShell extends Duplex {
  readonly heard: string[] = [];
  #runs = true;

  constructor(private readonly prompt: string) {
    super();
    this.#show();
  }

  override _read(): void {
    // It speaks by itself.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#take(chunk.toString());
    done();
  }

  #take(word: string): void {
    this.heard.push(word);
    if (word === '\u0004') {
      if (!this.#runs) this.push(null);
      return;
    }
    this.#runs = true;
    setImmediate(() => {
      this.#show();
    });
  }

  #show(): void {
    this.#runs = false;
    this.push(this.prompt);
  }
}

function terminalOf(...input: readonly string[]): { readonly terminal: Terminal; readonly shown: string[] } {
  const shown: string[] = [];
  return {
    shown,
    terminal: {
      workingFolder: '/',
      environment: {},
      colour: false,
      signal: new AbortController().signal,
      input: (async function* () {
        for (const text of input) yield await Promise.resolve(Buffer.from(text));
      })(),
      window: undefined,
      write: (text) => {
        shown.push(text);
        return Promise.resolve();
      },
      complain: () => undefined,
    },
  };
}

describe('a shell that is fed from a pipe', () => {
  for (const prompt of ['bash-5.2# ', 'pi@kiosk:~$ ', '\u001b[1;31mroot@kiosk:/#\u001b[0m \u001b[0m']) {
    it(`ends with its input, though a command of it runs then: ${JSON.stringify(prompt)}`, async () => {
      const stream = new FakeShell(prompt);
      const { terminal, shown } = terminalOf('ls /\n');
      await connectShell({ stream, resize: () => Promise.resolve() }, terminal);
      assert.deepEqual(stream.heard, ['ls /\n', '\u0004', '\u0004']);
      assert.deepEqual(shown, [prompt, prompt]);
    });
  }
});
