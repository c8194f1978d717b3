import { editDistance } from '../pigen/tree/near-miss';

const newline = 10;

/** Letters that two names may differ in, by the length of the shorter: short names are near to everything. */
function allowedDistance(length: number): number {
  if (length < 4) return 0;
  return length < 8 ? 1 : 2;
}

/** Names that are equally near, above which none of them is worth naming. */
const nearestLimit = 3;

/**
 * Names of packages, one a line in the order of their bytes. They stay in the bytes that were read: a search looks at some
 * twenty lines of them, so that nothing has to be built before the first.
 */
export class NameList {
  #names: readonly string[] | undefined;
  #shapes: Shapes | undefined;

  constructor(private readonly bytes: Buffer) {}

  has(name: string): boolean {
    const wanted = Buffer.from(name, 'latin1');
    let low = 0;
    let high = this.bytes.length;
    while (low < high) {
      const start = this.bytes.lastIndexOf(newline, ((low + high) >> 1) - 1) + 1;
      const lineStart = Math.max(start, low);
      const found = this.bytes.indexOf(newline, lineStart);
      const end = found < 0 ? this.bytes.length : found;
      const order = this.bytes.compare(wanted, 0, wanted.length, lineStart, end);
      if (order === 0) return true;
      if (order > 0) high = lineStart;
      else low = end + 1;
    }
    return false;
  }

  /** The first names that begin so, in the order of their bytes. */
  startingWith(prefix: string, limit: number): readonly string[] {
    const names = this.#all();
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((names[middle] ?? '') < prefix) low = middle + 1;
      else high = middle;
    }
    const found: string[] = [];
    for (let at = low; at < names.length && found.length < limit; at++) {
      const name = names[at] ?? '';
      if (!name.startsWith(prefix)) break;
      found.push(name);
    }
    return found;
  }

  /** Whether a name is one of a pattern's, as apt-get takes `.` and `+` where there is no such package. */
  some(pattern: RegExp): boolean {
    return this.#all().some((name) => pattern.test(name));
  }

  /** Adds the names that are as near as the nearest known so far, or nearer. */
  collectNearest(name: string, nearest: Nearest): void {
    const names = this.#all();
    const shapes = (this.#shapes ??= shapesOf(names));
    const own = lettersOf(name);
    for (let i = 0; i < names.length; i++) {
      if (Math.abs((shapes.lengths[i] ?? 0) - name.length) > nearest.distance) continue;
      // One edit changes at most two letters of the set.
      if (bits((shapes.letters[i] ?? 0) ^ own) > 2 * nearest.distance) continue;
      nearest.consider(names[i] ?? '');
    }
  }

  #all(): readonly string[] {
    return (this.#names ??= this.bytes
      .toString('latin1')
      .split('\n')
      .filter((name) => name !== ''));
  }
}

/** The names that are nearest to one, over several lists. */
export class Nearest {
  readonly #found = new Set<string>();
  /** That a name may have to be taken. */
  distance: number;

  constructor(private readonly name: string) {
    this.distance = allowedDistance(name.length);
  }

  consider(other: string): void {
    const distance = editDistance(this.name, other, this.distance);
    if (distance > this.distance || distance === 0) return;
    // Who mistypes two letters seldom mistypes the first; other names that are as near mean something else.
    if (distance > 1 && !other.startsWith(this.name.charAt(0))) return;
    if (distance < this.distance) this.#found.clear();
    this.distance = distance;
    this.#found.add(other);
  }

  /** In the order of their bytes; empty where there are too many to mean anything. */
  get names(): readonly string[] {
    return this.#found.size > nearestLimit ? [] : [...this.#found].sort();
  }
}

/** What tells at a glance that two names are far apart, by the place of a name in its list. */
interface Shapes {
  readonly lengths: Uint16Array;
  readonly letters: Uint32Array;
}

function shapesOf(names: readonly string[]): Shapes {
  return {
    lengths: Uint16Array.from(names, (name) => name.length),
    letters: Uint32Array.from(names, lettersOf),
  };
}

/** The set of a name's characters, folded into 32 bits. */
function lettersOf(name: string): number {
  let set = 0;
  for (let at = 0; at < name.length; at++) set |= 1 << (name.charCodeAt(at) & 31);
  return set;
}

/** How many bits are set. */
function bits(set: number): number {
  const pairs = set - ((set >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
