import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';

/** An engine's machine that is reached over SSH. */
export interface SshAddress {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  /** The engine's socket there, where it is not the usual one: absolute. */
  readonly socket: string | undefined;
}

/**
 * The words for `ssh`, as the docker command calls it. Keys, jump hosts and known hosts are the user's own ssh configuration's;
 * nobody is there to be asked, so that an unknown host is refused.
 */
export function sshWords({ user, host, port, socket }: SshAddress): readonly string[] {
  return [
    ...['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30'],
    // A network that is cut ends no connection.
    ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=3'],
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['--', host, 'docker'],
    ...(socket === undefined ? [] : ['--host', `unix://${socket}`]),
    ...['system', 'dial-stdio'],
  ];
}

/** What was said when the way over SSH came to nothing; NodeJS' errors have no code for it. */
export const sshFailed = 'ERR_SSH';

/** Gives each request an `ssh` of its own, as a socket. */
export class SshAgent extends Agent {
  constructor(private readonly address: SshAddress) {
    super({ keepAlive: false });
  }

  override createConnection(): Duplex {
    return new SshSocket(spawn('ssh', [...sshWords(this.address)], { windowsHide: true }));
  }
}

/** Characters of what `ssh` complains of that are kept. */
const complaintLimit = 4096;

/** The two pipes of a process as the socket that node:http expects. */
class SshSocket extends Duplex {
  #complaint = '';

  constructor(private readonly process: ChildProcessWithoutNullStreams) {
    super({ allowHalfOpen: true });
    process.stdout.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) process.stdout.pause();
    });
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-complaintLimit);
    });
    process.stdin.on('error', () => {
      // The process has ended: its exit says why.
    });
    process.on('error', (error) => this.destroy(sshError(error.message)));
    process.on('close', (code, ended) => {
      if (code === 0) this.push(null);
      else
        this.destroy(sshError(lastLine(this.#complaint) || `ssh ended with ${code ?? ended ?? 'nothing'}`));
    });
  }

  override _read(): void {
    this.process.stdout.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // Where it fails, the process has ended, and its end tells why.
    this.process.stdin.write(bytes, () => {
      done();
    });
  }

  override _final(done: () => void): void {
    this.process.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.process.kill();
    done(error);
  }

  // What node:http asks of a socket; a process has neither a timeout nor packets.
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.process.ref();
    return this;
  }

  unref(): this {
    this.process.unref();
    return this;
  }
}

function sshError(reason: string): Error {
  return Object.assign(new Error(reason), { code: sshFailed });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
