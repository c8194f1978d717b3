import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../package.json';
import { configVariables } from '../../src/pigen/config/config-variables';

const root = path.resolve(import.meta.dirname, '../..');
const tester = path.join(root, 'node_modules/vscode-tmgrammar-test/dist/unit.js');
/** The grammar of shell scripts that VS Code has. */
const shell = path.join(root, 'node_modules/tm-grammars/grammars/shellscript.json');

/** Holds files to the scopes that comments in them name; rejects with what differs. */
async function testScopes(files: readonly string[]): Promise<string> {
  const words = [tester, '--config', path.join(root, 'package.json'), '-g', shell, ...files];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root });
  return stdout;
}

describe('grammars', () => {
  it('give the scopes that the files of test/grammar name', async () => {
    const files = await readdir(path.join(root, 'test/grammar'));
    const told = await testScopes(files.map((name) => path.join('test/grammar', name)));
    for (const name of files) assert.match(told, new RegExp(`${name} run success`));
  });

  it('are tested by something that tells a wrong scope', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'pi-gen-stages-grammar-'));
    try {
      const file = path.join(folder, 'wrong.test');
      await writeFile(file, '# SYNTAX TEST "source.pi-gen-packages"\ncurl\n# <---- comment.line\n');
      await assert.rejects(testScopes([file]), (error: { stdout: string }) =>
        error.stdout.includes('missing required scopes: comment.line'),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('know every key of config', async () => {
    const grammar = await readFile(path.join(root, 'syntaxes/pi-gen-config.tmLanguage.json'), 'utf8');
    const names = new Set(grammar.match(/[A-Z_0-9]{4,}/g));
    for (const { name } of configVariables) assert.ok(names.has(name), name);
  });

  it('have a test each, but for that of the log', async () => {
    const tests = await readdir(path.join(root, 'test/grammar'));
    const texts = await Promise.all(
      tests.map((name) => readFile(path.join(root, 'test/grammar', name), 'utf8')),
    );
    const tested = texts.join('\n');
    for (const { scopeName } of manifest.contributes.grammars) {
      if (scopeName === 'text.pi-gen-log') continue;
      const scope = scopeName.endsWith('.injection') ? 'meta.embedded.block.chroot' : scopeName;
      assert.ok(tested.includes(scope), scopeName);
    }
  });
});
