import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startBrowser, restored, type Browser } from '../../host/workbench.mjs';
import { root, Workbench } from './driver';

describe('npm start without a desktop', () => {
  let browser: Browser;
  let start: ChildProcess | undefined;
  before(async () => {
    browser = await startBrowser();
  });
  afterEach(async () => {
    await end(start);
  });
  after(async () => {
    await browser.close();
  });

  it('prints an address that shows the sample with the extension at work, until Ctrl-C', async () => {
    const child = spawn(process.execPath, [path.join(root, 'scripts', 'start.mjs'), '--browser'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    start = child;
    const address = await printedAddress(child);

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
    // Nothing else is wrong with the sample, and nothing is said of other folders. (While it is typed, the heredoc is open as well.)
    await workbench.problems();
    const said = page.locator('.markers-panel .monaco-list-row', { hasText: 'pi-gen' });
    await said.nth(1).waitFor({ state: 'detached' });
    await said.first().waitFor();
    await workbench.screenshot('start');

    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    assert.equal(code, 0);
    await assert.rejects(fetch(address), 'the server is gone');
  });
});

/** Ends the server, by force if it must be, also when a test has failed half-way. */
async function end(child: ChildProcess | undefined): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(force);
}

/** The address in the output of a starting server; rejects when the output ends without one. */
async function printedAddress(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error('npm start ended without printing an address');
}
