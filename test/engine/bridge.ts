import net from 'node:net';
import type { Socket } from 'node:net';

/** A way to the engine that can be cut, or take connections without a word, as the socket of an engine that hangs. */
export class Bridge {
  readonly #open = new Set<Socket>();
  readonly #server: net.Server;
  #hangs = false;

  /** @param place path of its socket @param engine path of the engine's */
  constructor(
    private readonly place: string,
    engine: string,
  ) {
    this.#server = net.createServer((near) => {
      const far = net.connect(engine);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#open.add(from);
        from.pipe(to);
        if (this.#hangs) from.pause();
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#open.delete(from);
          to.destroy();
        });
      }
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.place, resolve));
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Nothing comes through any more, until goOn(). */
  hang(): void {
    this.#hangs = true;
    for (const socket of this.#open) socket.pause();
  }

  goOn(): void {
    this.#hangs = false;
    for (const socket of this.#open) socket.resume();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}
