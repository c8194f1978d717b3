import type { Span } from '../../pigen/text';

export type DirectiveKind = 'disable' | 'enable' | 'disable-file';

export const directiveKinds: readonly DirectiveKind[] = ['disable', 'enable', 'disable-file'];

/** A rule's name as a comment or a settings file writes it. */
export interface WrittenName {
  readonly name: string;
  readonly span: Span;
}

/** What one comment tells the checker. Spans are offsets into the comment. */
export type Directive =
  | { readonly kind: DirectiveKind; readonly names: readonly WrittenName[] }
  /** Meant for the checker, but in no form that it knows. */
  | { readonly kind: 'malformed' };

/**
 * Reads a comment such as `# pigen: disable=rule,other because of this`. Undefined for comments that are not for the
 * checker, prose that begins with `pigen:` among them.
 *
 * @param comment from its `#` to the end of the line
 */
export function parseDirective(comment: string): Directive | undefined {
  const mark = /^#+[ \t]*pigen:[ \t]*/.exec(comment);
  if (mark === null) return undefined;
  const word = /^([A-Za-z-]+)[ \t]*(=?)[ \t]*/.exec(comment.slice(mark[0].length));
  if (word === null) return undefined;
  const start = mark[0].length + word[0].length;
  const kind = directiveKinds.find((known) => known === word[1]);
  if (word[2] === '') {
    // `# pigen: disable` alone has only one meaning; more words may be prose.
    return kind !== undefined && start === comment.trimEnd().length ? { kind: 'malformed' } : undefined;
  }
  const names = readNames(comment, start);
  return kind === undefined || names.length === 0 ? { kind: 'malformed' } : { kind, names };
}

/** Names with commas between them. What follows the last is the author's reason. */
function readNames(comment: string, start: number): readonly WrittenName[] {
  const names: WrittenName[] = [];
  const next = /([A-Za-z0-9_-]+)[ \t]*(,?)[ \t]*/y;
  next.lastIndex = start;
  for (let found = next.exec(comment); found !== null; found = next.exec(comment)) {
    const name = found[1] ?? '';
    names.push({ name, span: { start: found.index, end: found.index + name.length } });
    if (found[2] === '') break;
  }
  return names;
}
