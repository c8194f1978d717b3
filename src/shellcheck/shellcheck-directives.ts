import type { Span } from '../pigen/text';

/** The codes that a comment such as `# shellcheck disable=SC2086,SC2046 # why` turns off; empty for any other comment. */
export function directiveCodes(text: string, { start, end }: Span): readonly string[] {
  const words = /^#\s*shellcheck\s+(.*)$/.exec(text.slice(start, end).trimEnd())?.[1]?.split(/\s+/) ?? [];
  const codes: string[] = [];
  for (const word of words) {
    if (word.startsWith('#')) break;
    if (word.startsWith('disable=')) codes.push(...word.slice('disable='.length).split(','));
  }
  // A range such as SC1090-SC1091 is taken over as it is.
  return codes.filter((code) => /^(?:all|SC\d{4}(?:-SC\d{4})?)$/.test(code));
}
