import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pigen, root } from './pigen';

interface CheckJson {
  readonly version: number;
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly file: string;
    readonly range: { readonly start: { readonly line: number; readonly column: number } };
    readonly fixes: readonly { readonly title: string }[];
    readonly docs: string;
  }[];
}

describe('pigen as a process', () => {
  let folder: string;
  /** A copy, as its author has it: the root of a repository, not a folder of ours. */
  let seed: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-cli-'));
    seed = path.join(folder, 'seed');
    await cp(path.join(root, 'test/fixtures/seed'), seed, { recursive: true });
    await mkdir(path.join(seed, '.git'));
    folder = path.join(folder, 'own');
    await mkdir(folder);
  });

  afterEach(async () => {
    await rm(path.dirname(folder), { recursive: true, force: true });
  });

  describe('check', () => {
    it('finds the mistake of the seed, with 1-based positions and a path from the working directory', async () => {
      const { code, out } = await pigen(['check', '--format', 'json'], { cwd: seed });
      const { version, findings } = JSON.parse(out) as CheckJson;
      const nested = findings.find(({ rule }) => rule === 'nested-on-chroot');
      assert.equal(code, 1);
      assert.equal(version, 1);
      assert.equal(nested?.severity, 'error');
      assert.equal(nested.file, 'stage-ossuary/00-install-ossuary/00-run-chroot.sh');
      assert.deepEqual(nested.range.start, { line: 3, column: 1 });
      assert.ok(nested.fixes.length > 0);
      assert.ok((await stat(path.join(root, nested.docs))).isFile());
    });

    it('shows a person the line, a mark below it and the fix', async () => {
      const { out } = await pigen(['check', '.'], { cwd: seed });
      assert.match(
        out,
        /00-run-chroot\.sh:3:1: error: .*\[nested-on-chroot\]\n {2}3 \| on_chroot .*\n {4}\| \^+/,
      );
      assert.match(out, /1 error/);
    });

    it('has nothing to say of the sample stage', async () => {
      const { code, out } = await pigen(['check', 'stage-ossuary']);
      assert.deepEqual({ code, out }, { code: 0, out: 'No findings.\n' });
    });

    it('answers for a single file only', async () => {
      const file = 'stage-ossuary/00-install-ossuary/00-run.sh';
      const { code, out } = await pigen(['check', file, '--format', 'json'], {
        cwd: seed,
      });
      const { findings } = JSON.parse(out) as CheckJson;
      assert.equal(code, 0);
      assert.deepEqual(
        findings.filter((finding) => finding.file !== file),
        [],
      );
    });

    it('fails on what --fail-on says', async () => {
      const stage = path.join(folder, 'stage-x');
      await cp(path.join(root, 'stage-ossuary'), stage, { recursive: true });
      await writeFile(path.join(stage, '00-install-ossuary/01-packaages'), 'git\n');
      assert.equal((await pigen(['check', folder])).code, 0);
      assert.equal((await pigen(['check', folder, '--fail-on', 'warning'])).code, 1);
    });

    it('says so where there is no stage, no file, or no such option', async () => {
      const none = await pigen(['check', folder]);
      assert.equal(none.code, 2);
      assert.match(none.err, /no pi-gen stage here/);
      const missing = await pigen(['check', path.join(folder, 'missing')]);
      assert.equal(missing.code, 2);
      assert.match(missing.err, /no such file or folder/);
      const option = await pigen(['check', '--fail-on', 'panic']);
      assert.equal(option.code, 2);
      assert.match(option.err, /--fail-on takes error, warning, information, hint/);
    });

    it('gets through a binary script, a huge one, a loop of links and broken YAML', async () => {
      const stage = path.join(folder, 'stage-x');
      await cp(path.join(root, 'stage-ossuary'), stage, { recursive: true });
      const subStage = path.join(stage, '00-install-ossuary');
      await writeFile(path.join(subStage, '02-run.sh'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0]), {
        mode: 0o755,
      });
      await writeFile(path.join(subStage, '03-run.sh'), `#!/bin/bash -e\n${'echo x\n'.repeat(1_500_000)}`, {
        mode: 0o755,
      });
      await symlink('.', path.join(subStage, 'loop'));
      await symlink('nowhere', path.join(subStage, '04-packages'));
      await mkdir(path.join(folder, '.github/workflows'), { recursive: true });
      await writeFile(path.join(folder, '.github/workflows/build.yml'), 'on: [push\njobs: {');
      await writeFile(
        path.join(folder, 'config'),
        'IMG_NAME=$(exit 3)\nif true; then STAGE_LIST="a"; fi\n((((\n',
      );
      const { code, out, err } = await pigen(['check', folder, '--format', 'json']);
      assert.equal(err, '');
      assert.ok(code === 0 || code === 1);
      const files = (JSON.parse(out) as CheckJson).findings.map((finding) => path.basename(finding.file));
      assert.ok(files.includes('02-run.sh'), out);
      assert.ok(files.includes('03-run.sh'), out);
      assert.ok(files.includes('04-packages'), out);
    });
  });

  it('gets through a tree of 1,000 stages', async () => {
    for (let number = 0; number < 1000; number++) {
      const subStage = path.join(folder, `stage${number}/00-part`);
      await mkdir(subStage, { recursive: true });
      await writeFile(path.join(folder, `stage${number}/prerun.sh`), '#!/bin/bash -e\ncopy_previous\n', {
        mode: 0o755,
      });
      await writeFile(path.join(subStage, '00-run-chroot.sh'), '#!/bin/bash -e\non_chroot -c true\n');
    }
    const { code, out } = await pigen(['check', folder, '--format', 'json']);
    const { findings } = JSON.parse(out) as CheckJson;
    assert.equal(code, 1);
    assert.equal(findings.filter(({ rule }) => rule === 'nested-on-chroot').length, 1000);
  });

  describe('order', () => {
    it('shows the steps in order, each with its place', async () => {
      const { code, out } = await pigen(['order', '.'], { cwd: seed });
      assert.equal(code, 0);
      assert.match(
        out,
        /prerun\.sh[\s\S]*00-packages[\s\S]*host +00-run\.sh[\s\S]*chroot +00-run-chroot\.sh/,
      );
    });

    it('has postrun.sh last, at the level of the stages', async () => {
      const { out } = await pigen(['order'], { cwd: path.join(root, 'test/fixtures/language/signage') });
      assert.match(out, /\n {2}\d+ {2}host {4}postrun\.sh\n$/);
    });

    it('gives the same as JSON', async () => {
      const { out } = await pigen(['order', '--format', 'json'], { cwd: seed });
      const { trees } = JSON.parse(out) as { trees: { items: { name: string; place: string | null }[] }[] };
      const steps = trees[0]?.items
        .filter(({ place }) => place !== null)
        .map(({ name, place }) => `${name} ${place ?? ''}`);
      assert.deepEqual(steps, [
        'prerun.sh host',
        '00-packages chroot',
        '00-run.sh host',
        '00-run-chroot.sh chroot',
      ]);
    });
  });

  describe('explain', () => {
    it("names the cause of the seed's failure with file and line", async () => {
      const { code, out } = await pigen(['explain', 'failing-build.log', '--tree', '.', '--format', 'json'], {
        cwd: seed,
      });
      const { version, failures } = JSON.parse(out) as {
        version: number;
        failures: {
          class: string;
          step: { path: string; kind: string };
          finding: CheckJson['findings'][0];
        }[];
      };
      assert.equal(code, 0);
      assert.equal(version, 1);
      assert.equal(failures[0]?.class, 'nested-on-chroot');
      assert.deepEqual(failures[0].step, {
        path: 'stage-ossuary/00-install-ossuary/00-run-chroot.sh',
        kind: 'run-chroot',
      });
      assert.equal(failures[0].finding.file, 'stage-ossuary/00-install-ossuary/00-run-chroot.sh');
      assert.equal(failures[0].finding.range.start.line, 3);
    });

    it('reads standard input', async () => {
      const input = await readFile(path.join(seed, 'failing-build.log'), 'utf8');
      const { code, out } = await pigen(['explain', '-'], { cwd: seed, input });
      assert.equal(code, 0);
      assert.match(out, /^nested-on-chroot/);
    });

    it('ends with 3 where nothing failed, and with 2 where there is no log', async () => {
      const fine = '[10:00:00] Begin /pi-gen\n[10:00:01] End /pi-gen\n[10:00:01] Build finished\n';
      assert.equal((await pigen(['explain', '-'], { cwd: folder, input: fine })).code, 3);
      const missing = await pigen(['explain', path.join(folder, 'missing.log')]);
      assert.equal(missing.code, 2);
      assert.match(missing.err, /there is no such file/);
    });
  });

  describe('new stage', () => {
    it('writes a stage that passes every rule, with its execute bits', async () => {
      const made = await pigen(['new', 'stage', 'stage-kiosk', '--export'], { cwd: folder });
      assert.equal(made.code, 0, made.err);
      assert.ok(made.out.includes('stage-kiosk/prerun.sh'));
      assert.ok(((await stat(path.join(folder, 'stage-kiosk/prerun.sh'))).mode & 0o100) !== 0);
      const checked = await pigen(['check', folder, '--fail-on', 'hint']);
      assert.deepEqual({ code: checked.code, out: checked.out }, { code: 0, out: 'No findings.\n' });
    });

    it('says what is in the way where it cannot be written', async () => {
      await writeFile(path.join(folder, 'stage-kiosk'), 'a note');
      const { code, err } = await pigen(['new', 'stage', 'stage-kiosk'], { cwd: folder });
      assert.equal(code, 2);
      assert.match(err, /stage-kiosk\S* cannot be made, because a file stands where a folder is needed\./);
    });

    it('never overwrites', async () => {
      await pigen(['new', 'stage', 'stage-kiosk'], { cwd: folder });
      const prerun = path.join(folder, 'stage-kiosk/prerun.sh');
      await writeFile(prerun, 'mine');
      const again = await pigen(['new', 'stage', 'stage-kiosk'], { cwd: folder });
      assert.equal(again.code, 2);
      assert.match(again.err, /exists already/);
      assert.equal(await readFile(prerun, 'utf8'), 'mine');
    });

    it('names the stage in the list of a config and of a workflow', async () => {
      await cp(seed, folder, { recursive: true });
      const workflow = '.github/workflows/build-image.yml';
      const made = await pigen(['new', 'stage', 'stage-kiosk', '--add-to-list', workflow], { cwd: folder });
      assert.equal(made.code, 0, made.err);
      assert.match(
        await readFile(path.join(folder, workflow), 'utf8'),
        /stage-list: .*\.\/stage-ossuary \.\/stage-kiosk\n/,
      );
      await writeFile(path.join(folder, 'config'), "IMG_NAME='x'\nSTAGE_LIST='stage0 stage1'\n");
      await pigen(['new', 'stage', 'stage-other', '--add-to-list', 'config'], { cwd: folder });
      assert.equal(
        await readFile(path.join(folder, 'config'), 'utf8'),
        "IMG_NAME='x'\nSTAGE_LIST='stage0 stage1 stage-other'\n",
      );
    });

    it('refuses a name that pi-gen could not list', async () => {
      const { code, err } = await pigen(['new', 'stage', 'my stage'], { cwd: folder });
      assert.equal(code, 2);
      assert.match(err, /spaces/);
    });
  });

  describe('new', () => {
    const make = (...words: string[]): ReturnType<typeof pigen> => pigen(['new', ...words], { cwd: folder });

    it('grows a stage from templates, steps, a config and a workflow, and nothing is wrong with it', async () => {
      await make('stage', 'stage-x', '--export', '--template', 'service', '--set', 'name=garden');
      assert.match(
        (await make('sub-stage', '--in', 'stage-x', '--template', 'kiosk')).out,
        /stage-x\/01-kiosk\//,
      );
      assert.equal(
        (await make('step', 'run', '--in', 'stage-x/01-kiosk')).out,
        'stage-x/01-kiosk/01-run.sh\n',
      );
      assert.equal((await make('config', '--set', 'stages=stage0 stage-x')).out, 'config\n');
      assert.equal((await make('workflow', '--set', 'stages=stage0 ./stage-x')).code, 0);
      const checked = await pigen(['check', folder, '--fail-on', 'hint']);
      assert.deepEqual({ code: checked.code, out: checked.out }, { code: 0, out: 'No findings.\n' });
    });

    it('writes no step where pi-gen never looks for one', async () => {
      await make('stage', 'stage-x');
      for (const place of ['.', 'stage-x']) {
        const { code, err } = await make('step', 'run', '--in', place);
        assert.equal(code, 2, place);
        assert.match(err, /is no sub-stage, and pi-gen would never run a step in it/);
      }
      assert.deepEqual((await readdir(path.join(folder, 'stage-x'))).sort(), ['00-install', 'prerun.sh']);
    });

    it('writes no sub-stage where pi-gen never looks for one', async () => {
      await make('stage', 'stage-x');
      for (const place of ['.', 'stage-x/00-install']) {
        const { code, err } = await make('sub-stage', '--in', place);
        assert.equal(code, 2, place);
        assert.match(err, /is no stage .*, and pi-gen would never run a sub-stage in it/);
      }
      assert.deepEqual((await readdir(folder)).sort(), ['stage-x']);
    });

    it('takes the text of a key from its file', async () => {
      const keys = path.join(root, 'test/fixtures/scaffold/keys.pub');
      const made = await make('stage', 'stage-x', '--template', 'ssh-keys', '--set', `keys=${keys}`);
      assert.equal(made.code, 0, made.err);
      const written = path.join(folder, 'stage-x/00-ssh-keys/files/authorized_keys');
      assert.equal(await readFile(written, 'utf8'), await readFile(keys, 'utf8'));
    });

    it('says what a template asks for, and what is wrong with what it is given', async () => {
      assert.match((await make('templates')).out, /\n {2}ssh-keys\n[^]*keys=FILE/);
      for (const [words, reason] of [
        [['stage', 'stage-x', '--template', 'nope'], /no template 'nope'/],
        [['stage', 'stage-x', '--template', 'ssh-keys'], /'keys' is missing/],
        [['stage', 'stage-x', '--template', 'service', '--set', 'name=A B'], /small letters/],
        [['step', 'walk'], /run-chroot/],
        [['stage', 'stage-x', '--steps', ','], /names no step/],
        [['stage', 'stage-'], /a name of its own/],
        [['sub-stage', 'install'], /two digits/],
        [['config', '--export'], /does not take --export/],
        [['nothing'], /new makes one of/],
      ] as const) {
        const { code, err } = await make(...words);
        assert.equal(code, 2, words.join(' '));
        assert.match(err, reason);
      }
      await assert.rejects(stat(path.join(folder, 'stage-x')), 'nothing was written');
    });
  });

  describe('build', () => {
    it('says that there is no engine, and where it looked', async () => {
      const tree = path.join(folder, 'pi-gen');
      await cp(path.join(root, 'test/fixtures/pi-gen'), tree, { recursive: true });
      const socket = path.join(folder, 'no.sock');
      const { code, err, out } = await pigen(['build', '--tree', tree, '--engine', `unix://${socket}`], {
        cwd: folder,
      });
      assert.equal(code, 2, out);
      assert.match(err, /engine/i);
      assert.ok(err.includes(socket));
    });

    it('says of what goes with a whole build alone that a try of a stage has no use for it', async () => {
      for (const words of [
        ['--trace', 'stage1/01-tweaks/01-run.sh'],
        ['--without', 'stage0'],
        ['--attach'],
        ['--keep'],
      ]) {
        const { code, err } = await pigen(['build', '--stage', 'stage1', ...words]);
        assert.equal(code, 2);
        assert.ok(err.includes(`${words[0]} goes with a build of the whole image.`), err);
      }
    });
  });

  it('explains itself', async () => {
    assert.equal((await pigen(['--help'])).code, 0);
    assert.match((await pigen(['check', '--help'])).out, /Usage: pigen check/);
    assert.equal((await pigen([])).code, 2);
    const unknown = await pigen(['chekc']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /There is no command 'chekc'/);
  });
});
