import { Language, Parser } from 'web-tree-sitter';
import type { ScannedText } from './heredoc-scanner';
import { IncrementalDocument, changeBetween, parseOnce } from './incremental-document';
import type { Change } from './incremental-document';
import { maskedText } from './masked-text';
import type { SyntaxNode } from './syntax-node';

export interface ParserFiles {
  /** Bytes of web-tree-sitter.wasm. */
  readonly runtime: Uint8Array;
  /** Bytes of tree-sitter-bash.wasm. */
  readonly grammar: Uint8Array;
}

/** UTF-16 units. Shorter texts are parsed in less than a millisecond, so they need no tree to start from. */
const incrementalFrom = 4096;

/** Texts whose trees stay in WASM memory: those that are being edited. */
const documentLimit = 8;

/** UTF-16 units of short texts (heredoc bodies above all) whose copies are kept; a node takes some ten times its text. */
const rememberedLimit = 400_000;

/**
 * tree-sitter-bash in WebAssembly, behind plain nodes. Owns WASM memory: dispose of it. A text that resembles one parsed
 * before is parsed and copied only where they differ.
 */
export class BashParser {
  /** The one used last is last. */
  readonly #documents: IncrementalDocument[] = [];
  readonly #remembered = new Map<string, SyntaxNode>();
  #rememberedSize = 0;
  #disposed = false;

  private constructor(private readonly parser: Parser) {}

  /** Takes some 40 ms. Rejects where the bytes are no such WebAssembly modules. */
  static async load({ runtime, grammar }: ParserFiles): Promise<BashParser> {
    // A copy: the type of the option asks for an ArrayBuffer of its own.
    await Parser.init({ wasmBinary: runtime.slice().buffer });
    const language = await Language.load(grammar);
    const parser = new Parser();
    parser.setLanguage(language);
    return new BashParser(parser);
  }

  /** The syntax of a text of which scanShell has found the heredocs. Throws after dispose. */
  parse(text: string, scanned: ScannedText): SyntaxNode {
    if (this.#disposed) throw new Error('The bash parser was disposed of.');
    const masked = maskedText(text, scanned);
    return masked.length < incrementalFrom ? this.#parseShort(masked) : this.#parseLong(masked);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const document of this.#documents) document.dispose();
    this.#documents.length = 0;
    this.#remembered.clear();
    this.parser.delete();
  }

  #parseShort(text: string): SyntaxNode {
    const known = this.#remembered.get(text);
    if (known !== undefined) {
      this.#remembered.delete(text);
      this.#remembered.set(text, known);
      return known;
    }
    const root = parseOnce(this.parser, text);
    this.#remembered.set(text, root);
    this.#rememberedSize += text.length;
    for (const oldest of this.#remembered.keys()) {
      if (this.#rememberedSize <= rememberedLimit) break;
      this.#remembered.delete(oldest);
      this.#rememberedSize -= oldest.length;
    }
    return root;
  }

  #parseLong(text: string): SyntaxNode {
    const alike = this.#documentLike(text);
    if (alike !== undefined) {
      this.#documents.splice(this.#documents.indexOf(alike.document), 1);
      this.#documents.push(alike.document);
      return alike.document.update(text, alike.change);
    }
    const document = new IncrementalDocument(this.parser, text);
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
