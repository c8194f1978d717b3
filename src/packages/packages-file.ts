/** Names of one Packages file; Debian's whole archive has a tenth of that. */
const nameLimit = 1_000_000;
/** Characters of a name. */
const lengthLimit = 200;
/** Characters of a line: the longest of Debian's have some ten thousand. */
const lineLimit = 4 * 1024 * 1024;

/** A Packages file that is none, or far too large. */
export class PackagesFileError extends Error {}

/**
 * Reads the names out of a Packages file, chunk by chunk: those of the packages, and those that they provide. Everything
 * else in it is passed over, and so is a name that could be none.
 */
export class PackageNameReader {
  readonly #names = new Set<string>();
  #rest = '';
  #inProvides = false;
  #packages = 0;
  #lines = 0;

  /** Throws a PackagesFileError where the text cannot be a Packages file. */
  add(chunk: Uint8Array): void {
    const text =
      this.#rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > lineLimit) throw new PackagesFileError('a line of it has no end');
    for (const line of lines) this.#read(line);
  }

  /** The names, in the order of their bytes. Throws a PackagesFileError where lines were read, but none of a package. */
  finish(): readonly string[] {
    if (this.#rest !== '') this.#read(this.#rest);
    this.#rest = '';
    if (this.#lines > 0 && this.#packages === 0) throw new PackagesFileError('it names no package');
    return [...this.#names].sort();
  }

  #read(line: string): void {
    if (line === '') return;
    this.#lines++;
    if (line.startsWith('Package: ')) {
      this.#packages++;
      this.#inProvides = false;
      this.#name(line.slice('Package: '.length).trim());
    } else if (line.startsWith('Provides:')) {
      this.#inProvides = true;
      this.#provided(line.slice('Provides:'.length));
    } else if (!/^[ \t]/.test(line)) this.#inProvides = false;
    else if (this.#inProvides) this.#provided(line);
  }

  /** `a, b (= 1), c:any`. */
  #provided(list: string): void {
    for (const item of list.split(',')) this.#name(/^\s*([^\s(:]+)/.exec(item)?.[1] ?? '');
  }

  #name(name: string): void {
    if (name.length > lengthLimit || !/^[A-Za-z0-9][\w.+-]*$/.test(name)) return;
    this.#names.add(name);
    if (this.#names.size > nameLimit) throw new PackagesFileError('it names more packages than there are');
  }
}
