import type { FixEdit } from '../../pigen/finding';

/**
 * Puts a line before another.
 *
 * @param line 0-based
 * @param text with its line ending
 */
export function insertLine(file: string, line: number, text: string): FixEdit {
  const place = { line, column: 0 };
  return { kind: 'replace', file, range: { start: place, end: place }, text };
}

/** What ends the lines of a text: `\r\n` where it has one such line. */
export function lineEnding(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
