import { lostOutput } from '../output/container-output';
import { demultiplex } from '../engine/demultiplexer';
import type { Engine, Helper } from '../engine/engine';
import { labelsFor } from '../labels';
import type { LabelledPlace } from '../labels';

/** A result as the container has it. */
export interface ManifestEntry {
  /** Below the folder of the results, with `/`. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mode: number;
}

/** By path. Undefined: the results are not where another container can see them. */
export type Manifest = ReadonlyMap<string, ManifestEntry> | undefined;

/** Exit status of a helper that does not see the folder. */
const notThere = 3;

/** Prints mode, size, hash and name of every file below the folder $0, each ended by a NUL. */
const listResults = `cd -- "$0" 2> /dev/null || exit ${notThere}
find . -type f -printf '%P\\0' | while IFS= read -r -d '' name; do
	hash="$(sha256sum < "./\${name}")" || exit 1
	printf '%s %s %s\\0' "$(stat -c '%a %s' -- "./\${name}")" "\${hash%% *}" "\${name}"
done
printf '.\\0'`;

/**
 * Begins to hash the results of an ended container where they are, beside it: in a container that shares its volumes and can
 * change nothing. Resolves as soon as that runs, and needs the ended container no more. Rejects with a BuildProblemError, or
 * with what `signal` was aborted with.
 */
export async function beginManifest(
  engine: Engine,
  container: string,
  folder: string,
  signal: AbortSignal,
): Promise<ManifestReader> {
  const helper = await besideContainer(engine, container, ['bash', '-c', listResults, folder], signal);
  if (helper === undefined) return { read: () => Promise.resolve(undefined), close: () => Promise.resolve() };
  let manifest: Promise<Manifest> | undefined;
  return {
    read: () => (manifest ??= readManifest(helper, engine, signal)),
    close: async () => {
      await helper.close();
      await manifest?.catch(() => undefined);
    },
  };
}

export interface ManifestReader {
  /** Rejects as beginManifest does. */
  read(): Promise<Manifest>;
  /** Ends the hashing, and takes away what it needed. */
  close(): Promise<void>;
}

async function readManifest(helper: Helper, engine: Engine, signal: AbortSignal): Promise<Manifest> {
  const text = Buffer.concat(await collected(outputOf(helper, signal))).toString();
  if ((await helper.ended()) === notThere) return undefined;
  // Without its end, some of it is missing.
  if (!text.endsWith('\0.\0') && text !== '.\0') throw lostOutput(engine, 'copy-out');
  return manifestOf(text);
}

function manifestOf(text: string): Manifest {
  return new Map(
    text
      .split('\0')
      .slice(0, -2)
      .flatMap((record): readonly (readonly [string, ManifestEntry])[] => {
        const [, mode = '', bytes = '', sha256 = '', path] =
          /^([0-7]+) (\d+) ([0-9a-f]{64}) (.+)$/s.exec(record) ?? [];
        if (path === undefined) return [];
        return [[path, { path, sha256, bytes: Number(bytes), mode: Number.parseInt(mode, 8) }]];
      }),
  );
}

/**
 * The bytes of a file of an ended container, from an offset on. Gives undefined where the container is gone. Rejects as
 * beginManifest does; what it gives must be closed.
 */
export async function readTail(
  engine: Engine,
  container: string,
  path: string,
  offset: number,
  signal: AbortSignal,
): Promise<{ readonly content: AsyncGenerator<Uint8Array>; close(): Promise<void> } | undefined> {
  const command = ['tail', '-c', `+${offset + 1}`, '--', path];
  const helper = await besideContainer(engine, container, command, signal);
  if (helper === undefined) return undefined;
  return { content: outputOf(helper, signal), close: () => helper.close() };
}

/**
 * Starts a command in a container that shares the volumes of another one, read-only. Undefined where that is gone.
 *
 * @param privileged for devices of the engine's machine
 * @param place whose it is, for the labels
 */
export async function besideContainer(
  engine: Engine,
  container: string,
  command: readonly string[],
  signal: AbortSignal,
  privileged = false,
  place?: LabelledPlace,
): Promise<Helper | undefined> {
  const details = await engine.details(container);
  if (details === undefined) return undefined;
  return engine.openHelper(
    {
      image: details.image,
      command,
      environment: ['LC_ALL=C'],
      labels: labelsFor('look', place),
      volumesFrom: [container],
      readOnly: true,
      mounts: [],
      network: 'none',
      privileged,
      terminal: false,
      archives: [],
    },
    signal,
  );
}

/** What a helper prints to standard output. */
export async function* outputOf({ stream }: Helper, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const letGo = () => {
    stream.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', letGo, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of demultiplex(stream as AsyncIterable<Uint8Array>)) {
      if (chunk.stream === 'stdout') yield chunk.bytes;
    }
  } finally {
    signal.removeEventListener('abort', letGo);
  }
}

/** All that a source gives. */
export async function collected(source: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  // A chunk is a view of what is read next.
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return chunks;
}
