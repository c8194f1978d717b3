import type { Language, Parser, Tree, TreeCursor } from 'web-tree-sitter';
import type { Span } from '../pigen/text';
import { shifted } from './syntax-node';
import type { SyntaxNode } from './syntax-node';

/** Where two texts differ: the same before `start`, and the same after `oldEnd` and `newEnd`. */
export interface Change {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** Milliseconds. A statement of a real script takes one or two; some nonsense takes time that grows with its square. */
const parseLimit = 1000;

/** A text took the parser too long. */
export class ParseLimitError extends Error {}

/** Texts to trees in WASM memory, and those to plain nodes. */
export class TreeReader {
  readonly #types: NodeTypes;

  constructor(
    private readonly parser: Parser,
    language: Language,
  ) {
    this.#types = new NodeTypes(language);
  }

  /** Parses a text, from the tree before an edit where there is one. The tree is the caller's to delete. Throws a ParseLimitError. */
  parse(text: string, before?: Tree): Tree {
    // Called after a thousand steps or so: few statements are so long, and the clock costs more than parsing a short one.
    let end: number | undefined;
    const isOver = (): boolean => performance.now() > (end ??= performance.now() + parseLimit);
    const tree = this.parser.parse(text, before, { progressCallback: isOver });
    if (tree !== null) return tree;
    // Else the next call would go on with this text.
    this.parser.reset();
    throw new ParseLimitError();
  }

  /** Parses a text once and keeps nothing in WASM memory. */
  read(text: string): SyntaxNode {
    const tree = this.parse(text);
    try {
      return this.copy(tree);
    } finally {
      tree.delete();
    }
  }

  copy(tree: Tree): SyntaxNode {
    return copied(tree, (cursor) => this.#copy(cursor, 0));
  }

  /** As `copy`, taking over from `before`, the copy of the tree before an edit, what the edit left alone. */
  copyReusing(tree: Tree, before: SyntaxNode, change: Change, dirty: readonly Span[]): SyntaxNode {
    const copier = new ReusingCopier(this.#types, change, dirty);
    return copied(tree, (cursor) => copier.copy(cursor, before));
  }

  #copy(cursor: TreeCursor, depth: number): SyntaxNode {
    const children: SyntaxNode[] = [];
    const node = this.#types.header(cursor, children);
    if (depth < deepest && cursor.gotoFirstChild()) {
      do children.push(this.#copy(cursor, depth + 1));
      while (cursor.gotoNextSibling());
      cursor.gotoParent();
    }
    return node;
  }
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

interface NodeType {
  readonly name: string;
  readonly named: boolean;
}

/** What tree-sitter makes of text that does not fit its grammar has no number in the language. */
const errorType: NodeType = { name: 'ERROR', named: true };

/** The types of a language by their numbers: asking a cursor for each name, and whether it is one, would cross into WASM twice. */
class NodeTypes {
  readonly #types: readonly NodeType[];

  constructor(language: Language) {
    this.#types = language.types.map((name, id) => ({ name, named: language.nodeTypeIsNamed(id) }));
  }

  typeOf(cursor: TreeCursor): NodeType {
    return this.#types[cursor.nodeTypeId] ?? errorType;
  }

  header(cursor: TreeCursor, children: readonly SyntaxNode[]): SyntaxNode {
    const { name, named } = this.typeOf(cursor);
    return {
      type: name,
      named,
      field: cursor.currentFieldName ?? undefined,
      start: cursor.startIndex,
      end: cursor.endIndex,
      children,
    };
  }
}

/** Copies a tree, taking over from the copy of the tree before an edit what the edit left alone. */
class ReusingCopier {
  readonly #change: Change;
  readonly #shift: number;

  constructor(
    private readonly types: NodeTypes,
    change: Change,
    private readonly dirty: readonly Span[],
  ) {
    this.#change = change;
    this.#shift = change.newEnd - change.oldEnd;
  }

  copy(cursor: TreeCursor, before: SyntaxNode | undefined, depth = 0): SyntaxNode {
    const children: SyntaxNode[] = [];
    const node = this.types.header(cursor, children);
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
    if (candidate.type !== this.types.typeOf(cursor).name) return undefined;
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
