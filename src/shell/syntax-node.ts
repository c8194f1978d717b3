/**
 * A plain copy of a tree-sitter node, so that nothing outside src/shell/ holds WASM memory. Node types and field names
 * are tree-sitter-bash's. Offsets are UTF-16 units into the text of the Script that owns it.
 */
export interface SyntaxNode {
  readonly type: string;
  /** False for punctuation and keywords such as `;` or `then`. */
  readonly named: boolean;
  /** The field under which the parent holds it (`name`, `body`, `condition`, …). */
  readonly field: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly children: readonly SyntaxNode[];
}

/** The same node so many units further on. */
export function shifted(node: SyntaxNode, by: number): SyntaxNode {
  return {
    type: node.type,
    named: node.named,
    field: node.field,
    start: node.start + by,
    end: node.end + by,
    children: node.children.length === 0 ? node.children : node.children.map((child) => shifted(child, by)),
  };
}

/**
 * Whether the parser came upon something that it could not read, or had to make up a token. It happens on a few texts that
 * bash accepts too.
 */
export function hasSyntaxError(node: SyntaxNode): boolean {
  const madeUp = node.start === node.end && node.children.length === 0 && !node.named;
  return node.type === 'ERROR' || madeUp || node.children.some(hasSyntaxError);
}
