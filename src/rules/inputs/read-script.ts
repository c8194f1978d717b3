import { FileError } from '../../pigen/files/file-system';
import type { FileErrorReason, FileSystem } from '../../pigen/files/file-system';
import type { UpstreamFiles } from '../../pigen/tree/upstream-files';

/** Bytes. The longest script of a public stage has about 60 KiB; beyond a mebibyte it is data with a script's name. */
export const scriptSizeLimit = 1024 * 1024;

export type ReadScript =
  /** `upstream`: it is, byte for byte, one of pi-gen's own. */
  | { readonly text: string; readonly upstream: boolean }
  | { readonly text: undefined; readonly reason: FileErrorReason | 'binary' };

/** Reads a script as UTF-8. What is no UTF-8 becomes U+FFFD; a file with a NUL byte is no script. */
export async function readScript(fs: FileSystem, path: string, upstream: UpstreamFiles): Promise<ReadScript> {
  try {
    const bytes = await fs.readFile(path, scriptSizeLimit);
    if (bytes.includes(0)) return { text: undefined, reason: 'binary' };
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    return { text, upstream: upstream.has(bytes) };
  } catch (error) {
    if (error instanceof FileError) return { text: undefined, reason: error.reason };
    throw error;
  }
}
