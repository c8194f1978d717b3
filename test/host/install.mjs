import { access, copyFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { installDependencies, npm } from '../../scripts/fresh-install.mjs';

const folder = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(folder, 'node_modules');

/** The Node that VS Code 1.139's server is made for. */
const serverNodeMajor = 24;

/**
 * @typedef {object} Installation
 * @property {string} node the binary that runs the server
 * @property {string} serverMain the server's program
 */

/**
 * Makes sure that the VS Code server and its driver are in test/host/node_modules. The first time this takes about 20 seconds
 * and 700 MB of disk; afterwards nothing.
 * @returns {Promise<Installation>}
 */
export async function installHost() {
  if (process.platform === 'win32') {
    throw new Error(
      'The VS Code server does not run on Windows. Install VS Code, or give its Code.exe in VSCODE_EXECUTABLE.',
    );
  }
  const server = path.join(modules, 'code-server', 'lib', 'vscode');
  const fresh = await installDependencies(folder);
  if (fresh || !(await exists(path.join(server, 'node_modules', '.package-lock.json')))) {
    // Scripts stay off: what they would compile is not needed, but for one module, which has a stand-in.
    await npm(
      ['install', '--omit=dev', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'],
      server,
    );
  }
  const spdlog = path.join(server, 'node_modules', '@vscode', 'spdlog', 'index.js');
  await copyFile(path.join(folder, 'spdlog.cjs'), spdlog);
  return { node: await serverNode(), serverMain: path.join(server, 'out', 'server-main.js') };
}

async function serverNode() {
  const packaged = path.join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (await exists(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= serverNodeMajor) return process.execPath;
  throw new Error(
    `The VS Code server needs Node ${serverNodeMajor} on this machine. Run this with it, or install VS Code.`,
  );
}

/** @param {string} file */
async function exists(file) {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
