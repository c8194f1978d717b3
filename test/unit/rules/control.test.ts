import assert from 'node:assert/strict';
import type { CheckOptions } from '../../../src/rules/checker';
import { Checker } from '../../../src/rules/checker';
import type { Rule, ScriptFile } from '../../../src/rules/rule';
import type { BashParser } from '../../../src/shell/bash-parser';
import { applyReplacements } from '../../../src/rules/apply-fixes';
import { ignoredFile } from '../../../src/rules/catalogue/ignored-file';
import { missingCopyPrevious } from '../../../src/rules/catalogue/missing-copy-previous';
import { silencingFixes } from '../../../src/rules/control/silencing-fixes';
import { loadParser } from '../../rules/harness';
import { emptyPage } from './empty-page';
import { MemoryFileSystem } from './memory-file-system';

const prerun = '#!/bin/bash -e\nif [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nfi\n';
const script = '/repo/stage-app/00-a/00-run.sh';

/** Reports every X of a script: what is left of its lines is what was not silenced. */
const findX: Rule = {
  name: 'find-x',
  severity: 'warning',
  summary: '',
  page: emptyPage,
  checkScript: ({ path, text }: ScriptFile) =>
    Array.from(text.matchAll(/X/g), ({ index }) => ({
      message: 'X',
      file: path,
      span: { start: index, end: index + 1 },
    })),
};

describe('silencing and severity', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  function checkerOf(files: Record<string, string>): Checker {
    const fs = new MemoryFileSystem(
      new Map(Object.entries({ '/repo/.git/HEAD': '', '/repo/stage-app/prerun.sh': prerun, ...files })),
    );
    return new Checker({ fs, parser: () => Promise.resolve(parser), rules: [findX] });
  }

  /** 1-based lines with a finding, with its severity where that is not the rule's. */
  async function linesLeft(
    text: string,
    files: Record<string, string> = {},
    options: CheckOptions = {},
  ): Promise<readonly (number | string)[]> {
    const { findings } = await checkerOf({ [script]: text, ...files }).checkTree('/repo', options);
    return findings.map(({ range, severity }) =>
      severity === 'warning' ? range.start.line + 1 : `${range.start.line + 1} ${severity}`,
    );
  }

  it('covers the next line, past empty lines and other comments', async () => {
    assert.deepEqual(await linesLeft('echo X\n# pigen: disable=find-x\n\n# why\necho X\necho X\n'), [1, 6]);
  });

  it('covers its own line where it stands behind code', async () => {
    assert.deepEqual(await linesLeft('echo X\necho X # pigen: disable=find-x\necho X\n'), [1, 3]);
  });

  it('takes time in proportion to the comments', async () => {
    const many = '# pigen: disable=find-x\n# pigen: disable=other\n'.repeat(20_000);
    assert.deepEqual(await linesLeft(`${many}echo X\n`), []);
  });

  it('covers the file', async () => {
    assert.deepEqual(await linesLeft('echo X\necho X\n# pigen: disable-file=other,find-x\n'), []);
  });

  it('covers a block up to the enable that follows, and only the rule named', async () => {
    const block =
      '# pigen: disable=find-x\necho X\necho X\n# pigen: enable=other\necho X\n# pigen: enable=find-x\necho X\n';
    assert.deepEqual(await linesLeft(block), [7]);
    const nearest =
      '# pigen: disable=find-x\necho X\necho X\n# pigen: disable=find-x\necho X\n# pigen: enable=find-x\n';
    assert.deepEqual(await linesLeft(nearest), [3]);
  });

  it('covers a statement with its continuation lines and data, where no comment can stand', async () => {
    const text =
      '# pigen: disable=find-x\ncp X \\\n  X "$(ls |\n  grep X)" &&\n  echo X\necho X\n' +
      '# pigen: disable=find-x\ncat > a << EOF\nX\nEOF\necho X\n';
    assert.deepEqual(await linesLeft(text), [6, 11]);
    assert.deepEqual(await linesLeft('cp X \\\n  X # pigen: disable=find-x\necho X\n'), [3]);
  });

  it('does not cover the body of an if or a function for its first line', async () => {
    assert.deepEqual(await linesLeft('# pigen: disable=find-x\nif ls X; then\n  echo X\nfi\n'), [3]);
    assert.deepEqual(await linesLeft('# pigen: disable=find-x\nf() {\n  echo X\n}\n'), [3]);
  });

  it('heeds comments of a program in a heredoc, there only', async () => {
    const text =
      '# pigen: disable=find-x\non_chroot << EOF\necho X\n# pigen: disable=find-x\necho \\$X\necho X\nEOF\n';
    assert.deepEqual(await linesLeft(text), [3, 6]);
    const stripped = 'on_chroot <<- EOF\n\t# pigen: disable=find-x\n\techo X\n\techo X\n\tEOF\n';
    assert.deepEqual(await linesLeft(stripped), [4]);
  });

  it('takes nothing for a comment that is none', async () => {
    assert.deepEqual(await linesLeft('echo "\n# pigen: disable-file=find-x\nX"\n'), [3]);
    assert.deepEqual(await linesLeft('cat > a << EOF\n# pigen: disable-file=find-x\nX\nEOF\n'), [3]);
    assert.deepEqual(await linesLeft('echo X# pigen: disable=find-x\n'), [1]);
  });

  it('reads levels from .pigen.yaml, and lets the editor go before it', async () => {
    const files = { '/repo/.pigen.yaml': 'rules: { find-x: information }\n' };
    assert.deepEqual(await linesLeft('echo X\n', files), ['1 information']);
    assert.deepEqual(await linesLeft('echo X\n', files, { levels: new Map([['find-x', 'error']]) }), [
      '1 error',
    ]);
    assert.deepEqual(await linesLeft('echo X\n', files, { levels: new Map([['find-x', 'off']]) }), []);
    assert.deepEqual(await linesLeft('echo X\n', { '/repo/.pigen.yaml': 'rules:\n  find-x: off\n' }), []);
  });

  it('finds nothing in what paths.ignore names, relative to the file', async () => {
    for (const pattern of [
      'stage-app',
      'stage-*/00-a',
      '00-run.sh',
      '/stage-app/**/*.sh',
      '**/00-a/',
      './stage-app',
    ]) {
      assert.deepEqual(
        await linesLeft('echo X\n', { '/repo/.pigen.yaml': `paths:\n  ignore: ["${pattern}"]\n` }),
        [],
        pattern,
      );
    }
    for (const pattern of ['app', 'stage', '/00-a', 'stage-app/00-run.sh', '!stage-app', '#x']) {
      assert.deepEqual(
        await linesLeft('echo X\n', { '/repo/.pigen.yaml': `paths:\n  ignore: ["${pattern}"]\n` }),
        [1],
        pattern,
      );
    }
  });

  it('takes the settings of the tree before those of the repository, and none from outside of it', async () => {
    const off = 'rules: { find-x: off }\n';
    const check = async (files: Record<string, string>): Promise<number> => {
      const fs = new MemoryFileSystem(
        new Map(
          Object.entries({
            '/a/b/pi-gen/build.sh': '',
            '/a/b/pi-gen/scripts/common': '',
            '/a/b/pi-gen/stage-app/prerun.sh': prerun,
            '/a/b/pi-gen/stage-app/00-a/00-run.sh': 'echo X\n',
            ...files,
          }),
        ),
      );
      const checker = new Checker({ fs, parser: () => Promise.resolve(parser), rules: [findX] });
      return (await checker.checkTree('/a/b/pi-gen')).findings.length;
    };
    assert.equal(await check({ '/a/b/.pigen.yaml': off }), 1);
    assert.equal(await check({ '/a/b/.pigen.yaml': off, '/a/.git/HEAD': '' }), 0);
    assert.equal(await check({ '/a/.pigen.yml': off, '/a/.git/HEAD': '' }), 0);
    assert.equal(await check({ '/.pigen.yaml': off, '/a/.git/HEAD': '' }), 1);
    assert.equal(
      await check({ '/a/b/.pigen.yaml': off, '/a/.git/HEAD': '', '/a/b/pi-gen/.pigen.yaml': '' }),
      1,
    );
  });

  it('reads the settings file that it is given in the place of the tree’s', async () => {
    const files = {
      '/repo/.pigen.yaml': 'rules: { find-x: off }\n',
      '/other.yaml': 'rules: { find-x: hint }\n',
    };
    assert.deepEqual(await linesLeft('echo X\n', files, { settingsFile: '/other.yaml' }), ['1 hint']);
  });

  it('knows release and branch from .pigen.yaml, the config, a workflow, in that order', async () => {
    const seen: string[] = [];
    const target: Rule = {
      ...findX,
      checkScript: ({ isPrerun }, { release, tree }) => {
        if (!isPrerun) seen.push(`${release ?? '-'} ${tree.branch ?? '-'}`);
        return [];
      },
    };
    const workflow = (release: string): string =>
      `jobs: { image: { steps: [{ uses: usimd/pi-gen-action@v1, with: { release: ${release}, stage-list: stage-app } }] } }\n`;
    const files = new Map([
      ['/repo/stage-app/prerun.sh', prerun],
      [script, 'echo X\n'],
    ]);
    const checker = new Checker({
      fs: new MemoryFileSystem(files),
      parser: () => Promise.resolve(parser),
      rules: [target],
    });
    const check = (options: CheckOptions = {}): Promise<unknown> => checker.checkTree('/repo', options);
    await check();
    files.set('/repo/.github/workflows/image.yml', workflow('bullseye'));
    await check();
    files.set('/repo/config', 'IMG_NAME=x\nRELEASE=bookworm\nSTAGE_LIST=stage-app\n');
    await check();
    files.set('/repo/.pigen.yaml', 'release: buster\n');
    await check();
    files.set('/repo/.pigen.yaml', 'release: buster\nbranch: master\n');
    await check();
    await check({ release: 'trixie' });
    assert.deepEqual(seen, [
      '- -',
      'bullseye -',
      'bookworm -',
      'buster buster',
      'buster master',
      'trixie master',
    ]);
  });

  it('reads .pigen.yaml of any text without throwing', async () => {
    for (const text of [
      '',
      '\0',
      '- a',
      'a: &x [*x',
      '? {',
      'rules: rules',
      '[['.repeat(20_000),
      '%',
      'rules: { ? [a] : b }',
    ]) {
      const { findings } = await checkerOf({ [script]: 'echo X\n', '/repo/.pigen.yaml': text }).checkTree(
        '/repo',
      );
      assert.equal(findings.filter(({ rule }) => rule === 'find-x').length, 1, text.slice(0, 20));
    }
  });

  /** What each way to silence a finding makes of the files: `title` to the file's new text. */
  async function silenced(
    files: Record<string, string>,
    line: number,
  ): Promise<Readonly<Record<string, string>>> {
    const result: Record<string, string> = {};
    const all = { [script]: 'echo X\n', ...files };
    const checked = await checkerOf(all).checkTree('/repo');
    const finding = checked.findings.find(({ range }) => range.start.line + 1 === line);
    assert.ok(finding);
    for (const { title, edits } of silencingFixes(finding, checked, all[script])) {
      const [edit] = edits;
      assert.ok(edit?.kind === 'replace' || edit?.kind === 'create');
      const text = edit.kind === 'create' ? edit.text : applyReplacements(files[edit.file] ?? '', [edit]);
      assert.ok(text !== undefined);
      const after = await checkerOf({ ...all, [edit.file]: text }).checkTree('/repo');
      const count = checked.findings.length - after.findings.length;
      assert.ok(count > 0, `${title} silences its finding:\n${text}`);
      if (title.endsWith('for this line')) assert.equal(count, 1, title);
      else assert.equal(after.findings.length, 0, title);
      result[title.replace('Disable find-x ', '')] = text;
    }
    return result;
  }

  it('offers to silence a finding for its line, its file and the repository, and each does', async () => {
    assert.deepEqual(await silenced({ [script]: '#!/bin/bash -e\n  echo X\necho X\n' }, 2), {
      'for this line': '#!/bin/bash -e\n  # pigen: disable=find-x\n  echo X\necho X\n',
      'for this file': '#!/bin/bash -e\n# pigen: disable-file=find-x\n  echo X\necho X\n',
      'in .pigen.yaml': 'rules:\n  find-x: off\n',
    });
  });

  it('adds to the comment that is there', async () => {
    const text = '# pigen: disable-file=a why\n# pigen: disable=b,c\necho X\n';
    assert.deepEqual(await silenced({ [script]: text }, 3), {
      'for this line': '# pigen: disable-file=a why\n# pigen: disable=b,c,find-x\necho X\n',
      'for this file': '# pigen: disable-file=a,find-x why\n# pigen: disable=b,c\necho X\n',
      'in .pigen.yaml': 'rules:\n  find-x: off\n',
    });
  });

  it('puts the comment where it is one: above the statement, inside the program of a heredoc', async () => {
    const continued = 'cp a \\\n  b \\\n  X\n';
    const comment = '# pigen: disable=find-x\n';
    assert.equal((await silenced({ [script]: continued }, 3))['for this line'], comment + continued);
    const data = 'cat << EOF > a\nb\nX\nEOF\n';
    assert.equal((await silenced({ [script]: data }, 3))['for this line'], comment + data);
    const program = 'on_chroot << EOF\nls\n\tcp a \\\\\n  X\nEOF\n';
    assert.equal(
      (await silenced({ [script]: program }, 4))['for this line'],
      `on_chroot << EOF\nls\n\t${comment}\tcp a \\\\\n  X\nEOF\n`,
    );
    const argument = 'bash -c "ls\n  echo X"\n';
    assert.ok((await silenced({ [script]: argument }, 2))['for this line']?.includes(comment));
  });

  it('offers no comment for the shebang’s own line', async () => {
    const fixes = await silenced({ [script]: '#!/bin/X\n' }, 1);
    assert.deepEqual(Object.keys(fixes), ['for this file', 'in .pigen.yaml']);
  });

  it('keeps what stands in .pigen.yaml', async () => {
    const path = '/repo/.pigen.yaml';
    const settings = async (text: string): Promise<string | undefined> =>
      (await silenced({ [path]: text }, 1))['in .pigen.yaml'];
    assert.equal(
      await settings('# why\nrelease: bookworm'),
      '# why\nrelease: bookworm\nrules:\n  find-x: off\n',
    );
    assert.equal(
      await settings('rules:\n    other: error # so\nrelease: bookworm\n'),
      'rules:\n    find-x: off\n    other: error # so\nrelease: bookworm\n',
    );
    assert.equal(await settings('rules:\n  find-x: warning # no\n'), 'rules:\n  find-x: off # no\n');
    assert.equal(await settings('rules: { other: error }\n'), 'rules: { other: error, find-x: off }\n');
    assert.equal(
      await settings('{ release: bookworm }\n'),
      '{ release: bookworm, rules: { find-x: off } }\n',
    );
    assert.match((await settings('# why\nrules:\nrelease: bookworm\n')) ?? '', /find-x: off/);
    assert.equal(await settings('rules: ['), undefined);
    assert.equal(await settings('- a\n'), undefined);
  });

  describe('where no comment can stand', () => {
    const helper = '/repo/stage-app/00-a/1-run.sh';
    const settingsPath = '/repo/.pigen.yaml';

    /** The settings with which the finding about a file that pi-gen passes over is gone; undefined where none are offered. */
    async function ignored(settings: string | undefined, file = helper): Promise<string | undefined> {
      const all: Record<string, string> = {
        [script]: '#!/bin/bash -e\nls\n',
        '/repo/stage-app/00-a/00-packages': 'vim\n',
        [file]: '#!/bin/bash -e\nls\n',
        ...(settings === undefined ? {} : { [settingsPath]: settings }),
      };
      const check = (files: Record<string, string>) =>
        new Checker({
          fs: new MemoryFileSystem(new Map(Object.entries(files))),
          parser: () => Promise.resolve(parser),
          rules: [ignoredFile],
        }).checkTree('/repo');
      const checked = await check(all);
      const finding = checked.findings.find((one) => one.file === file);
      assert.ok(finding);
      const fixes = silencingFixes(finding, checked, all[file] ?? '');
      assert.ok(!fixes.some(({ title }) => /this (?:line|file)/.test(title)));
      const edit = fixes.find(({ title }) => title === `Ignore ${file.slice('/repo/'.length)} in .pigen.yaml`)
        ?.edits[0];
      if (edit === undefined) return undefined;
      assert.ok(edit.kind === 'replace' || edit.kind === 'create');
      const text = edit.kind === 'create' ? edit.text : applyReplacements(all[edit.file] ?? '', [edit]);
      assert.ok(text !== undefined);
      const after = await check({ ...all, [edit.file]: text });
      assert.ok(!after.findings.some((one) => one.file === file), text);
      assert.equal(after.control.settings?.problems.length, 0, text);
      return text;
    }

    it('offers to ignore the file in .pigen.yaml', async () => {
      const entry = 'stage-app/00-a/1-run.sh';
      assert.equal(await ignored(undefined), `paths:\n  ignore:\n    - ${entry}\n`);
      assert.equal(
        await ignored('# why\nrelease: bookworm'),
        `# why\nrelease: bookworm\npaths:\n  ignore:\n    - ${entry}\n`,
      );
      assert.equal(
        await ignored('paths:\n  ignore: # old\n    - stage-old # gone\n'),
        `paths:\n  ignore: # old\n    - ${entry}\n    - stage-old # gone\n`,
      );
      assert.match((await ignored('paths:\nrelease: bookworm\n')) ?? '', /1-run\.sh/);
      assert.match((await ignored('{ release: bookworm }\n')) ?? '', /1-run\.sh/);
      assert.match((await ignored('paths: { ignore: [ stage-old ] }\n')) ?? '', /1-run\.sh/);
      assert.equal(await ignored('paths: ['), undefined);
      assert.equal(await ignored('paths: all\n'), undefined);
    });

    it('does not where that would hide a whole stage', async () => {
      const files = { '/repo/stage-app/00-a/00-run.sh': '#!/bin/bash -e\ntouch "${ROOTFS_DIR}/x"\n' };
      const list = { '/repo/config': 'IMG_NAME=a\nSTAGE_LIST="stage0 stage-app"\n' };
      const checked = await new Checker({
        fs: new MemoryFileSystem(new Map(Object.entries({ ...files, ...list }))),
        parser: () => Promise.resolve(parser),
        rules: [missingCopyPrevious],
      }).checkTree('/repo');
      const [finding] = checked.findings;
      assert.equal(finding?.file, '/repo/stage-app');
      assert.deepEqual(
        silencingFixes(finding, checked, '').map(({ title }) => title),
        ['Disable missing-copy-previous in .pigen.yaml'],
      );
    });
  });
});
