import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { root, Workbench } from './driver';

const fixture = path.join(root, 'test', 'fixtures', 'timeline', 'builds.json');
const themes = {
  dark: ['Default Dark Modern', 'vscode-dark'],
  'high-contrast': ['Default High Contrast', 'vscode-high-contrast'],
  light: ['Default Light Modern', 'vscode-light'],
} as const;

describe('the timeline of builds, as a user sees it', () => {
  let workbench: Workbench;
  /** What the page's policy did not allow. */
  const refused: string[] = [];
  before(async () => {
    workbench = await Workbench.open('stages', {
      settings: { 'workbench.startupEditor': 'none', 'workbench.colorTheme': themes.light[0] },
      prepare: async (folder) => {
        const text = (await readFile(fixture, 'utf8')).replaceAll('/home/kim/radio/', `${folder}/`);
        const { builds } = JSON.parse(text) as { builds: unknown[] };
        await mkdir(path.join(folder, 'deploy'));
        // The two that passed.
        const kept = JSON.stringify({ version: 1, builds: builds.slice(1) });
        await writeFile(path.join(folder, 'deploy', '.build-docker.log.timeline'), kept);
      },
    });
    workbench.page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    // The commands come with it.
    await workbench.openView('Stages');
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  const frame = () => workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  const row = (text: string) => frame().locator(`[role="treeitem"][aria-label^="${text}"]`);
  const press = (key: string) => workbench.page.keyboard.press(key);

  it('stands in the Stages view and above a step before anything is built in this window', async () => {
    await workbench.viewRow('Stages', /01-run\.sh.*host · 1 s/).waitFor();
    await workbench.openFile('stage-radio/00-tuner/01-run.sh');
    await workbench.page.locator('.codelens-decoration', { hasText: /Step 3 of 3.* · last 1 s/ }).waitFor();
    await workbench.screenshot('durations');
  });

  it('is readable in light, dark and high contrast, and loads nothing that its policy does not allow', async () => {
    await workbench.runCommand('Pi-gen: Show Build Timeline');
    await row('stage-radio, 2 min 35 s, 51 s longer').waitFor();
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    const settings = path.join(workbench.folder, '.vscode', 'settings.json');
    await mkdir(path.dirname(settings), { recursive: true });
    for (const [name, [theme, body]] of Object.entries(themes)) {
      await writeFile(settings, JSON.stringify({ 'workbench.colorTheme': theme }));
      await frame().locator(`body.${body}`).waitFor();
      await workbench.screenshot(`timeline-${name}`);
    }
    assert.deepEqual(refused, []);
  });

  it('is walked through with the keys, and opens the file of a step', async () => {
    const focused = frame().locator('[role="treeitem"]:focus');
    await frame().locator('#export-json').focus();
    await press('Tab');
    await focused.waitFor();
    assert.match((await focused.getAttribute('aria-label')) ?? '', /^Image of the build container/);
    await press('End');
    await row('05-finalise/01-run.sh').and(focused).waitFor();
    await press('ArrowLeft');
    await row('export-image').and(focused).waitFor();
    await press('ArrowLeft');
    await row('05-finalise/01-run.sh').waitFor({ state: 'detached' });
    assert.equal(await row('export-image').getAttribute('aria-expanded'), 'false');
    await row('export-image').and(focused).waitFor();
    for (let rows = 0; rows < 4; rows++) await press('ArrowUp');
    await row('00-tuner/01-run.sh').and(focused).waitFor();
    await workbench.screenshot('timeline-keys');
    await press('Enter');
    await workbench.page.locator('.tabs-container .tab.active', { hasText: '01-run.sh' }).first().waitFor();
  });

  it('is as it was left when it comes back, and can be read as a table', async () => {
    await workbench.runCommand('Pi-gen: Show Build Timeline');
    await row('export-image').waitFor();
    assert.equal(await row('export-image').getAttribute('aria-expanded'), 'false');
    await frame().locator('#toggle', { hasText: 'Show as Table' }).click();
    const line = frame().locator('tr', { hasText: 'stage-radio' });
    await line.waitFor();
    assert.deepEqual(await line.locator('th, td').allInnerTexts(), [
      'stage-radio',
      '2 min 35 s',
      '1 min 44 s',
      '+51 s',
      '+149 MB',
      '61',
    ]);
    assert.deepEqual(await frame().locator('thead th[scope="col"]').allInnerTexts(), [
      'Step',
      'Time',
      'Last build',
      'Change',
      'Added',
      'Packages',
    ]);
    await workbench.screenshot('timeline-table');
  });

  it('is saved as a picture', async () => {
    await frame().locator('#export-svg').click();
    const file = path.join(workbench.folder, 'stages-timeline.svg');
    await workbench.acceptNewFile();
    // It is there before it is written.
    while (!/<\/svg>\s*$/.test(await readFile(file, 'utf8').catch(() => ''))) await turn();
    assert.match(await readFile(file, 'utf8'), /^<svg [^]*stage-radio/);
    assert.deepEqual(refused, []);
  });
});
