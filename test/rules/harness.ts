import { readdirSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { applyReplacements } from '../../src/rules/apply-fixes';
import { Checker } from '../../src/rules/checker';
import { applyControl } from '../../src/rules/control/control';
import { compareFindings } from '../../src/rules/runner';
import type { Finding, Fix, FixEdit } from '../../src/pigen/finding';
import type { PackageIndex } from '../../src/pigen/apt/package-index';
import { NodeFileSystem } from '../../src/pigen/files/node-file-system';
import { relativePath } from '../../src/pigen/files/path';
import { UpstreamFiles } from '../../src/pigen/tree/upstream-files';
import { BashParser } from '../../src/shell/bash-parser';
import { findShellCheck } from '../../src/shellcheck/find-shellcheck';
import type { ShellCheckBinary } from '../../src/shellcheck/find-shellcheck';
import { ShellCheckRunner } from '../../src/shellcheck/shellcheck-runner';
import { ShellChecker } from '../../src/shellcheck/shellchecker';

const repository = path.resolve(__dirname, '../..');

/** Folders of test/rules/NAME/. */
export const fixturesFolder = path.join(repository, 'test/rules');

/** Absolute with `/`, as the core wants its paths. */
export function corePath(file: string): string {
  return file.replaceAll('\\', '/');
}

/** The parser from the packages that the build takes it from. */
export async function loadParser(): Promise<BashParser> {
  const [runtime, grammar] = await Promise.all([
    readFile(path.join(repository, 'node_modules/web-tree-sitter/web-tree-sitter.wasm')),
    readFile(path.join(repository, 'node_modules/tree-sitter-bash/tree-sitter-bash.wasm')),
  ]);
  return BashParser.load({ runtime, grammar });
}

export function newChecker(parser: BashParser, packages?: PackageIndex): Checker {
  return new Checker({
    fs: new NodeFileSystem(),
    parser: () => Promise.resolve(parser),
    // A fixture is judged even where it happens to be what pi-gen ships.
    upstream: new UpstreamFiles([]),
    ...(packages !== undefined && { packages }),
  });
}

/** What the tests of a fixture ask of a checker. */
export interface TreeChecker {
  checkTree(root: string): Promise<{ readonly findings: readonly Finding[] }>;
}

/** A checker whose findings are followed by those of the ShellCheck of this machine, which the tests need. */
export function withShellCheck(checker: Checker): TreeChecker {
  const shellChecker = new ShellChecker(new ShellCheckRunner(), new NodeFileSystem(), {});
  return {
    async checkTree(root) {
      const result = await checker.checkTree(root);
      const binary = await shellCheckOfMachine();
      const found = await shellChecker.check(result, { binary });
      return { findings: [...result.findings, ...applyControl(found, result.control)].sort(compareFindings) };
    },
  };
}

/** Rejects where there is none: a test that needs it then fails, as it is to. */
export async function shellCheckOfMachine(): Promise<ShellCheckBinary> {
  const found = await findShellCheck({ asked: undefined, environment: process.env });
  if (found.kind !== 'found') throw new Error('ShellCheck is not installed: apt-get install shellcheck');
  return found.binary;
}

/** One line a finding, as in the `.expected` files: `file:line:column severity rule message`. Lines and columns 1-based. */
export function showFindings(findings: readonly Finding[], root: string): string {
  const lines = findings.map(({ file, range, severity, rule, code, message }) => {
    const shown = relativePath(root, file) || '.';
    const named = code === undefined ? message : `${code.name}: ${message}`;
    return `${shown}:${range.start.line + 1}:${range.start.column + 1} ${severity} ${rule} ${named}\n`;
  });
  return lines.join('');
}

export interface FixtureTree {
  readonly rule: string;
  readonly name: string;
  readonly folder: string;
  readonly bad: boolean;
}

/** The fixture trees of all rules. At once, since mocha wants to know its tests before it runs any. */
export function fixtureTrees(): readonly FixtureTree[] {
  const trees: FixtureTree[] = [];
  for (const rule of folders(fixturesFolder)) {
    for (const name of folders(path.join(fixturesFolder, rule))) {
      if (name.endsWith('.fixed')) continue;
      trees.push({ rule, name, folder: path.join(fixturesFolder, rule, name), bad: name.startsWith('bad-') });
    }
  }
  return trees;
}

function folders(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Relative paths with `/` of all files below a folder, sorted; empty where there is no such folder. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => corePath(path.relative(folder, path.join(entry.parentPath, entry.name))))
    .sort();
}

/** Copies a tree with its modes. */
export async function copyTree(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
}

/** Applies fixes to the disk, as the command line and the editor do. */
export async function applyFixes(fixes: readonly Fix[]): Promise<void> {
  const edits = fixes.flatMap((fix) => fix.edits);
  const replacements = edits.filter((edit) => edit.kind === 'replace');
  for (const file of new Set(replacements.map((edit) => edit.file))) {
    const changes = replacements.filter((edit) => edit.file === file);
    const text = applyReplacements(await readFile(file, 'utf8'), changes);
    if (text === undefined) throw new Error(`Edits of ${file} overlap`);
    await writeFile(file, text);
  }
  for (const edit of edits) await applyToFiles(edit);
}

async function applyToFiles(edit: FixEdit): Promise<void> {
  switch (edit.kind) {
    case 'replace':
      return;
    case 'create':
      await mkdir(path.dirname(edit.file), { recursive: true });
      await writeFile(edit.file, edit.text, { flag: 'wx' });
      if (edit.executable) await chmod(edit.file, 0o755);
      return;
    case 'rename':
      await rename(edit.from, edit.to);
      return;
    case 'delete':
      await rm(edit.file);
      return;
    case 'make-executable':
      await chmod(edit.file, (await stat(edit.file)).mode | 0o111);
  }
}
