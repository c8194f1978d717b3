import type { ConfigAssignment, ValuePart } from '../../../src/pigen/config/config-assignment';

/**
 * Stands in for the bash reader of src/shell/ where a test is about what the model makes of assignments: `NAME=value` and
 * `NAME="value"` at the start of a line, with `$NAME` and `${NAME}` in it.
 */
export function plainAssignments(text: string): readonly ConfigAssignment[] {
  const assignments: ConfigAssignment[] = [];
  for (const found of text.matchAll(/^(\w+)(\+?=)("?)(.*?)\3$/gm)) {
    const [whole, name = '', operator = '', quote = '', value = ''] = found;
    const valueStart = found.index + name.length + operator.length;
    const end = found.index + whole.length;
    const parts = partsOf(value, valueStart + quote.length);
    assignments.push({
      name,
      append: operator === '+=',
      exported: false,
      literal: parts?.every((part) => part.kind === 'text') === true ? value : undefined,
      parts,
      span: { start: found.index, end },
      valueSpan: { start: valueStart, end },
      conditional: false,
    });
  }
  return assignments;
}

function partsOf(value: string, offset: number): readonly ValuePart[] | undefined {
  if (/\$\(|`|\$\{\w+[^\w}]|^\(/.test(value)) return undefined;
  return [...value.matchAll(/\$\{?(\w+)\}?|[^$]+/g)].map((found): ValuePart => {
    const span = { start: offset + found.index, end: offset + found.index + found[0].length };
    return found[1] === undefined
      ? { kind: 'text', text: found[0], span }
      : { kind: 'parameter', name: found[1], span };
  });
}
