// npm run test:host: the extension in a real VS Code, through its API and as a user meets it.
import { access, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installDependencies, requireNode, run } from './fresh-install.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const suiteSource = path.join(root, 'test', 'integration', 'suite');
const suiteBundle = path.join(root, 'out', 'integration');
const fixtures = path.join(root, 'test', 'fixtures', 'workspaces');
const workbenchConfig = 'test/integration/workbench/.mocharc.json';
/** What one part of the suite may take in its host, its start included; 10 to 30 seconds on two cores. */
const partLimit = 300_000;

const usage = `Usage: npm run test:host [-- OPTION…] [PART…]

Runs test/integration in a real VS Code. The parts: the folders of test/integration/suite (through the API), and workbench (as a user,
in the page that the VS Code server shows in Chromium). All of them by default.

  --host desktop   a VS Code with a window: VSCODE_EXECUTABLE, else one downloaded to .vscode-test
  --host server    the VS Code server from npm, installed into test/host/node_modules, with a headless Chromium
                   (by default: desktop where it can be had, else server)
  --grep TEXT      workbench: only the tests whose names hold TEXT
  --no-build       test what dist/ holds already`;

/**
 * How one part of the suite is opened.
 * @typedef {{ fixture: string, open?: string, settings: Record<string, unknown> }} Part
 * @type {Readonly<Record<string, Part>>}
 */
const parts = {
  folder: { fixture: 'stages', settings: {} },
  'multi-root': { fixture: 'multi-root', open: 'both.code-workspace', settings: {} },
  untrusted: {
    fixture: 'stages',
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.emptyWindow': false,
    },
  },
};

/** @typedef {{ passed: number, failed: number }} Summary */

/**
 * A host runs one bundled part on one workspace, and resolves to what went wrong with the host itself, where something did.
 * @typedef {object} Host
 * @property {string} name
 * @property {(what: { workspace: string, settings: Record<string, unknown>, env: Record<string, string> }) => Promise<string | undefined>} run
 */

/** Bundles every test file for itself, and the module whose run() the host calls. */
async function bundleSuite() {
  const { build } = await import('esbuild');
  const names = await readdir(suiteSource, { recursive: true });
  const tests = names.filter((name) => name.endsWith('.test.ts'));
  await rm(suiteBundle, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: [...tests, 'index.ts'].map((name) => path.join(suiteSource, name)),
    outbase: suiteSource,
    outdir: suiteBundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    // Mocha is loaded by the host itself from node_modules: it cannot be bundled.
    external: ['vscode', 'mocha'],
  });
}

/** @param {string | undefined} wanted @returns {Promise<Host>} */
async function chooseHost(wanted) {
  if (wanted === 'server') return serverHost();
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
  const own = process.env['VSCODE_EXECUTABLE'];
  if (own !== undefined && own !== '') return desktopHost(own);
  if (wanted !== 'desktop' && !hasDisplay()) {
    console.log('No display for a VS Code window.');
    return serverHost();
  }
  try {
    return desktopHost(await downloadAndUnzipVSCode({ version: 'stable', reporter: new SilentReporter() }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (wanted === 'desktop') throw new Error(`VS Code could not be downloaded: ${reason}`, { cause: error });
    console.log(`VS Code could not be downloaded (${reason}).`);
    return serverHost();
  }
}

function hasDisplay() {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== 'linux' || Boolean(DISPLAY ?? WAYLAND_DISPLAY);
}

/** @param {string} vscodeExecutablePath @returns {Host} */
function desktopHost(vscodeExecutablePath) {
  return {
    name: `VS Code (${vscodeExecutablePath})`,
    run: async ({ workspace, settings, env }) => {
      const { runTests } = await import('@vscode/test-electron');
      const data = await mkdtemp(path.join(os.tmpdir(), 'pi-gen-stages-code-'));
      const user = path.join(data, 'User');
      await mkdir(user, { recursive: true });
      await writeFile(path.join(user, 'settings.json'), JSON.stringify(settings));
      const trust =
        settings['security.workspace.trust.enabled'] === true ? [] : ['--disable-workspace-trust'];
      try {
        await runTests({
          vscodeExecutablePath,
          extensionDevelopmentPath: root,
          extensionTestsPath: path.join(suiteBundle, 'index.js'),
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

/** @returns {Host} */
function serverHost() {
  return {
    name: 'VS Code server 1.139.1 and its workbench in Chromium',
    run: async ({ workspace, settings, env }) => {
      const { startServer } = await import('../test/host/server.mjs');
      const { openWorkbench, startBrowser } = await import('../test/host/workbench.mjs');
      const server = await startServer({ driver: true, settings, env });
      try {
        const browser = await startBrowser();
        /** @type {string[]} */
        const log = [];
        try {
          /** @type {PromiseWithResolvers} */
          const ended = withResolvers();
          const timer = setTimeout(() => {
            ended.resolve(`no result within ${partLimit / 1000} seconds`);
          }, partLimit);
          void server.ended.then(() => {
            ended.resolve('the end of the server');
          });
          await openWorkbench(browser, server, {
            workspace,
            tests: {
              extensionDevelopmentPath: root,
              extensionTestsPath: path.join(suiteBundle, 'index.js'),
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
        } finally {
          await browser.close();
        }
      } finally {
        await server.stop();
      }
    },
  };
}

/**
 * Promise.withResolvers, which Node 20 has not.
 * @typedef {{ promise: Promise<unknown>, resolve: (value: unknown) => void }} PromiseWithResolvers
 * @returns {PromiseWithResolvers}
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

/**
 * Runs one part on a copy of its fixture and prints what its tests say.
 * @param {Host} host @param {string} name @param {Part} part
 * @returns {Promise<Summary>}
 */
async function runPart(host, name, part) {
  console.log(`\n── ${name} ──`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pi-gen-stages-test-'));
  const workspace = path.join(folder, part.fixture);
  await cp(path.join(fixtures, part.fixture), workspace, { recursive: true });
  const channel = await openChannel(folder);
  try {
    const trouble = await host.run({
      workspace: part.open === undefined ? workspace : path.join(workspace, part.open),
      settings: part.settings,
      env: { PI_GEN_STAGES_CHANNEL: channel.address, PI_GEN_STAGES_PART: name },
    });
    const summary = channel.summary();
    if (trouble !== undefined && (summary?.failed ?? 0) === 0) console.log(`The host ${trouble}`);
    if (summary === undefined) return { passed: 0, failed: 1 };
    return { passed: summary.passed, failed: Math.max(summary.failed, trouble === undefined ? 0 : 1) };
  } finally {
    channel.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A socket on which the suite reports from inside the host, a line of JSON for each thing said. @param {string} folder */
async function openChannel(folder) {
  const address =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\${path.basename(folder)}`
      : path.join(folder, 'report.socket');
  /** @type {Summary | undefined} */
  let summary;
  const server = createServer((socket) => {
    let rest = '';
    socket.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line);
        if (message.text !== undefined) console.log(message.text);
        if (message.summary !== undefined) summary = message.summary;
      }
    });
  });
  await new Promise((resolve) => server.listen(address, () => resolve(undefined)));
  return { address, summary: () => summary, close: () => server.close() };
}

/** @param {string | undefined} grep @returns {Promise<Summary>} */
async function runWorkbench(grep) {
  console.log('\n── workbench ──');
  const { installHost } = await import('../test/host/install.mjs');
  await installHost();
  const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const only = grep === undefined ? [] : ['--fgrep', grep];
  const code = await run(process.execPath, [mocha, '--config', workbenchConfig, ...only], { cwd: root });
  return { passed: 0, failed: code };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      host: { type: 'string' },
      grep: { type: 'string' },
      build: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  });
  const known = [...Object.keys(parts), 'workbench'];
  const unknown = positionals.filter((name) => !known.includes(name));
  const badHost = values.host !== undefined && !['desktop', 'server'].includes(values.host);
  if (values.help || unknown.length > 0 || badHost) {
    console.log(`${usage}\n\nParts: ${known.join(', ')}`);
    return values.help ? 0 : 2;
  }
  requireNode();
  await installDependencies(root);
  if (values.build) {
    const built = await run(process.execPath, [path.join(root, 'scripts', 'build.mjs')], { cwd: root });
    if (built !== 0) return 1;
  }
  await access(path.join(root, 'dist', 'extension.js'));
  const wanted = positionals.length > 0 ? known.filter((name) => positionals.includes(name)) : known;
  let failed = 0;
  const suiteParts = wanted.filter((name) => name !== 'workbench');
  if (suiteParts.length > 0) {
    await bundleSuite();
    const host = await chooseHost(values.host);
    console.log(`Host: ${host.name}`);
    for (const name of suiteParts) {
      const part = parts[name];
      if (part !== undefined) failed += (await runPart(host, name, part)).failed;
    }
  }
  if (wanted.includes('workbench')) failed += (await runWorkbench(values.grep)).failed;
  console.log(failed === 0 ? '\nAll parts passed.' : `\n${failed} failed.`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
