import { Language, Parser } from 'web-tree-sitter';
import { scanShell } from './heredoc-scanner';
import type { ScannedText } from './heredoc-scanner';
import { IncrementalDocument, changeBetween } from './incremental-document';
import { maskedText } from './masked-text';
import { ReadText } from './read-text';
import { statementGroups } from './statement-groups';
import { shifted } from './syntax-node';
import type { SyntaxNode } from './syntax-node';
import { ParseLimitError, TreeReader } from './tree-reader';
import type { Change } from './tree-reader';

export interface ParserFiles {
  /** Bytes of web-tree-sitter.wasm. */
  readonly runtime: Uint8Array;
  /** Bytes of tree-sitter-bash.wasm. */
  readonly grammar: Uint8Array;
}

/** UTF-16 units. Shorter statements are parsed in less than a millisecond, so they need no tree to start from. */
const incrementalFrom = 4096;

/** Long statements whose trees stay in WASM memory: those that are being edited. */
const documentLimit = 8;

/** UTF-16 units of statements whose copies are kept; the nodes take some twenty times the room of the text. */
const rememberedLimit = 400_000;

/** The nodes of a text, and the same nodes where it stood last. */
interface Remembered {
  readonly root: SyntaxNode;
  offset: number;
  nodes: readonly SyntaxNode[];
}

/**
 * tree-sitter-bash in WebAssembly, behind plain nodes. Owns WASM memory: dispose of it. It parses statement by statement and
 * remembers them, so that after an edit only the edited one is parsed; crossing into WASM for each of ten thousand nodes
 * takes longer than parsing them.
 */
export class BashParser {
  /** The one used last is last. */
  readonly #documents: IncrementalDocument[] = [];
  readonly #remembered = new Map<string, Remembered>();
  #rememberedSize = 0;
  readonly #texts = new Map<string, ReadText>();
  #textsSize = 0;
  #disposed = false;

  private constructor(
    private readonly parser: Parser,
    private readonly reader: TreeReader,
  ) {}

  /** Takes some 40 ms. Rejects where the bytes are no such WebAssembly modules. */
  static async load({ runtime, grammar }: ParserFiles): Promise<BashParser> {
    // A copy: the type of the option asks for an ArrayBuffer of its own.
    await Parser.init({ wasmBinary: runtime.slice().buffer });
    const language = await Language.load(grammar);
    const parser = new Parser();
    parser.setLanguage(language);
    return new BashParser(parser, new TreeReader(parser, language));
  }

  /** The heredocs and the syntax of a text; the same object for the same short text, while it is remembered. Throws after dispose only. */
  read(text: string): ReadText {
    if (this.#disposed) throw new Error('The bash parser was disposed of.');
    const known = this.#texts.get(text);
    if (known !== undefined) {
      // The one used last is last.
      this.#texts.delete(text);
      this.#texts.set(text, known);
      return known;
    }
    const scanned = scanShell(text);
    const read = new ReadText(text, scanned, this.#parse(text, scanned));
    if (text.length < incrementalFrom) {
      this.#texts.set(text, read);
      this.#textsSize += text.length;
      this.#textsSize -= dropOldest(this.#texts, this.#textsSize - rememberedLimit);
    }
    return read;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const document of this.#documents) document.dispose();
    this.#documents.length = 0;
    this.#remembered.clear();
    this.#texts.clear();
    this.parser.delete();
  }

  #parse(text: string, scanned: ScannedText): SyntaxNode {
    const masked = maskedText(text, scanned);
    const children: SyntaxNode[] = [];
    for (const group of statementGroups(masked, scanned.statementLines)) {
      for (const node of this.#nodesOf(masked.slice(group.start, group.end), group.start))
        children.push(node);
    }
    return { type: 'program', named: true, field: undefined, start: 0, end: text.length, children };
  }

  #nodesOf(text: string, offset: number): readonly SyntaxNode[] {
    const remembered = this.#remember(text);
    if (remembered.offset !== offset) {
      remembered.nodes = nodesOf(remembered.root).map((node) => shifted(node, offset));
      remembered.offset = offset;
    }
    return remembered.nodes;
  }

  #remember(text: string): Remembered {
    const known = this.#remembered.get(text);
    if (known !== undefined) {
      // The one used last is last.
      this.#remembered.delete(text);
      this.#remembered.set(text, known);
      return known;
    }
    const root = this.#parseStatement(text);
    const remembered = { root, offset: 0, nodes: nodesOf(root) };
    this.#remembered.set(text, remembered);
    this.#rememberedSize += text.length;
    this.#rememberedSize -= dropOldest(this.#remembered, this.#rememberedSize - rememberedLimit);
    return remembered;
  }

  #parseStatement(text: string): SyntaxNode {
    try {
      return text.length < incrementalFrom ? this.reader.read(text) : this.#parseLong(text);
    } catch (error) {
      if (error instanceof ParseLimitError) return unread(text);
      throw error;
    }
  }

  #parseLong(text: string): SyntaxNode {
    const alike = this.#documentLike(text);
    const document = alike?.document ?? new IncrementalDocument(this.reader, text);
    if (alike !== undefined) {
      this.#documents.splice(this.#documents.indexOf(document), 1);
      try {
        document.update(text, alike.change);
      } catch (error) {
        document.dispose();
        throw error;
      }
    }
    this.#documents.push(document);
    while (this.#documents.length > documentLimit) this.#documents.shift()?.dispose();
    return document.root;
  }

  /** A document that an edit of less than half of its text makes of this one. */
  #documentLike(
    text: string,
  ): { readonly document: IncrementalDocument; readonly change: Change } | undefined {
    for (const document of this.#documents.toReversed()) {
      const change = changeBetween(document.text, text);
      const changed = Math.max(change.oldEnd, change.newEnd) - change.start;
      if (changed * 2 < text.length) return { document, change };
    }
    return undefined;
  }
}

/** The root of what cannot be read at all is an ERROR, which then stands among the statements. */
function nodesOf(root: SyntaxNode): readonly SyntaxNode[] {
  return root.type === 'program' ? root.children : [root];
}

/** Drops entries, the oldest first, until their keys were so long together; says how long they were. */
function dropOldest(map: Map<string, unknown>, length: number): number {
  let dropped = 0;
  for (const oldest of map.keys()) {
    if (dropped >= length) break;
    map.delete(oldest);
    dropped += oldest.length;
  }
  return dropped;
}

function unread(text: string): SyntaxNode {
  return { type: 'ERROR', named: true, field: undefined, start: 0, end: text.length, children: [] };
}
