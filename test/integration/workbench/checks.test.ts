import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root, Workbench } from './driver';

const nested = 'stage-radio/00-tuner/00-run-chroot.sh';
const settings = '.vscode/settings.json';
const clean = 'stage-kiosk/01-browser/00-run-chroot.sh';

describe('checking a stage, as a user sees it', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open('stages', {
      prepare: async (folder) => {
        await mkdir(path.join(folder, '.vscode'));
        await writeFile(path.join(folder, settings), '{}\n');
      },
      // Known by its name alone: what it would show is not asked about here.
      extensions: [
        { id: 'timonwong.shellcheck-0.0.0', folder: path.join(root, 'test/fixtures/shellcheck-extension') },
        {
          id: 'mads-hartmann.bash-ide-vscode-0.0.0',
          folder: path.join(root, 'test/fixtures/bash-ide-extension'),
        },
      ],
    });
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('lists the findings of the whole workspace in the Problems panel', async () => {
    await workbench.problems();
    await workbench.problem(/further on_chroot/).waitFor();
    await workbench.problem('missing-errexit').waitFor();
    const rows = (await workbench.problems()).join('\n');
    assert.match(rows, /pi-gen\s*\(?nested-on-chroot/);
    await workbench.screenshot('problems');
  });

  it('underlines on_chroot while it is typed, before anything is saved', async () => {
    await workbench.openFile(clean);
    await workbench.goTo(3);
    assert.equal(await workbench.squiggles().count(), 0);
    await workbench.type('on_chroot << EOF\napt-get clean\nEOF\n');
    await workbench.squiggles().first().waitFor();
    assert.ok(await workbench.isDirty());
  });

  it('says why when the mouse points at it, with a link to the page of the rule', async () => {
    const text = await workbench.hoverOver(workbench.squiggles().first());
    assert.match(text, /already runs .* inside the chroot/);
    assert.match(text, /pi-gen\s*\(?nested-on-chroot/);
    await workbench.screenshot('hover');
  });

  it('puts it right with the quick fix', async () => {
    await workbench.goTo(3, 3);
    const fixes = await workbench.quickFixes();
    assert.equal(fixes[0], 'Remove the on_chroot wrapper and keep its body');
    await workbench.screenshot('quick-fix');
    await workbench.applyQuickFix('Remove the on_chroot wrapper');
    await workbench.squiggles().first().waitFor({ state: 'detached' });
    assert.deepEqual((await workbench.editorLines()).slice(0, 4), [
      '#!/bin/bash -e',
      '',
      'apt-get clean',
      'echo "kiosk" > /etc/hostname',
    ]);
    await workbench.save();
  });

  it('opens the page of the rule from the hover', async () => {
    await workbench.openFile(nested);
    await workbench.hoverOver(workbench.squiggles().first());
    await workbench.page
      .locator('.monaco-resizable-hover a', { hasText: 'nested-on-chroot' })
      .first()
      .click();
    await workbench.page
      .locator('.tabs-container .tab.active', { hasText: 'nested-on-chroot.md' })
      .first()
      .waitFor();
    await workbench.screenshot('rule-page');
  });

  it('leaves whole scripts to the ShellCheck and Bash IDE extensions, while one is on, and shows what they cannot see', async () => {
    const { folder } = workbench;
    const codes = async () =>
      (await workbench.problems())
        .filter((row) => row.includes('SC2086'))
        .map((row) => /Ln (\d+)/.exec(row)?.[1]);
    const isAt = (line: number) => workbench.problem(new RegExp(`SC2086.*Ln ${line},`, 's')).waitFor();
    await writeFile(
      path.join(folder, 'stage-kiosk/00-display/00-run.sh'),
      '#!/bin/bash -e\n\necho $1/one\n\non_chroot << EOF\necho \\$HOME/two\nEOF\n',
    );
    await isAt(6);
    assert.deepEqual(await codes(), ['6']);
    const neither = '{ "shellcheck.enable": false, "bashIde.shellcheckPath": "" }\n';
    await writeFile(path.join(folder, settings), neither);
    await isAt(3);
    assert.deepEqual((await codes()).toSorted(), ['3', '6']);
    await writeFile(path.join(folder, settings), '{ "shellcheck.enable": false }\n');
    await workbench.problem(/SC2086.*Ln 3,/s).waitFor({ state: 'detached' });
    assert.deepEqual(await codes(), ['6']);
  });
});
