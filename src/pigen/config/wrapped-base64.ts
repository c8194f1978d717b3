import { base64Within, mask, shortestBase64 } from './secrets';

/**
 * Masks secrets in base64 that is wrapped over lines, at whatever width: `base64` wraps at 76, openssl at 64. A line may end
 * with the beginning of a secret, begin with its end, or be a piece of it. Fewer than six characters of it on a line tell
 * less than five of the secret's, and stay.
 */
export class WrappedBase64 {
  readonly #shapes: readonly string[];
  /** All that six characters at the edge of a line can be. */
  readonly #edges: ReadonlySet<string>;
  /** What these begin with, as pairOf() has it. */
  readonly #beginnings: ReadonlySet<number>;

  constructor(secrets: Iterable<string>) {
    this.#shapes = [
      ...new Set([...secrets].flatMap((secret) => [0, 1, 2].map((shift) => base64Within(secret, shift)))),
    ].filter((shape) => shape !== '');
    this.#edges = new Set(this.#shapes.flatMap(windowsOf));
    this.#beginnings = new Set([...this.#edges].map((edge) => pairOf(edge, 0)));
  }

  /** A whole line, masked. */
  maskLine(line: string): string {
    if (this.#edges.size === 0) return line;
    const start = line.length - line.trimStart().length;
    const end = line.trimEnd().length;
    // Of a million lines next to none: the first look makes no strings.
    if (!this.#isEdge(line, start) && !this.#isEdge(line, Math.max(0, end - shortestBase64))) return line;
    const text = line.slice(start, end);
    return line.slice(0, start) + this.#maskEdges(text) + line.slice(end);
  }

  #isEdge(line: string, at: number): boolean {
    return this.#beginnings.has(pairOf(line, at)) && this.#edges.has(line.slice(at, at + shortestBase64));
  }

  #maskEdges(text: string): string {
    if (this.#shapes.some((shape) => shape.includes(text))) return mask;
    const ending = Math.max(...this.#shapes.map((shape) => overlap(text, shape)));
    const beginning = Math.max(...this.#shapes.map((shape) => overlap(shape, text)));
    if (beginning + ending >= text.length) return mask;
    const inner = text.slice(beginning, text.length - ending);
    return `${beginning > 0 ? mask : ''}${inner}${ending > 0 ? mask : ''}`;
  }
}

function windowsOf(shape: string): readonly string[] {
  return Array.from({ length: shape.length - shortestBase64 + 1 }, (_value, at) =>
    shape.slice(at, at + shortestBase64),
  );
}

/** The greatest number of characters, and not fewer than count, that `first` ends with and `second` begins with. */
function overlap(first: string, second: string): number {
  for (let length = Math.min(first.length, second.length); length >= shortestBase64; length--) {
    if (first.endsWith(second.slice(0, length))) return length;
  }
  return 0;
}

/** Two characters as a number; others than ASCII may have the same. */
function pairOf(text: string, at: number): number {
  return text.charCodeAt(at) * 128 + text.charCodeAt(at + 1);
}
