import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { addressOf, remoteUri } from './server.mjs';

/** What the workbench may take from the first request to its restored state; about 4 seconds on two idle cores. */
const openLimit = 60_000;
const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
const usualPlaces = [
  ...names.map((name) => `/usr/bin/${name}`),
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * @returns {Promise<string>} the path of a Chromium: CHROMIUM_PATH, else one on PATH, else one at a usual place.
 * Rejects with the way to get one where there is none.
 */
export async function findChromium() {
  const chosen = process.env['CHROMIUM_PATH'];
  if (chosen !== undefined && chosen !== '') {
    if (await isProgram(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH names ${chosen}, which is no program.`);
  }
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const candidates = [
    ...folders.flatMap((folder) => names.map((name) => path.join(folder, name))),
    ...usualPlaces,
  ];
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate;
  throw new Error(
    'No Chromium found to show the workbench in. Install one (`apt-get install chromium`), or give its path in CHROMIUM_PATH.',
  );
}

/** @param {string} file */
async function isProgram(file) {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns {Promise<import('./workbench.mjs').Browser>} a headless Chromium; the caller closes it */
export async function startBrowser() {
  const executablePath = await findChromium();
  // Imported late: it is there only after installHost().
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--force-color-profile=srgb',
      '--font-render-hinting=none',
    ],
  });
}

/**
 * Opens a workspace in the workbench; to run tests in its extension host, the server must have been started with `driver`.
 * @param {import('./workbench.mjs').Browser} browser
 * @param {import('./server.mjs').Server} server
 * @param {import('./workbench.mjs').OpenOptions} options
 * @returns {Promise<import('./workbench.mjs').Page>} when the workbench is restored; where tests run in it, at once
 */
export async function openWorkbench(browser, server, options) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
    locale: 'en-US',
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(options.timeout ?? 15_000);
  if (options.tests !== undefined) {
    await page.exposeFunction('codeAutomationLog', options.tests.onLog);
    await page.exposeFunction('codeAutomationExit', options.tests.onExit);
  }
  await page.goto(addressOf(server, { workspace: options.workspace, payload: payloadOf(server, options) }), {
    timeout: openLimit,
  });
  if (options.tests === undefined) await restored(page);
  return page;
}

/** @param {import('./server.mjs').Server} server @param {import('./workbench.mjs').OpenOptions} options @returns {[string, string][]} */
function payloadOf(server, { tests }) {
  if (tests === undefined) return [];
  return [
    ['extensionDevelopmentPath', remoteUri(server, tests.extensionDevelopmentPath)],
    ['extensionTestsPath', remoteUri(server, tests.extensionTestsPath)],
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
}

/** @param {import('./workbench.mjs').Page} page */
export async function restored(page) {
  await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: openLimit });
  await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: openLimit });
}
