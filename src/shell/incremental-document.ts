import type { Parser, Point, Tree, TreeCursor } from 'web-tree-sitter';
import { Edit } from 'web-tree-sitter';
import type { Span } from '../pigen/text';
import { shifted } from './syntax-node';
import type { SyntaxNode } from './syntax-node';

/** Where two texts differ: the same before `start`, and the same after `oldEnd` and `newEnd`. */
export interface Change {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

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
    private readonly parser: Parser,
    text: string,
  ) {
    this.#text = text;
    this.#tree = parsed(parser, text);
    this.#root = copied(this.#tree, (cursor) => copyTree(cursor));
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
      const copier = new ReusingCopier(change, dirty);
      this.#root = copied(after, (cursor) => copier.copy(cursor, this.#root));
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
    const after = parsed(this.parser, text, before);
    if (!after.rootNode.hasError) return after;
    after.delete();
    return parsed(this.parser, text);
  }
}

/** Parses a text once and keeps nothing in WASM memory. */
export function parseOnce(parser: Parser, text: string): SyntaxNode {
  const tree = parsed(parser, text);
  try {
    return copied(tree, (cursor) => copyTree(cursor));
  } finally {
    tree.delete();
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

/** Milliseconds. A statement of a real script takes one or two; some nonsense takes time that grows with its square. */
const parseLimit = 1000;

/** A text took the parser too long. */
export class ParseLimitError extends Error {}

function parsed(parser: Parser, text: string, before?: Tree): Tree {
  const end = performance.now() + parseLimit;
  const tree = parser.parse(text, before, { progressCallback: () => performance.now() > end });
  if (tree !== null) return tree;
  // Else the next call would go on with this text.
  parser.reset();
  throw new ParseLimitError();
}

function copied(tree: Tree, copy: (cursor: TreeCursor) => SyntaxNode): SyntaxNode {
  const cursor = tree.walk();
  try {
    return copy(cursor);
  } finally {
    cursor.delete();
  }
}

/** How deep trees are copied; deeper nesting than any script has ends there, so that no input exhausts the stack. */
const deepest = 1000;

function copyTree(cursor: TreeCursor, depth = 0): SyntaxNode {
  const children: SyntaxNode[] = [];
  const node = header(cursor, children);
  if (depth < deepest && cursor.gotoFirstChild()) {
    do children.push(copyTree(cursor, depth + 1));
    while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return node;
}

function header(cursor: TreeCursor, children: readonly SyntaxNode[]): SyntaxNode {
  return {
    type: cursor.nodeType,
    named: cursor.nodeIsNamed,
    field: cursor.currentFieldName ?? undefined,
    start: cursor.startIndex,
    end: cursor.endIndex,
    children,
  };
}

/** Copies a tree, taking over from the copy of the tree before an edit what the edit left alone. */
class ReusingCopier {
  readonly #change: Change;
  readonly #shift: number;

  constructor(
    change: Change,
    private readonly dirty: readonly Span[],
  ) {
    this.#change = change;
    this.#shift = change.newEnd - change.oldEnd;
  }

  copy(cursor: TreeCursor, before: SyntaxNode | undefined, depth = 0): SyntaxNode {
    const children: SyntaxNode[] = [];
    const node = header(cursor, children);
    if (depth >= deepest || !cursor.gotoFirstChild()) return node;
    const candidates = before?.children ?? [];
    let next = 0;
    do {
      const start = cursor.startIndex;
      let candidate = candidates[next];
      while (candidate !== undefined && this.#moved(candidate.start) < start) candidate = candidates[++next];
      // Nodes of no width may begin where their neighbour does.
      const end = cursor.endIndex;
      let at = next;
      while (
        candidate !== undefined &&
        !this.#same(candidate, start, end) &&
        this.#moved(candidate.start) === start
      ) {
        candidate = candidates[++at];
      }
      if (candidate !== undefined && this.#moved(candidate.start) !== start) candidate = candidates[next];
      children.push(this.#reused(cursor, candidate, start, end) ?? this.copy(cursor, candidate, depth + 1));
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
    return node;
  }

  #reused(
    cursor: TreeCursor,
    candidate: SyntaxNode | undefined,
    start: number,
    end: number,
  ): SyntaxNode | undefined {
    if (candidate === undefined || !this.#same(candidate, start, end)) return undefined;
    if (this.dirty.some((span) => span.start <= end && start <= span.end)) return undefined;
    if (candidate.type !== cursor.nodeType) return undefined;
    const field = cursor.currentFieldName ?? undefined;
    const moved = start === candidate.start ? candidate : shifted(candidate, this.#shift);
    return moved.field === field ? moved : { ...moved, field };
  }

  #same(candidate: SyntaxNode, start: number, end: number): boolean {
    return this.#moved(candidate.start) === start && this.#moved(candidate.end) === end;
  }

  /** Where an offset of the text before is in the text now. */
  #moved(offset: number): number {
    return offset >= this.#change.oldEnd ? offset + this.#shift : offset;
  }
}
