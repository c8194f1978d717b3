import type { Span } from '../pigen/text';
import { placeAt } from '../shell/place-at';
import type { PlaceAt } from '../shell/place-at';
import type { Script } from '../shell/script';
import type { SyntaxNode } from '../shell/syntax-node';

export interface SyntaxAt extends PlaceAt {
  /** The nodes of the innermost program that hold the position, innermost first. */
  readonly nodes: readonly SyntaxNode[];
}

/** What stands at an offset of a script's file. A position at the end of a node belongs to it too, as for a cursor behind a word. */
export function syntaxAt(script: Script, offset: number): SyntaxAt {
  const at = placeAt(script, offset);
  const nodes: SyntaxNode[] = [];
  let current: SyntaxNode | undefined = at.script.root;
  while (current !== undefined) {
    nodes.unshift(current);
    current = childAt(at.script, current, offset);
  }
  return { ...at, nodes };
}

function childAt(program: Script, node: SyntaxNode, offset: number): SyntaxNode | undefined {
  let behind: SyntaxNode | undefined;
  for (const child of node.children) {
    const { start, end } = program.toFileSpan({ start: child.start, end: child.end });
    if (start <= offset && offset < end) return child;
    if (end === offset && child.named) behind = child;
    if (start > offset) break;
  }
  return behind;
}

/** The text of a node of a program. */
export function textOfNode(program: Script, { start, end }: Span): string {
  return program.text.slice(start, end);
}

/** Whether an offset of the file lies in a comment of the program that holds it. */
export function isInComment({ script }: PlaceAt, offset: number): boolean {
  return script.comments.some((comment) => {
    const { start, end } = script.toFileSpan(comment);
    return start < offset && offset <= end;
  });
}

/** Whether a shell on the build host replaces what stands at an offset of the file before a program in the chroot sees it. */
export function isReplacedByHost({ script }: PlaceAt, offset: number): boolean {
  for (let program: Script | undefined = script; program !== undefined; program = program.parent) {
    if (program.place !== 'chroot' || program.parent?.place !== 'host') continue;
    for (const { span } of program.hostExpansions) {
      const { start, end } = program.toFileSpan(span);
      if (start <= offset && offset <= end) return true;
    }
  }
  return false;
}
