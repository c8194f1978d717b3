import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { startServer } from './server.mjs';
import { findChromium, openWorkbench, startBrowser } from './workbench.mjs';

/** Milliseconds that one run may take in its host, its start included, where nothing else is said; tests take 10 to 30 seconds on two cores. */
const runLimit = 300_000;

/**
 * @typedef {object} UnderTest
 * @property {string} extension absolute path of the extension's folder
 * @property {string} tests absolute path of the module whose `run()` the extension host calls
 */

/**
 * Runs the tests once on one workspace, and resolves to what went wrong with the host itself, where something did.
 * @typedef {object} Host
 * @property {string} name
 * @property {(what: { workspace: string, settings: Record<string, unknown>, env: Record<string, string>, limit?: number }) => Promise<string | undefined>} run
 */

/**
 * @param {string | undefined} wanted `desktop`, `server`, or whichever can be had
 * @param {UnderTest} underTest
 * @returns {Promise<Host>} rejects where the wanted host, or any at all, cannot be had
 */
export async function chooseHost(wanted, underTest) {
  if (wanted === 'server') return serverHost(underTest);
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
  const own = process.env['VSCODE_EXECUTABLE'];
  if (own !== undefined && own !== '') return desktopHost(own, underTest);
  if (wanted !== 'desktop' && !hasDisplay()) {
    console.log('No display for a VS Code window.');
    return serverHost(underTest);
  }
  try {
    return desktopHost(
      await downloadAndUnzipVSCode({ version: 'stable', reporter: new SilentReporter() }),
      underTest,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (wanted === 'desktop') throw new Error(`VS Code could not be downloaded: ${reason}`, { cause: error });
    console.log(`VS Code could not be downloaded (${reason}).`);
    return serverHost(underTest);
  }
}

function hasDisplay() {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== 'linux' || Boolean(DISPLAY ?? WAYLAND_DISPLAY);
}

/** @param {string} vscodeExecutablePath @param {UnderTest} underTest @returns {Host} */
function desktopHost(vscodeExecutablePath, underTest) {
  return {
    name: `VS Code (${vscodeExecutablePath})`,
    run: async ({ workspace, settings, env }) => {
      const { runTests } = await import('@vscode/test-electron');
      const data = await mkdtemp(path.join(os.tmpdir(), 'pi-gen-stages-code-'));
      const user = path.join(data, 'User');
      await mkdir(user, { recursive: true });
      await writeFile(
        path.join(user, 'settings.json'),
        JSON.stringify({ 'git.enabled': false, ...settings }),
      );
      const trust =
        settings['security.workspace.trust.enabled'] === true ? [] : ['--disable-workspace-trust'];
      try {
        await runTests({
          vscodeExecutablePath,
          extensionDevelopmentPath: underTest.extension,
          extensionTestsPath: underTest.tests,
          extensionTestsEnv: env,
          launchArgs: [workspace, `--user-data-dir=${data}`, '--disable-extensions', ...trust],
        });
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      } finally {
        await rm(data, { recursive: true, force: true });
      }
    },
  };
}

/** @param {UnderTest} underTest @returns {Host} */
function serverHost(underTest) {
  return {
    name: 'VS Code server 1.139.1 and its workbench in Chromium',
    run: async ({ workspace, settings, env, limit = runLimit }) => {
      await findChromium();
      const server = await startServer({ driver: true, settings, env });
      const browser = await startBrowser();
      try {
        return await runInPage(browser, server, { workspace, underTest, limit });
      } finally {
        await browser.close();
        await server.stop();
      }
    },
  };
}

/**
 * @param {import('./workbench.mjs').Browser} browser @param {import('./server.mjs').Server} server
 * @param {{ workspace: string, underTest: UnderTest, limit: number }} what
 * @returns {Promise<string | undefined>} what went wrong
 */
async function runInPage(browser, server, { workspace, underTest, limit }) {
  /** @type {string[]} */
  const log = [];
  const ended = withResolvers();
  const timer = setTimeout(() => {
    ended.resolve(`no result within ${limit / 1000} seconds`);
  }, limit);
  void server.ended.then(() => {
    ended.resolve('the end of the server');
  });
  await openWorkbench(browser, server, {
    workspace,
    tests: {
      extensionDevelopmentPath: underTest.extension,
      extensionTestsPath: underTest.tests,
      onLog: (type, args) => {
        log.push(`${type} ${args.map(asText).join(' ')}`);
      },
      onExit: (code) => {
        ended.resolve(code);
      },
    },
  });
  const result = await ended.promise;
  clearTimeout(timer);
  if (result === 0) return undefined;
  return [`ended with ${result}; the last words of the workbench:`, ...log.slice(-25)].join('\n  ');
}

/**
 * Promise.withResolvers, which Node 20 has not.
 * @returns {{ promise: Promise<unknown>, resolve: (value: unknown) => void }}
 */
function withResolvers() {
  /** @type {(value: unknown) => void} */
  let resolve = () => undefined;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** @param {unknown} value */
function asText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
