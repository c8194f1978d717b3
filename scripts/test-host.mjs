// npm run test:host: the extension in a real VS Code, through its API and as a user meets it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chooseHost } from '../test/host/hosts.mjs';
import { openChannel } from '../test/host/report-channel.mjs';
import { installDependencies, requireNode, run } from './fresh-install.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const suiteSource = path.join(root, 'test', 'integration', 'suite');
const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
const suiteBundle = path.join(root, 'out', 'integration');
const fixtures = path.join(root, 'test', 'fixtures', 'workspaces');
const workbenchConfig = 'test/integration/workbench/.mocharc.json';
/** Each a story: what its tests do rests on those before, so that it is tried again as a whole or not at all. */
const stories = path.join('test', 'integration', 'workbench', 'stories');

const usage = `Usage: npm run test:host [-- OPTION…] [PART…]

Runs test/integration in a real VS Code. The parts: the folders of test/integration/suite (through the API), and workbench (as a user,
in the page that the VS Code server shows in Chromium). All of them by default.

  --host desktop   a VS Code with a window: VSCODE_EXECUTABLE, else one downloaded to .vscode-test
  --host server    the VS Code server from npm, installed into test/host/node_modules, with a headless Chromium
                   (by default: desktop where it can be had, else server)
  --grep TEXT      only the tests whose names hold TEXT
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

/** @typedef {import('../test/host/report-channel.mjs').Summary} Summary */

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

/**
 * Runs one part on a copy of its fixture and prints what its tests say.
 * @param {import('../test/host/hosts.mjs').Host} host @param {string} name @param {Part} part
 * @param {string | undefined} grep
 * @returns {Promise<Summary>}
 */
async function runPart(host, name, part, grep) {
  console.log(`\n── ${name} ──`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pi-gen-stages-test-'));
  const workspace = path.join(folder, part.fixture);
  await cp(path.join(fixtures, part.fixture), workspace, { recursive: true });
  const channel = await openChannel(folder);
  try {
    const trouble = await host.run({
      workspace: part.open === undefined ? workspace : path.join(workspace, part.open),
      settings: part.settings,
      env: {
        PI_GEN_STAGES_CHANNEL: channel.address,
        PI_GEN_STAGES_PART: name,
        PI_GEN_STAGES_GREP: grep ?? '',
        PI_GEN_STAGES_FIXTURE: path.join(fixtures, part.fixture),
      },
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

/** @returns {Promise<{ host: string, stop: () => Promise<void> }>} an engine that answers, started where none does */
async function findEngine() {
  const { answeringEngine, startEngine } = await import('../test/engine/host/engine.mjs');
  const host = await answeringEngine();
  return host === undefined ? startEngine() : { host, stop: () => Promise.resolve() };
}

/** @param {string | undefined} grep @returns {Promise<Summary>} */
async function runWorkbench(grep) {
  console.log('\n── workbench ──');
  const { installHost } = await import('../test/host/install.mjs');
  await installHost();
  const { ensureBaseImages } = await import('../test/engine/host/base-images.mjs');
  // What a user builds is built on a real engine.
  const engine = await findEngine();
  try {
    await ensureBaseImages(engine.host);
    const env = { ...process.env, DOCKER_HOST: engine.host };
    const storyFiles = (await readdir(path.join(root, stories))).filter((name) => name.endsWith('.test.ts'));
    const storyPaths = storyFiles.map((name) => path.join(stories, name));
    if (grep !== undefined)
      return { passed: 0, failed: await runMocha(['--fgrep', grep, ...storyPaths], env) };
    let failed = await runMocha([], env);
    for (const story of storyPaths) failed += await runStory(story, env);
    return { passed: 0, failed };
  } finally {
    await engine.stop();
  }
}

/** @param {readonly string[]} args of Mocha, beside the workbench's own @param {NodeJS.ProcessEnv} env */
function runMocha(args, env) {
  return run(process.execPath, [mocha, '--config', workbenchConfig, ...args], { cwd: root, env });
}

/**
 * Tries a story, and once more where it did not pass: an editor or an engine on a busy machine may be late for once. What happened
 * the first time is printed, apart from what counts.
 * @param {string} story its file @param {NodeJS.ProcessEnv} env @returns {Promise<number>} how much failed in the end
 */
async function runStory(story, env) {
  const args = [mocha, '--config', path.join(stories, '.mocharc.json'), story];
  const first = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const said = text(first.stdout);
  const [code] = await once(first, 'close');
  if (code === 0) {
    process.stdout.write(await said);
    return 0;
  }
  console.log(`    tried again: ${story}\n${(await said).replace(/^/gm, '      first try | ')}`);
  return run(process.execPath, args, { cwd: root, env });
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
    const host = await chooseHost(values.host, {
      extension: root,
      tests: path.join(suiteBundle, 'index.js'),
    });
    console.log(`Host: ${host.name}`);
    for (const name of suiteParts) {
      const part = parts[name];
      if (part !== undefined) failed += (await runPart(host, name, part, values.grep)).failed;
    }
  }
  if (wanted.includes('workbench')) failed += (await runWorkbench(values.grep)).failed;
  console.log(failed === 0 ? '\nAll parts passed.' : `\n${failed} failed.`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
