import { FileError } from './file-system';
import type { FileSystem } from './file-system';

/** Reads a file as UTF-8; what is no UTF-8 becomes U+FFFD, a byte order mark stays. Answers a FileError, never rejects with one. */
export async function readText(fs: FileSystem, path: string, limit?: number): Promise<string | FileError> {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await fs.readFile(path, limit));
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
}

/** What to tell a user about a file or folder that could not be read. One sentence. */
export function describeFileError(error: FileError): string {
  switch (error.reason) {
    case 'not-found':
      return 'There is nothing at this path.';
    case 'no-permission':
      return 'There is no permission to read it, so nothing in it was checked.';
    case 'is-folder':
      return 'This is a folder where a file is expected.';
    case 'too-large':
      return 'This file is too large to be what its name says, so it was not read.';
    case 'unreadable':
      return 'It could not be read, so nothing in it was checked.';
  }
}
