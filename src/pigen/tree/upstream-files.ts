import { createHash } from 'node:crypto';
import { upstreamBlobs } from './upstream-blobs';

/** Bytes of a hash that are kept: see scripts/upstream-blobs.mjs. */
const hashLength = 6;

/** Tells files as pi-gen ships them, in any commit of any of its branches, from files of one's own. */
export class UpstreamFiles {
  readonly #hashes: ReadonlySet<string>;

  /** @param hashes the git hash of each file, in hexadecimal, or as much of its beginning as is known */
  constructor(hashes: Iterable<string>) {
    this.#hashes = new Set(Array.from(hashes, (hash) => hash.slice(0, hashLength * 2)));
  }

  /** Those that pi-gen itself has shipped. */
  static ofPiGen(): UpstreamFiles {
    const bytes = Buffer.from(upstreamBlobs, 'base64');
    const hashes = Array.from({ length: bytes.length / hashLength }, (_, i) =>
      bytes.toString('hex', i * hashLength, (i + 1) * hashLength),
    );
    return new UpstreamFiles(hashes);
  }

  /** Whether a file with these bytes is one of them. */
  has(bytes: Uint8Array): boolean {
    return this.#hashes.has(gitHash(bytes).slice(0, hashLength * 2));
  }
}

/** What git calls a file with these bytes. */
export function gitHash(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
