import { Parser } from 'yaml';
import type { CST } from 'yaml';
import { readPackageList } from '../../pigen/apt/package-list';
import type { Span } from '../../pigen/text';
import { scanShell } from '../../shell/heredoc-scanner';
import { programsOf } from '../../shell/queries';
import type { Script } from '../../shell/script';

/** A comment of a file. */
export interface FileComment {
  /** As its own program reads it. */
  readonly text: string;
  /** Span in the file for a span in `text`. */
  toFileSpan(span: Span): Span;
}

/** The comments of a script and of the programs in its heredocs and arguments. */
export function scriptComments(script: Script): readonly FileComment[] {
  const comments: FileComment[] = [];
  for (const program of programsOf(script)) {
    for (const { start, end } of program.comments) {
      comments.push({
        text: program.text.slice(start, end),
        toFileSpan: (span) => program.toFileSpan({ start: start + span.start, end: start + span.end }),
      });
    }
  }
  return comments;
}

export function configComments(text: string): readonly FileComment[] {
  return plainComments(text, scanShell(text).comments);
}

export function packageListComments(text: string): readonly FileComment[] {
  return plainComments(text, readPackageList(text).comments);
}

/** debconf-set-selections takes a line for a comment when `#` is the first thing on it. */
export function debconfComments(text: string): readonly FileComment[] {
  const spans = Array.from(text.matchAll(/^[ \t]*(#[^\r\n]*)/gm), ({ 0: line, 1: comment = '', index }) => {
    const end = index + line.length;
    return { start: end - comment.length, end };
  });
  return plainComments(text, spans);
}

/** Of a text that may be broken YAML: then those before the breakage. */
export function yamlComments(text: string): readonly FileComment[] {
  const spans: Span[] = [];
  try {
    for (const token of new Parser().parse(text)) collectComments(token, spans);
  } catch {
    // yaml gives up on such things as a deep nesting that overflows its stack: the comments found so far stand.
  }
  return plainComments(text, spans);
}

/** Comments hang in CST.SourceToken lists named `start`, `sep`, `end` and `props`, at every depth. */
function collectComments(token: unknown, spans: Span[]): void {
  if (Array.isArray(token)) {
    for (const part of token) collectComments(part, spans);
  } else if (typeof token === 'object' && token !== null) {
    if (isComment(token)) spans.push({ start: token.offset, end: token.offset + token.source.length });
    else for (const part of Object.values(token)) collectComments(part, spans);
  }
}

function isComment(token: object): token is CST.SourceToken {
  return 'type' in token && token.type === 'comment' && 'offset' in token && 'source' in token;
}

function plainComments(text: string, spans: readonly Span[]): readonly FileComment[] {
  return spans.map((comment) => ({
    text: text.slice(comment.start, comment.end),
    toFileSpan: (span) => ({ start: comment.start + span.start, end: comment.start + span.end }),
  }));
}
