/** Escapes of a double-quoted YAML scalar, as far as they stand for one unit each. */
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  ' ': ' ',
  n: '\n',
  t: '\t',
  r: '\r',
};

/**
 * Where each UTF-16 unit of a YAML scalar's value stands in the scalar as it is written, quotes included. Undefined for what
 * covers several lines, and for escapes by number: then only the scalar as a whole has a place.
 */
export function offsetsOfValue(source: string, value: string): readonly number[] | undefined {
  if (/[\r\n]/.test(source)) return undefined;
  const first = source.charAt(0);
  const quoted = first === '"' || first === "'";
  const offsets: number[] = [];
  let read = '';
  const end = quoted ? source.length - 1 : source.length;
  for (let at = quoted ? 1 : 0; at < end; at++) {
    offsets.push(at);
    const unit = source.charAt(at);
    if (first === "'" && unit === "'") at++;
    if (first !== '"' || unit !== '\\') read += unit;
    else {
      const escaped = escapes[source.charAt(++at)];
      if (escaped === undefined) return undefined;
      read += escaped;
    }
  }
  return read === value ? offsets : undefined;
}
