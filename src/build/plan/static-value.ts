import type { SyntaxNode } from '../../shell/syntax-node';

/** Variables by name; undefined: set, but only bash can tell to what. */
export type StaticVariables = ReadonlyMap<string, string | undefined>;

/**
 * The value of a word where it can be told without running anything: text, quotes, and variables that are known or
 * have a default (`${NAME:-default}` of a variable that is not set). Undefined for everything else.
 */
export function evaluateNode(node: SyntaxNode, text: string, variables: StaticVariables): string | undefined {
  const own = text.slice(node.start, node.end);
  switch (node.type) {
    case 'word':
    case 'number':
      return own.replaceAll(/\\(?:\n|(.))/gs, '$1');
    case 'raw_string':
      return own.slice(1, -1);
    case 'string':
      return evaluateParts(node, text, variables, node.start + 1, node.end - 1);
    case 'concatenation':
    case 'command_name':
      return evaluateParts(node, text, variables, node.start, node.end);
    case 'simple_expansion':
      return variables.get(own.slice(1));
    case 'expansion':
      return evaluateExpansion(node, text, variables);
    default:
      return undefined;
  }
}

/** Named children in order, with the text between them, which has nodes of its own in some places only. */
function evaluateParts(
  node: SyntaxNode,
  text: string,
  variables: StaticVariables,
  start: number,
  end: number,
): string | undefined {
  const quoted = node.type === 'string';
  const literal = (from: number, to: number) => {
    const piece = text.slice(from, to);
    return quoted ? piece.replaceAll(/\\(?:\n|([$`"\\]))/g, '$1') : piece;
  };
  let value = '';
  let at = start;
  for (const child of node.children.filter((one) => one.named && one.type !== 'string_content')) {
    const part = evaluateNode(child, text, variables);
    if (part === undefined) return undefined;
    value += literal(at, child.start) + part;
    at = child.end;
  }
  return value + literal(at, end);
}

function evaluateExpansion(node: SyntaxNode, text: string, variables: StaticVariables): string | undefined {
  const name = node.children.find((child) => child.type === 'variable_name');
  if (name === undefined) return undefined;
  const variable = text.slice(name.start, name.end);
  const rest = text.slice(name.end, node.end - 1);
  if (variables.has(variable) || rest === '')
    return rest === '' || rest.startsWith(':-') ? variables.get(variable) : undefined;
  if (!rest.startsWith(':-')) return undefined;
  const fallback = node.children.find((child) => child.named && child.start >= name.end);
  if (fallback === undefined) return rest.slice(':-'.length);
  return evaluateNode(fallback, text, variables);
}
