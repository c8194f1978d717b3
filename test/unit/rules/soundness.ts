import assert from 'node:assert/strict';
import type { Finding, Fix } from '../../../src/pigen/finding';
import { isWithin } from '../../../src/pigen/files/path';
import { LineIndex } from '../../../src/pigen/text';
import type { TextRange } from '../../../src/pigen/text';
import { applyReplacements } from '../../../src/rules/apply-fixes';
import { internalErrorName } from '../../../src/rules/runner';

/** What must hold of any finding about any tree. `files` are those of the tree, by absolute path. */
export function assertSound(finding: Finding, root: string, files: ReadonlyMap<string, string>): void {
  const { rule, message, file, range, related, fixes } = finding;
  assert.notEqual(rule, internalErrorName, message);
  assert.ok(isWithin(root, file), `${rule}: ${file}`);
  assertInside(range, files.get(file), `${rule}: ${message}`);
  for (const place of related ?? []) assertInside(place.range, files.get(place.file), place.message);
  for (const fix of fixes ?? []) assertSoundFix(fix, root, files);
}

/** Its edits lie in files that are there, do not overlap, and make and take no file that they cannot. */
export function assertSoundFix(fix: Fix, root: string, files: ReadonlyMap<string, string>): void {
  // One after the other: a file that was renamed may be made executable under its new name.
  const there = new Set(files.keys());
  for (const edit of fix.edits) {
    switch (edit.kind) {
      case 'replace':
        assert.ok(files.has(edit.file), `"${fix.title}" changes a file that is there: ${edit.file}`);
        assertInside(edit.range, files.get(edit.file), fix.title);
        break;
      case 'create':
        assert.ok(
          !hasEntry(there, edit.file) && isWithin(root, edit.file),
          `"${fix.title}" makes ${edit.file}`,
        );
        there.add(edit.file);
        break;
      case 'rename':
        assert.ok(hasEntry(there, edit.from), `"${fix.title}" renames ${edit.from}`);
        assert.ok(
          !hasEntry(there, edit.to) && isWithin(root, edit.to),
          `"${fix.title}" renames to ${edit.to}`,
        );
        for (const file of [...there].filter((name) => isWithin(edit.from, name))) {
          there.delete(file);
          there.add(edit.to + file.slice(edit.from.length));
        }
        break;
      case 'delete':
      case 'make-executable':
        assert.ok(there.has(edit.file), `"${fix.title}" takes ${edit.file}`);
        if (edit.kind === 'delete') there.delete(edit.file);
    }
  }
  textsAfter([fix], files);
}

/** The texts that fixes leave behind, of the files that they change; fails where their edits overlap. */
export function textsAfter(fixes: readonly Fix[], files: ReadonlyMap<string, string>): Map<string, string> {
  const edits = fixes.flatMap((fix) => fix.edits);
  const replacements = edits.filter((edit) => edit.kind === 'replace');
  const texts = new Map<string, string>();
  for (const file of new Set(replacements.map((edit) => edit.file))) {
    const own = replacements.filter((edit) => edit.file === file);
    const text = applyReplacements(files.get(file) ?? '', own);
    assert.ok(
      text !== undefined,
      `the edits of "${fixes.map(({ title }) => title).join('", "')}" do not overlap`,
    );
    texts.set(file, text);
  }
  for (const edit of edits) if (edit.kind === 'create') texts.set(edit.file, edit.text);
  return texts;
}

function hasEntry(files: ReadonlySet<string>, path: string): boolean {
  return [...files].some((file) => isWithin(path, file));
}

function assertInside({ start, end }: TextRange, text: string | undefined, message: string): void {
  assert.ok(start.line < end.line || (start.line === end.line && start.column <= end.column), message);
  // Of a folder, or of a file that is missing: the first character.
  const lines = new LineIndex(text ?? '');
  for (const { line, column } of [start, end]) {
    assert.ok(line >= 0 && line < lines.lineCount, message);
    // The line ending belongs to the line.
    const width =
      line + 1 < lines.lineCount
        ? lines.lineStart(line + 1) - lines.lineStart(line)
        : lines.lineEnd(line) - lines.lineStart(line);
    assert.ok(column >= 0 && column <= width, `${message} ${line}:${column}`);
  }
}
