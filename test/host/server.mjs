import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { installHost } from './install.mjs';

/** From the first call to the server's own "listening" line; it takes about 1 second on an idle machine. */
const startLimit = 60_000;
/** What the server may take to end by itself before it is killed. */
const stopLimit = 5_000;
/** @type {readonly NodeJS.Signals[]} */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Of the server's output, for error messages. */
const keptLines = 200;

/**
 * @typedef {object} ServerOptions
 * @property {Readonly<Record<string, unknown>>} [settings] user settings of the workbench
 * @property {boolean} [driver] lets tests run in the extension host: the workbench then accepts `payload` in its address, and shows no toasts
 * @property {number} [port] a free one by default
 * @property {Readonly<Record<string, string>>} [env] added to the environment of the server and of its extension hosts
 * @property {readonly { id: string, folder: string }[]} [extensions] unpacked extensions to install, by link
 */

/**
 * @typedef {object} Server
 * @property {number} port
 * @property {string} token of this run; every request needs it
 * @property {string} dataFolder holds the server's data and logs
 * @property {() => string} output the last lines that the server printed
 * @property {Promise<void>} ended when the server process is gone, for whatever reason
 * @property {() => void} kill ends the server with all its children at once, without a chance to say anything
 * @property {() => Promise<void>} stop ends the server with all its children and removes its data
 */

/**
 * What keeps the workbench quiet: no telemetry, no look-ups, no greetings, nothing that moves between two screenshots.
 * And it saves when it is told to, as on a desktop.
 */
const quiet = {
  'chat.disableAIFeatures': true,
  'editor.accessibilitySupport': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.enabled': false,
  // The editor's own git asks about files of ours while tests take them away, and dies of it in the host that we test in.
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.settings.enableNaturalLanguageSearch': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

/**
 * Starts the real VS Code server on a free port of the loopback interface, with data folders of its own.
 * It is stopped when this process ends, at the latest.
 * @param {ServerOptions} [options]
 * @returns {Promise<Server>}
 */
export async function startServer(options = {}) {
  const { node, serverMain } = await installHost();
  const dataFolder = await mkdtemp(path.join(os.tmpdir(), 'pi-gen-stages-vscode-'));
  await writeSettings(dataFolder, { ...quiet, ...options.settings });
  await linkExtensions(path.join(dataFolder, 'extensions'), options.extensions ?? []);
  const token = randomBytes(16).toString('hex');
  const args = [
    serverMain,
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--connection-token', token],
    ...['--server-data-dir', dataFolder, '--telemetry-level', 'off', '--accept-server-license-terms'],
    ...(options.driver === true ? ['--enable-smoke-test-driver'] : []),
  ];
  // A process group of its own, so that the extension hosts and watchers that it starts can be ended with it.
  const child = spawn(node, args, {
    cwd: dataFolder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...serverEnvironment(), ...options.env },
  });
  const killNow = () => {
    signalGroup(child.pid, 'SIGKILL');
    rmSync(dataFolder, { recursive: true, force: true, maxRetries: 3 });
  };
  const release = endWith(killNow);

  const lines = keepLines(child);
  const ended = once(child, 'exit').then(() => undefined);
  const stop = async () => {
    await endGroup(child, ended);
    release();
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const port = await listening(child, lines);
    const kill = () => {
      signalGroup(child.pid, 'SIGKILL');
    };
    return { port, token, dataFolder, output: () => lines.kept.join('\n'), ended, kill, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Has something done when this process ends, by a signal too.
 * @param {() => void} end
 * @returns {() => void} takes it back
 */
function endWith(end) {
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    // Whoever else listens to the signal ends things in good order.
    if (process.listenerCount(signal) > 1) return;
    end();
    release();
    process.kill(process.pid, signal);
  };
  const release = () => {
    process.off('exit', end);
    for (const signal of endSignals) process.off(signal, onSignal);
  };
  process.once('exit', end);
  for (const signal of endSignals) process.on(signal, onSignal);
  return release;
}

/** The server's environment: ours, without what a VS Code terminal or npm put there for their own children. */
function serverEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|npm_|ELECTRON_)/i.test(name));
  return { ...Object.fromEntries(kept), NODE_OPTIONS: '' };
}

/**
 * As the user's and as the machine's: the workbench takes settings of machine scope from the latter only.
 * @param {string} dataFolder @param {Readonly<Record<string, unknown>>} settings
 */
async function writeSettings(dataFolder, settings) {
  for (const owner of ['User', 'Machine']) {
    const folder = path.join(dataFolder, 'data', owner);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings, undefined, 2));
  }
}

/**
 * A folder of this form is what the server makes of an installed VSIX; it follows a link.
 * @param {string} folder @param {readonly { id: string, folder: string }[]} extensions
 */
async function linkExtensions(folder, extensions) {
  await mkdir(folder, { recursive: true });
  await Promise.all(
    extensions.map((extension) => symlink(extension.folder, path.join(folder, extension.id), 'junction')),
  );
}

/** @param {import('node:child_process').ChildProcess} child */
function keepLines(child) {
  const lines = {
    /** @type {string[]} */ kept: [],
    /** @type {(line: string) => void} */ onLine: () => undefined,
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.kept.push(line);
        lines.onLine(line);
      }
      lines.kept.splice(0, lines.kept.length - keptLines);
    });
  }
  return lines;
}

/**
 * @param {import('node:child_process').ChildProcess} child @param {ReturnType<typeof keepLines>} lines
 * @returns {Promise<number>} the port, as soon as the server says that it listens
 */
function listening(child, lines) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ what) => {
      clearTimeout(timer);
      reject(new Error(`The VS Code server ${what}\n${lines.kept.join('\n')}`));
    };
    const timer = setTimeout(() => {
      fail(`did not listen within ${startLimit / 1000} seconds.`);
    }, startLimit);
    child.once('error', (error) => {
      fail(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      fail(`ended at once (${signal ?? `exit code ${code}`}).`);
    });
    lines.onLine = (line) => {
      const port = /^Extension host agent listening on (\d+)/.exec(line)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    };
  });
}

/** @param {import('node:child_process').ChildProcess} child @param {Promise<void>} ended */
async function endGroup(child, ended) {
  if (child.exitCode === null && child.signalCode === null) {
    signalGroup(child.pid, 'SIGTERM');
    const timer = setTimeout(() => {
      signalGroup(child.pid, 'SIGKILL');
    }, stopLimit);
    await ended;
    clearTimeout(timer);
  }
  // Children that outlive the server itself.
  signalGroup(child.pid, 'SIGKILL');
}

/** @param {number | undefined} group @param {NodeJS.Signals} signal */
function signalGroup(group, signal) {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody of that group is left.
  }
}

/**
 * @param {Server} server
 * @param {{ workspace: string, payload?: readonly (readonly [string, string])[] }} what an absolute path of a folder, or of a .code-workspace file
 * @returns {string} the address at which a browser opens it
 */
export function addressOf(server, { workspace, payload = [] }) {
  const address = new URL(`http://127.0.0.1:${server.port}/`);
  address.searchParams.set('tkn', server.token);
  address.searchParams.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', workspace);
  if (payload.length > 0) address.searchParams.set('payload', JSON.stringify(payload));
  return address.href;
}

/** @param {Server} server @param {string} file an absolute path @returns {string} its URI as the workbench knows it */
export function remoteUri(server, file) {
  return `vscode-remote://127.0.0.1:${server.port}${file}`;
}
