import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Log } from 'sarif';
import { parse } from 'yaml';
import { rules } from '../../../src/rules';
import { githubAnnotation } from '../../../src/cli/github-annotations';
import { usage } from '../../../src/cli/usage';
import type { Finding } from '../../../src/pigen/finding';
import { fixtureTrees } from '../../rules/harness';
import { pigen, root } from './pigen';
import type { Ran } from './pigen';
import { sarifSchema } from './sarif-schema';

const run = promisify(execFile);
const script = 'stage-app/00-service/00-run.sh';
const another = 'stage-app/00-service/01-run.sh';

describe('pigen check, for machines and for mending', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-check-'));
    await cp(path.join(root, 'test/rules/missing-errexit/bad-shebangs'), folder, { recursive: true });
    await mkdir(path.join(folder, '.git'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function check(...words: readonly string[]): Promise<Ran> {
    return pigen(['check', ...words], { cwd: folder });
  }

  async function findings(...words: readonly string[]): Promise<readonly string[]> {
    const { out } = await check('--format', 'json', ...words);
    const json = JSON.parse(out) as { findings: { rule: string; severity: string; file: string }[] };
    return json.findings.map(({ rule, severity, file }) => `${file} ${severity} ${rule}`);
  }

  describe('--format sarif', () => {
    it('names rules, places and changes as SARIF 2.1.0 has them', async () => {
      const { code, out } = await check('--format', 'sarif');
      assert.equal(code, 0);
      const log = JSON.parse(out) as Log;
      assert.equal(log.version, '2.1.0');
      const [sarif] = log.runs;
      assert.ok(sarif);
      const { driver } = sarif.tool;
      assert.deepEqual(
        driver.rules?.map(({ id }) => id),
        rules.map(({ name }) => name),
      );
      assert.ok((sarif.results?.length ?? 0) > 0);
      for (const { ruleId, ruleIndex, level, message, locations, fixes } of sarif.results ?? []) {
        assert.equal(driver.rules[ruleIndex ?? -1]?.id, ruleId);
        assert.ok(level === 'error' || level === 'warning' || level === 'note');
        assert.ok(message.text);
        for (const { physicalLocation } of locations ?? []) {
          const { artifactLocation, region } = physicalLocation ?? {};
          assert.ok((await stat(path.join(folder, artifactLocation?.uri ?? ''))).isFile());
          assert.equal(artifactLocation?.uriBaseId, '%SRCROOT%');
          assert.ok((region?.startLine ?? 0) >= 1 && (region?.startColumn ?? 0) >= 1);
        }
        for (const { artifactChanges } of fixes ?? []) {
          assert.ok(artifactChanges.every(({ replacements }) => replacements.length > 0));
        }
      }
      assert.ok(sarif.originalUriBaseIds?.['%SRCROOT%']?.uri?.endsWith('/'));
    });

    it('is valid by the schema, whatever the rules find and mend', async () => {
      const validate = await sarifSchema();
      for (const { rule, name, folder: tree } of fixtureTrees().filter(({ bad }) => bad))
        await cp(tree, path.join(folder, 'ä b', rule, name), { recursive: true });
      const { out } = await check('--format', 'sarif');
      const log = JSON.parse(out) as Log;
      assert.ok(validate(log), JSON.stringify(validate.errors?.slice(0, 3)));
      const found = new Set(log.runs[0]?.results?.map(({ ruleId }) => ruleId));
      assert.ok(found.size > 25, `${found.size} rules`);
      assert.ok(log.runs[0]?.results?.some(({ relatedLocations }) => relatedLocations !== undefined));
      // What a test of a validator that takes everything would not tell.
      for (const result of log.runs[0]?.results ?? []) delete (result as { message?: unknown }).message;
      assert.ok(!validate(log));
    });

    it('is a log without results where there is nothing to find', async () => {
      const { out } = await pigen(['check', 'stage-ossuary', '--format', 'sarif']);
      assert.deepEqual((JSON.parse(out) as Log).runs[0]?.results, []);
    });

    it('escapes what a URI cannot hold', async () => {
      await cp(path.join(folder, 'stage-app'), path.join(folder, 'stage b#1%'), { recursive: true });
      const { out } = await check('--format', 'sarif', 'stage b#1%');
      const uris = (JSON.parse(out) as Log).runs[0]?.results?.map(
        ({ locations }) => locations?.[0]?.physicalLocation?.artifactLocation?.uri,
      );
      assert.ok(uris?.includes('stage%20b%231%25/00-service/01-run.sh'), String(uris));
    });
  });

  describe('--format github', () => {
    it('has no command that a message or a name could break', () => {
      const at = (line: number) => ({ line, column: 2 });
      const finding: Finding = {
        rule: 'a,b:c%',
        severity: 'hint',
        message: '100% sure:\r\n::error::x, y',
        file: '/repo/a\nb,c:d%0A',
        range: { start: at(0), end: at(1) },
      };
      assert.equal(
        githubAnnotation(finding, '/repo'),
        '::notice file=a%0Ab%2Cc%3Ad%250A,line=1,endLine=2,title=a%2Cb%3Ac%25::100%25 sure:%0D%0A::error::x, y\n',
      );
    });

    it('writes one command a finding, at its line', async () => {
      const { out } = await check('--format', 'github', script);
      assert.match(
        out,
        /^::warning file=stage-app\/00-service\/00-run\.sh,line=1,endLine=1,col=1,endColumn=\d+,title=missing-errexit::This script goes on [^\n]*\n$/,
      );
    });

    it('escapes what would end a command or a property', async () => {
      const name = 'stage-a,b:c%';
      await cp(path.join(folder, 'stage-app'), path.join(folder, name), { recursive: true });
      const { out } = await check('--format', 'github', `${name}/00-service/01-run.sh`);
      assert.match(out, /^::warning file=stage-a%2Cb%3Ac%25\/00-service\/01-run\.sh,line=1,/);
      assert.equal(out.trimEnd().split('\n').length, 1);
    });

    it('starts paths at the workspace of the workflow', async () => {
      const { out } = await pigen(['check', '--format', 'github', '00-service/01-run.sh'], {
        cwd: path.join(folder, 'stage-app'),
        env: { GITHUB_WORKSPACE: folder },
      });
      assert.match(out, /^::warning file=stage-app\/00-service\/01-run\.sh,/);
    });
  });

  describe('--fix', () => {
    it('mends what can be mended, tells what it did, and finds nothing the second time', async () => {
      const { out } = await check('--fix');
      assert.match(out, /^fixed: stage-app\/00-service\/00-run\.sh: .*-e/m);
      assert.match(out, /No findings\.\n$/);
      assert.ok((await readFile(path.join(folder, script), 'utf8')).startsWith('#!/bin/bash -e\n'));
      assert.equal((await stat(path.join(folder, script))).mode & 0o777, 0o755);
      assert.equal((await check('--fix')).out, 'No findings.\n');
      const left = await readdir(path.join(folder, 'stage-app/00-service'));
      assert.deepEqual(
        left.filter((name) => name.includes('pigen')),
        [],
      );
    });

    it('touches only what it is asked for', async () => {
      await check('--fix', script);
      assert.deepEqual(await findings(script), []);
      assert.ok((await findings(another)).length > 0);
    });

    it('renames, creates, and sets execute bits on disk and in git', async () => {
      await rm(path.join(folder, '.git'), { recursive: true });
      await run('git', ['init', '--quiet'], { cwd: folder });
      await writeFile(path.join(folder, 'stage-app/00-service/06-run_chroot.sh'), 'apt-get clean\n');
      await chmod(path.join(folder, script), 0o644);
      await rm(path.join(folder, 'stage-app/prerun.sh'));
      await run('git', ['add', '.'], { cwd: folder });
      const { out } = await check('--fix');
      assert.match(out, /No findings\.\n$/);
      await stat(path.join(folder, 'stage-app/00-service/06-run-chroot.sh'));
      assert.equal((await stat(path.join(folder, 'stage-app/prerun.sh'))).mode & 0o777, 0o755);
      const listed = await run('git', ['ls-files', '--stage', '--', script], { cwd: folder });
      assert.match(listed.stdout, /^100755 /);
    });

    it('writes through a link, and leaves alone what is no UTF-8', async () => {
      const target = path.join(folder, 'shared.sh');
      await writeFile(target, '#!/bin/bash\nls\nls\n', { mode: 0o755 });
      await rm(path.join(folder, script));
      await symlink('../../shared.sh', path.join(folder, script));
      await check('--fix', script);
      assert.equal(await readFile(target, 'utf8'), '#!/bin/bash -e\nls\nls\n');

      const latin = Buffer.from('#!/bin/bash\ncp caf\xe9 /x\nls\n', 'latin1');
      await writeFile(target, latin);
      const { err } = await check('--fix', script);
      assert.match(err, /no UTF-8/);
      assert.deepEqual(await readFile(target), latin);
    });
  });

  it('runs only the rules that --rule names', async () => {
    await writeFile(path.join(folder, 'stage-app/00-service/0-run.sh'), '');
    assert.deepEqual(await findings('--rule', 'ignored-file'), [
      'stage-app/00-service/0-run.sh warning ignored-file',
    ]);
    assert.ok((await findings('--rule', 'ignored-file', '--rule', 'missing-errexit')).length > 2);
    const { code, err } = await check('--rule', 'missing-erexit');
    assert.equal(code, 2);
    assert.match(err, /no rule 'missing-erexit'\. Did you mean 'missing-errexit'\?/);
  });

  it('goes by .pigen.yaml, or by the file that --config names', async () => {
    await writeFile(path.join(folder, '.pigen.yaml'), 'rules: { missing-errexit: off }\n');
    assert.deepEqual(await findings(), []);
    await writeFile(path.join(folder, 'other.yaml'), 'rules: { missing-errexit: error }\n');
    assert.ok((await findings('--config', 'other.yaml')).includes(`${script} error missing-errexit`));
    assert.equal((await check('--config', 'other.yaml')).code, 1);
    assert.equal((await check('--config', 'none.yaml')).code, 2);
  });

  it('tells what is wrong with the settings, whatever part of the tree is asked for', async () => {
    await writeFile(path.join(folder, '.pigen.yaml'), 'rule: {}\n');
    assert.ok((await findings('stage-app')).includes('.pigen.yaml warning invalid-settings'));
  });

  it('takes a release that there is', async () => {
    assert.equal((await check('--release', 'bookworm')).code, 0);
    const { code, err } = await check('--release', 'potato');
    assert.equal(code, 2);
    assert.match(err, /--release takes trixie, bookworm/);
  });

  it('checks standard input under the name given', async () => {
    const words = ['check', '--stdin-filename', script, '--format', 'json'];
    const { out } = await pigen(words, { cwd: folder, input: '#!/bin/bash -e\non_chroot ls\n' });
    assert.match(out, /"on-chroot-arguments"/);
    assert.doesNotMatch(out, /missing-errexit/);
    const fresh = await pigen(['check', '--stdin-filename', 'stage-app/00-service/77-run-chroot.sh'], {
      cwd: folder,
      input: 'on_chroot ls\n',
    });
    assert.equal(fresh.code, 1);
    assert.match(fresh.out, /77-run-chroot\.sh:1:1: error: .*\n {2}1 \| on_chroot ls\n/);
    for (const more of [['--fix'], ['stage-app']]) {
      assert.equal((await pigen([...words, ...more], { cwd: folder })).code, 2);
    }
    assert.equal((await check('-')).code, 2);
  });

  it('is what action and hook call, with options that there are', async () => {
    const action = parse(await readFile(path.join(root, 'action.yml'), 'utf8')) as {
      runs: { steps: { run?: string; env?: Record<string, string> }[] };
      inputs: Record<string, { default: string }>;
    };
    const step = action.runs.steps.at(-1);
    assert.ok(step?.run && step.env);
    for (const [option] of step.run.matchAll(/--[a-z-]+/g))
      assert.ok(usage('check').includes(option), option);
    const inputs = Object.entries(step.env).flatMap(([name, value]) => {
      const input = /inputs\.([a-z-]+)/.exec(value)?.[1];
      return input === undefined ? [] : [[name, action.inputs[input]?.default] as const];
    });
    const env = Object.fromEntries(inputs.map(([name, value]) => [name, value ?? 'no such input']));
    const ran = await run('bash', ['-e', '-o', 'pipefail', '-c', step.run], {
      cwd: folder,
      env: {
        ...process.env,
        ...env,
        PIGEN: path.join(root, 'dist/cli.js'),
        PIGEN_PATH: `${script}\n${another}\n`,
        GITHUB_WORKSPACE: folder,
      },
    });
    assert.equal(ran.stdout.trimEnd().split('\n').length, 2, ran.stdout);

    const [hook] = parse(await readFile(path.join(root, '.pre-commit-hooks.yaml'), 'utf8')) as {
      entry: string;
      files: string;
    }[];
    assert.ok(hook);
    // As pre-commit runs a hook of the language `script`: the file itself, in the repository that is committed to.
    const entry = path.join(root, hook.entry);
    const hooked = await run(entry, ['--fail-on', 'warning'], { cwd: folder }).catch(
      (error: unknown) => error as { code: number; stdout: string },
    );
    assert.equal('code' in hooked ? hooked.code : 0, 1);
    assert.match(hooked.stdout, /00-run\.sh:1:1: warning: /);
    assert.match((await run(entry, [], { cwd: folder })).stdout, /\d warnings\./);
    const files = new RegExp(hook.files);
    for (const file of [script, 'prerun.sh', '.pigen.yaml', 'config', '.github/workflows/a.yml']) {
      assert.ok(files.test(file), file);
    }
    assert.ok(!files.test('README.md'));
  });
});
