/** What bash's reader takes for a blank. A carriage return is none. */
export function isBlank(character: string): boolean {
  return character === ' ' || character === '\t';
}

/** Ends a word where it is not quoted. */
export function isMetacharacter(character: string): boolean {
  switch (character) {
    case ' ':
    case '\t':
    case '\n':
    case ';':
    case '&':
    case '|':
    case '<':
    case '>':
    case '(':
    case ')':
      return true;
    default:
      return false;
  }
}

export function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

export function isNameStart(character: string): boolean {
  return (
    character === '_' || (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
  );
}

/** Offset behind the letters, digits and underscores that begin at `start`. */
export function nameEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && (isNameStart(text.charAt(at)) || isDigit(text.charAt(at)))) at++;
  return at;
}

/** Whether what stands from `start` to the `=` at `equals` is `name`, `name+`, `name[…]` or `name[…]+`. */
export function isAssignmentPrefix(text: string, start: number, equals: number): boolean {
  if (!isNameStart(text.charAt(start))) return false;
  const end = text[equals - 1] === '+' ? equals - 1 : equals;
  const name = nameEnd(text, start);
  return name === end || (name < end && text[name] === '[' && text[end - 1] === ']');
}
