import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Identity {
  readonly key: string;
  /** For github.com. */
  readonly cert: string;
}

/**
 * Stands in for GitHub's releases, which no test may ask, behind a proxy: whoever goes by that proxy and trusts the certificate
 * takes it for github.com. As GitHub does, it answers with the address at which the file lies. Other hosts cannot be reached.
 */
export class ReleaseServer {
  /** Paths that were asked for, in order. */
  readonly requests: string[] = [];
  /** Until it is there, there is no release. */
  archive: Buffer | undefined;

  /** What the proxy holds open: the server that it belongs to does not know of it any more. */
  readonly #tunnels = new Set<Duplex>();

  private constructor(
    private readonly proxy: Server,
    private readonly files: Server,
  ) {}

  static async start({ key, cert }: Identity): Promise<ReleaseServer> {
    const files = createHttpsServer({ key, cert });
    const proxy = createHttpServer();
    const server = new ReleaseServer(proxy, files);
    files.on('request', ({ url = '' }, response) => {
      server.requests.push(url);
      if (server.archive === undefined) response.writeHead(404).end();
      else if (url.startsWith('/stored/')) response.end(server.archive);
      else response.writeHead(302, { location: `https://github.com/stored${url}` }).end();
    });
    proxy.on('connect', ({ url }, socket) => {
      if (url !== 'github.com:443') {
        socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
        return;
      }
      const to = connect((files.address() as AddressInfo).port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        to.pipe(socket).pipe(to);
      });
      server.#tunnels.add(socket);
      // Either end may go at any time.
      to.on('error', () => socket.destroy());
      socket.on('error', () => to.destroy());
      socket.on('close', () => {
        server.#tunnels.delete(socket);
        to.destroy();
      });
    });
    for (const one of [files, proxy]) {
      one.listen(0, '127.0.0.1');
      await once(one, 'listening');
    }
    return server;
  }

  /** The address of the proxy. */
  get address(): string {
    return `http://127.0.0.1:${(this.proxy.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const tunnel of this.#tunnels) tunnel.destroy();
    for (const one of [this.proxy, this.files]) {
      one.close();
      one.closeAllConnections();
      await once(one, 'close');
    }
  }
}
