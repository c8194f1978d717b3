import { chmod, lstat, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../pigen/files/make-folder';
import type { Fix, FixEdit } from '../pigen/finding';
import { setExecuteBit } from '../pigen/files/set-execute-bit';
import { applyReplacements } from '../rules/apply-fixes';

type Replacement = Extract<FixEdit, { kind: 'replace' }>;

/**
 * Applies fixes that go together (see compatibleFixes) to the disk. A file's new text takes the place of the old one in one
 * step, so that no one ever reads half of it. Answers what could not be done, a sentence each; the rest is done.
 */
export async function writeFixes(fixes: readonly Fix[]): Promise<readonly string[]> {
  const edits = fixes.flatMap((fix) => fix.edits);
  const byFile = new Map<string, Replacement[]>();
  for (const edit of edits) {
    if (edit.kind !== 'replace') continue;
    const others = byFile.get(edit.file);
    if (others === undefined) byFile.set(edit.file, [edit]);
    else others.push(edit);
  }
  const failures: string[] = [];
  const attempt = async (file: string, work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      failures.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  // Texts first: their positions are those of the files as they were checked, under their old names.
  for (const [file, own] of byFile) await attempt(file, replaceText(file, own));
  for (const edit of edits) {
    if (edit.kind !== 'replace') await attempt(edit.kind === 'rename' ? edit.from : edit.file, change(edit));
  }
  return failures;
}

async function replaceText(file: string, edits: readonly Replacement[]): Promise<void> {
  const bytes = await readFile(file);
  let before: string;
  try {
    before = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('this file is no UTF-8, so it was left as it is.');
  }
  const text = applyReplacements(before, edits);
  if (text === undefined) throw new Error('its fixes overlap, so it was left as it is.');
  await replaceFile(file, text);
}

/** A link stays a link: what it leads to gets the text. */
async function replaceFile(file: string, text: string): Promise<void> {
  const target = await realpath(file);
  const { mode } = await stat(target);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.pigen-${process.pid}`);
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await chmod(temporary, mode & 0o7777);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function change(edit: Exclude<FixEdit, Replacement>): Promise<void> {
  switch (edit.kind) {
    case 'create':
      await makeFolder(path.dirname(edit.file));
      await writeFile(edit.file, edit.text, { flag: 'wx' });
      if (edit.executable) await setExecuteBit(edit.file);
      break;
    case 'rename':
      if (await exists(edit.to)) throw new Error(`${edit.to} exists already, so nothing was renamed.`);
      await rename(edit.from, edit.to);
      break;
    case 'delete':
      await rm(edit.file);
      break;
    case 'make-executable':
      await setExecuteBit(edit.file);
      break;
  }
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
