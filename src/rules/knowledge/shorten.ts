/** A piece of a script as it stands in a message: on one line, and no longer than so many characters. */
export function shorten(text: string, limit = 50): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  // By characters: half of one outside the BMP is none.
  const characters = Array.from(line.slice(0, 2 * limit));
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`;
}
