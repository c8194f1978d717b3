import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startBrowser, restored, type Browser } from '../../host/workbench.mjs';
import { root, Workbench } from './driver';

describe('npm start without a desktop', () => {
  let browser: Browser;
  let start: ChildProcess;
  before(async () => {
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    if (start.exitCode === null) start.kill('SIGTERM');
  });

  it('prints an address that shows the sample with the extension at work, until Ctrl-C', async () => {
    start = spawn(process.execPath, [path.join(root, 'scripts', 'start.mjs'), '--browser'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const address = await printedAddress(start);

    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(address);
    await restored(page);
    await page.locator('.pane-header', { hasText: 'stage-ossuary' }).waitFor();
    const workbench = new Workbench(page, path.join(root, 'stage-ossuary'), () => page.close());
    // What the printed advice says: on_chroot in a 00-run-chroot.sh is underlined while it is typed.
    await workbench.openFile('00-install-ossuary/00-run-chroot.sh');
    await workbench.goTo(3);
    await workbench.type('on_chroot << EOF\ntrue\nEOF\n');
    await workbench.squiggles().first().waitFor();
    // Nothing else is wrong with the sample, and nothing is said of other folders.
    assert.equal((await workbench.problems()).filter((row) => row.includes('pi-gen')).length, 1);
    await workbench.screenshot('start');

    start.kill('SIGINT');
    const [code] = (await once(start, 'exit')) as [number | null];
    assert.equal(code, 0);
    await assert.rejects(fetch(address), 'the server is gone');
  });
});

/** The address in the output of a starting server; rejects when the output ends without one. */
async function printedAddress(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error('npm start ended without printing an address');
}
