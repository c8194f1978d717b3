/** A file that a Release file vouches for. */
export interface ReleasedFile {
  /** Relative to the Release file. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What a repository says of itself in `Release` or `InRelease`. */
export interface ReleaseFile {
  /** By path. */
  readonly files: ReadonlyMap<string, ReleasedFile>;
  /** Whether each file is to be had under its hash too, where it stays while the archive is renewed. */
  readonly byHash: boolean;
  /** Whether what `binary-all` holds is not in the other architectures' files already. */
  readonly separateAll: boolean;
}

/**
 * Reads a Release file, or an InRelease file without checking its signature. Undefined where it lists no SHA-256: what it
 * does not vouch for is not taken.
 */
export function parseReleaseFile(text: string): ReleaseFile | undefined {
  const fields = new Map<string, string>();
  const files = new Map<string, ReleasedFile>();
  let field = '';
  for (const line of text.split(/\r?\n/)) {
    if (line === '-----BEGIN PGP SIGNATURE-----') break;
    const found = /^([\w-]+):[ \t]*(.*)$/.exec(line);
    if (found !== null) {
      field = (found[1] ?? '').toLowerCase();
      fields.set(field, found[2] ?? '');
    } else if (field === 'sha256') {
      const [, sha256 = '', size = '', path = ''] =
        /^ ([0-9a-f]{64})[ \t]+(\d{1,15})[ \t]+(\S+)$/.exec(line) ?? [];
      if (isInside(path)) files.set(path.replace(/^\.\//, ''), { path, size: Number(size), sha256 });
    }
  }
  if (!fields.has('sha256')) return undefined;
  const words = (name: string): readonly string[] => (fields.get(name) ?? '').split(/[ \t]+/);
  return {
    files,
    byHash: fields.get('acquire-by-hash') === 'yes',
    separateAll:
      words('architectures').includes('all') &&
      !words('no-support-for-architecture-all').includes('Packages'),
  };
}

/** Whether a path stays below the folder of its Release file, and is nothing but a path. */
function isInside(path: string): boolean {
  return /^[\w.+~-][\w.+~/-]*$/.test(path) && !path.split('/').includes('..');
}
