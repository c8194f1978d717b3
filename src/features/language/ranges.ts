import * as vscode from 'vscode';
import type { TreeFile } from '../../language/tree-file';
import type { Span } from '../../pigen/text';
import { rangeOf } from '../paths';

/** The editor's range for a span of a file's text. */
export function rangeIn(file: TreeFile, span: Span): vscode.Range {
  return rangeOf(file.lines.range(span));
}

/** The offset into a file's text for the editor's position. */
export function offsetIn(file: TreeFile, { line, character }: vscode.Position): number {
  return file.lines.offset({ line, column: character });
}

/** Markdown that may hold text of the user's files: no commands, no HTML. */
export function markdownOf(text: string): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(text);
  markdown.isTrusted = false;
  markdown.supportHtml = false;
  return markdown;
}
