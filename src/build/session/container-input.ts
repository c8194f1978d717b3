import type { Readable } from 'node:stream';
import type { ContainerRequest } from '../engine/engine';

/** Bytes that are handed over at once: whoever loses the connection meanwhile has sent all or nothing of use. */
const limit = 1024 * 1024;

/** Unpacks what comes by its input, $0 bytes, and becomes the command $@. */
const unpack =
  'head -c "$0" | tar -xpf - -C / && exec "$@" < /dev/null; echo "What the build needs did not reach its container whole." >&2; exit 1';

/**
 * A small archive as the bytes that a container is to read; undefined where it is too big for that. An engine takes some
 * 50 ms to unpack an archive itself, however small: for that it starts another process of its own. Rejects with the archive's
 * error, and leaves it destroyed.
 */
export async function smallInput(archive: Readable): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of archive as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The request for a container that unpacks `input` at its root before it runs its command. */
export function readingInput(request: ContainerRequest, input: Uint8Array): ContainerRequest {
  return {
    ...request,
    command: ['bash', '-c', unpack, String(input.length), ...request.command],
    takesInput: true,
  };
}
