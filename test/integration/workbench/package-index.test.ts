import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { putInAddress, TestRepository } from '../../apt/repository';
import { root, Workbench } from './driver';

const fixtures = path.join(root, 'test/fixtures/apt');
const packages = 'stage1/00-app/00-packages';

describe('fetching the package index, as a user does', () => {
  let repository: TestRepository;
  let workbench: Workbench;
  before(async () => {
    repository = await TestRepository.start(fixtures);
    workbench = await Workbench.open(path.join(fixtures, 'tree'), {
      prepare: (folder) => putInAddress(folder, repository.address),
    });
  });
  after(async () => {
    await workbench.close();
    await repository.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('shows what is being asked, and ends when that is cancelled', async () => {
    await workbench.openFile(packages);
    const left = new Promise<void>((resolve, reject) => {
      repository.misbehave = ({ url = '' }, response) => {
        if (!url.endsWith('/Packages.gz')) return false;
        once(response, 'close').then(() => {
          resolve();
        }, reject);
        return true;
      };
    });
    await workbench.runCommand('Pi-gen: Update Package Index');
    const progress = await workbench.notification(/Updating the package index/);
    await workbench.notification(/archive\/ trixie/);
    await workbench.screenshot('package-index-progress');
    await workbench.press(progress, 'Cancel');
    await left;
    await progress.waitFor({ state: 'detached' });
    assert.equal(await workbench.squiggles('warning').count(), 0);
  });

  it('underlines a misspelt package once it is fetched', async () => {
    repository.misbehave = () => false;
    await workbench.runCommand('Pi-gen: Update Package Index');
    await workbench.notification(/The package index is up to date\. Repositories: 2/);
    const text = await workbench.hoverOver(workbench.squiggles('warning').first());
    assert.match(text, /has a package pyhton3.*Is python3 meant\?/);
    await workbench.screenshot('package-index-finding');
  });

  it('puts it right with the quick fix', async () => {
    await workbench.goTo(2, 3);
    assert.equal((await workbench.quickFixes())[0], 'Change pyhton3 to python3');
    await workbench.applyQuickFix('Change pyhton3 to python3');
    await workbench.squiggles('warning').first().waitFor({ state: 'detached' });
    assert.equal((await workbench.editorLines())[1], 'python3');
  });
});
