/** Characters beyond ASCII stand in no literal: they lead back to the start. */
const characters = 128;

/**
 * Finds which of many literals stand in a text, in one pass that looks at each character once (Aho and Corasick's
 * automaton as a table). A log has millions of lines and over a hundred things to look for in each.
 */
export class LiteralScanner {
  /** The next state for each state and character. */
  readonly #next: Uint16Array;
  /** The owners of the literals that end in a state, those of its suffixes included. */
  readonly #owners: readonly (readonly number[])[];
  /** Whether anything ends in a state. */
  readonly #ends: Uint8Array;

  /** @param literals for each owner those that tell it, of ASCII characters and none empty; throws for others */
  constructor(literals: readonly (readonly string[])[]) {
    const length = literals.flat().reduce((sum, literal) => sum + literal.length, 1);
    if (length > 0xffff) throw new RangeError('Too many literals for the automaton.');
    const trie = new Trie(length);
    for (const [owner, own] of literals.entries()) for (const literal of own) trie.add(literal, owner);
    trie.link();
    this.#next = trie.next;
    this.#owners = trie.owners;
    this.#ends = Uint8Array.from({ length: trie.owners.length }, (_, state) =>
      Number((trie.owners[state]?.length ?? 0) > 0),
    );
  }

  /** The owners of which a literal stands in the text, each once and in ascending order; undefined where none does. */
  find(text: string): readonly number[] | undefined {
    const next = this.#next;
    const ends = this.#ends;
    let found: Set<number> | undefined;
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      state = unit < characters ? (next[state * characters + unit] ?? 0) : 0;
      if (ends[state] === 1) {
        found ??= new Set();
        for (const owner of this.#owners[state] ?? []) found.add(owner);
      }
    }
    return found && [...found].sort((a, b) => a - b);
  }
}

class Trie {
  readonly next: Uint16Array;
  readonly owners: number[][] = [[]];

  constructor(states: number) {
    this.next = new Uint16Array(states * characters);
  }

  add(literal: string, owner: number): void {
    if (literal === '') throw new RangeError('An empty literal stands in every text.');
    let state = 0;
    for (let i = 0; i < literal.length; i++) {
      const unit = literal.charCodeAt(i);
      if (unit >= characters) throw new RangeError(`Not an ASCII literal: ${literal}`);
      const at = state * characters + unit;
      let following = this.next[at] ?? 0;
      if (following === 0) {
        following = this.owners.push([]) - 1;
        this.next[at] = following;
      }
      state = following;
    }
    this.owners[state]?.push(owner);
  }

  /** Fills in where a state goes that has no edge for a character: where its longest proper suffix would go. */
  link(): void {
    const suffix = new Uint16Array(this.owners.length);
    let level: number[] = [];
    for (let unit = 0; unit < characters; unit++) {
      const state = this.next[unit] ?? 0;
      if (state !== 0) level.push(state);
    }
    while (level.length > 0) {
      const deeper: number[] = [];
      for (const state of level) {
        const fallback = suffix[state] ?? 0;
        this.owners[state]?.push(...(this.owners[fallback] ?? []));
        for (let unit = 0; unit < characters; unit++) {
          const at = state * characters + unit;
          const child = this.next[at] ?? 0;
          const elsewhere = this.next[fallback * characters + unit] ?? 0;
          if (child === 0) {
            this.next[at] = elsewhere;
          } else {
            suffix[child] = elsewhere;
            deeper.push(child);
          }
        }
      }
      level = deeper;
    }
  }
}
