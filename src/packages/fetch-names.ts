import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { download, DownloadError } from './download';
import type { DownloadOptions } from './download';
import { PackageNameReader, PackagesFileError } from './packages-file';
import { parseReleaseFile } from './release-file';
import type { ReleasedFile, ReleaseFile } from './release-file';

/** What bounds a fetch, so that no server can fill the memory or hold it up for ever. */
export interface FetchLimits {
  /** Bytes of a Release file. */
  readonly releaseSize: number;
  /** Bytes of a Packages file as it is sent. */
  readonly packagesSize: number;
  /** Bytes of it unpacked. */
  readonly unpackedSize: number;
  /** Milliseconds in which a server must send something. */
  readonly patience: number;
}

const mebibyte = 1024 * 1024;

/** Ten times what Debian has. */
export const fetchLimits: FetchLimits = {
  releaseSize: 16 * mebibyte,
  packagesSize: 128 * mebibyte,
  unpackedSize: 640 * mebibyte,
  patience: 30_000,
};

export interface FetchContext {
  readonly signal: AbortSignal;
  readonly limits: FetchLimits;
}

/**
 * Fetches `InRelease`, else `Release`, from a folder of a repository (with `/` at its end). The signature is not checked.
 * Throws a DownloadError.
 */
export async function fetchRelease(folder: string, context: FetchContext): Promise<ReleaseFile> {
  const { signal, limits } = context;
  const options = { signal, size: limits.releaseSize, patience: limits.patience };
  const text = await textOf(`${folder}InRelease`, options).catch((error: unknown) => {
    if (error instanceof DownloadError && error.missing) return textOf(`${folder}Release`, options);
    throw error;
  });
  const release = parseReleaseFile(text);
  if (release === undefined) throw new DownloadError('its Release file lists no SHA-256 of its files');
  return release;
}

async function textOf(url: string, options: DownloadOptions): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of download(url, options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

type Packing = 'gz' | 'xz' | 'plain';

/** The forms of a Packages file, the quickest to unpack first. Debian has no .gz in its updates and security suites. */
const forms: readonly (readonly [ending: string, packing: Packing])[] = [
  ['.gz', 'gz'],
  ['.xz', 'xz'],
  ['', 'plain'],
];

/** A Packages file in the form in which it is to be fetched. */
export interface PackagesFile extends ReleasedFile {
  readonly packing: Packing;
}

/** The Packages file of a folder of a Release file (`main/binary-armhf/`); undefined where it lists none. */
export function findPackagesFile(release: ReleaseFile, folder: string): PackagesFile | undefined {
  for (const [ending, packing] of forms) {
    const file = release.files.get(`${folder}Packages${ending}`);
    if (file !== undefined) return { ...file, packing };
  }
  return undefined;
}

/** Fetches a Packages file and reads the names out of it. Throws a DownloadError. */
export async function fetchNames(
  folder: string,
  release: ReleaseFile,
  file: PackagesFile,
  context: FetchContext,
): Promise<readonly string[]> {
  if (release.byHash) {
    const path = `${file.path.slice(0, file.path.lastIndexOf('/') + 1)}by-hash/SHA256/${file.sha256}`;
    try {
      return await namesOf(folder + path, file, context);
    } catch (error) {
      // Some mirrors leave these folders out.
      if (!(error instanceof DownloadError) || !error.missing) throw error;
    }
  }
  return namesOf(folder + file.path, file, context);
}

async function namesOf(
  url: string,
  file: PackagesFile,
  { signal, limits }: FetchContext,
): Promise<readonly string[]> {
  const { size, sha256 } = file;
  const source = download(url, {
    ...{ signal, size: limits.packagesSize, patience: limits.patience },
    expected: { size, sha256 },
  });
  const reader = new PackageNameReader();
  let unpacked = 0;
  const read = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      unpacked += chunk.byteLength;
      if (unpacked > limits.unpackedSize) throw new PackagesFileError('it unpacks to more than it should');
      reader.add(chunk);
    }
  };
  try {
    await unpack(source, file.packing, read);
    return reader.finish();
  } catch (error) {
    if (error instanceof DownloadError) throw error;
    signal.throwIfAborted();
    if (error instanceof PackagesFileError) throw new DownloadError(error.message);
    throw new DownloadError('it cannot be unpacked');
  }
}

async function unpack(
  source: AsyncGenerator<Uint8Array>,
  packing: Packing,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  switch (packing) {
    case 'plain':
      return pipeline(source, read);
    case 'gz':
      return pipeline(source, createGunzip(), read);
    case 'xz': {
      const { XzReadableStream } = await import('xz-decompress');
      // The types of Node and of the DOM are told apart, the streams are the same.
      const packed = Readable.toWeb(Readable.from(source)) as unknown as ConstructorParameters<
        typeof XzReadableStream
      >[0];
      const stream = new XzReadableStream(packed) as unknown as ReadableStream<Uint8Array>;
      return pipeline(Readable.fromWeb(stream), read);
    }
  }
}
