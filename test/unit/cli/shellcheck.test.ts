import assert from 'node:assert/strict';
import type { Log } from 'sarif';
import { sarifSchema } from './sarif-schema';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pigen, root } from './pigen';

interface Told {
  readonly findings: readonly { readonly rule: string; readonly code?: string; readonly severity: string }[];
}

describe('pigen check with ShellCheck, as a process', () => {
  let tree: string;

  beforeEach(async () => {
    tree = await mkdtemp(path.join(os.tmpdir(), 'pigen-shellcheck-cli-'));
    await cp(path.join(root, 'test/rules/shellcheck/bad-heredocs'), tree, { recursive: true });
  });

  afterEach(async () => {
    await rm(tree, { recursive: true });
  });

  const codesIn = (out: string): string[] =>
    (JSON.parse(out) as Told).findings.map(({ rule, code }) => `${rule} ${code}`);

  it('tells what it finds under the name shellcheck and with its code', async () => {
    const { code, out, err } = await pigen(['check', '--format', 'json', '--rule', 'SC2045'], { cwd: tree });
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(codesIn(out), ['shellcheck SC2045']);
    const failing = await pigen(['check', '--rule', 'SC2045', '--fail-on', 'warning'], { cwd: tree });
    assert.equal(failing.code, 1);
    assert.match(failing.out, /00-run\.sh:12:13: warning: .* \[shellcheck SC2045\]/);
    const github = await pigen(['check', '--format', 'github', '--rule', 'SC2045'], { cwd: tree });
    assert.match(github.out, /^::warning .*title=shellcheck SC2045::/);
  });

  it('keeps its code in SARIF, which stays valid by the schema', async () => {
    const { out } = await pigen(['check', '--format', 'sarif'], { cwd: tree });
    const log = JSON.parse(out) as Log;
    const validate = await sarifSchema();
    assert.ok(validate(log), JSON.stringify(validate.errors));
    const results = (log.runs[0]?.results ?? []).filter(({ ruleId }) => ruleId === 'shellcheck');
    assert.ok(results.length > 0);
    for (const { properties, message } of results) {
      const code = String(properties?.['code']);
      assert.match(code, /^SC\d{4}$/);
      assert.equal(properties?.['helpUri'], `https://www.shellcheck.net/wiki/${code}`);
      assert.ok(message.text?.startsWith(`${code}: `), message.text);
    }
  });

  it('is silenced by .pigen.yaml and by --no-shellcheck', async () => {
    await writeFile(path.join(tree, '.pigen.yaml'), 'rules:\n  SC2086: off\n  SC2045: error\n');
    const { code, out } = await pigen(['check', '--format', 'json'], { cwd: tree });
    assert.equal(code, 1);
    assert.deepEqual(codesIn(out).sort(), ['shellcheck SC2006', 'shellcheck SC2045']);
    const without = await pigen(['check', '--format', 'json', '--no-shellcheck'], { cwd: tree });
    assert.deepEqual(codesIn(without.out), []);
  });

  it('says in a word that it is not there, and does not fail for that', async () => {
    const environment = { PATH: path.join(tree, 'nowhere') };
    const { code, out, err } = await pigen(['check', '--format', 'json'], { cwd: tree, env: environment });
    assert.deepEqual([code, codesIn(out)], [0, []]);
    assert.match(err, /^pigen: ShellCheck is not installed, [^\n]*\n$/);
    const asked = await pigen(['check', '--shellcheck', 'nowhere/shellcheck'], { cwd: tree });
    assert.equal(asked.code, 2);
    assert.match(asked.err, /--shellcheck .*nowhere\/shellcheck: it cannot be run/);
  });
});
