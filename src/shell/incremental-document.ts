import type { Point, Tree } from 'web-tree-sitter';
import { Edit } from 'web-tree-sitter';
import type { Span } from '../pigen/text';
import type { SyntaxNode } from './syntax-node';
import type { Change, TreeReader } from './tree-reader';

/** The smallest single change that makes one text of the other. */
export function changeBetween(before: string, after: string): Change {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < shorter - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  ) {
    same++;
  }
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

/** A text with its tree in WASM memory and its plain copy, to be brought up to date after an edit. */
export class IncrementalDocument {
  #text: string;
  #tree: Tree;
  #root: SyntaxNode;

  constructor(
    private readonly reader: TreeReader,
    text: string,
  ) {
    this.#text = text;
    this.#tree = reader.parse(text);
    this.#root = reader.copy(this.#tree);
  }

  get text(): string {
    return this.#text;
  }

  get root(): SyntaxNode {
    return this.#root;
  }

  /**
   * Parses the text again where it changed, and copies only nodes that the change can have touched: crossing into WASM
   * for each of ten thousand nodes takes longer than parsing them. After a ParseLimitError the document can only be disposed of.
   */
  update(text: string, change: Change): SyntaxNode {
    if (text === this.#text) return this.#root;
    const before = this.#tree;
    const { start, oldEnd, newEnd } = change;
    before.edit(
      new Edit({
        startIndex: start,
        oldEndIndex: oldEnd,
        newEndIndex: newEnd,
        startPosition: pointAt(text, start),
        oldEndPosition: pointAt(this.#text, oldEnd),
        newEndPosition: pointAt(text, newEnd),
      }),
    );
    const after = this.#parsedAgain(text, before);
    try {
      const dirty: Span[] = before
        .getChangedRanges(after)
        .map(({ startIndex, endIndex }) => ({ start: startIndex, end: endIndex }));
      dirty.push({ start, end: newEnd });
      this.#root = this.reader.copyReusing(after, this.#root, change, dirty);
    } finally {
      before.delete();
      this.#tree = after;
      this.#text = text;
    }
    return this.#root;
  }

  dispose(): void {
    this.#tree.delete();
  }

  /**
   * How the parser recovers from an error depends on the tree that it starts from. The same text must always give the same
   * findings, in the editor and on the command line, so a text with errors is parsed from scratch.
   */
  #parsedAgain(text: string, before: Tree): Tree {
    const after = this.reader.parse(text, before);
    if (!after.rootNode.hasError) return after;
    after.delete();
    return this.reader.parse(text);
  }
}

/** Row and column as tree-sitter counts them: only `\n` ends a row. */
function pointAt(text: string, offset: number): Point {
  let row = 0;
  let line = 0;
  for (
    let newline = text.indexOf('\n');
    newline >= 0 && newline < offset;
    newline = text.indexOf('\n', line)
  ) {
    row++;
    line = newline + 1;
  }
  return { row, column: offset - line };
}
