import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

/** What package.json's `engines` asks for; said here too because this runs before anything is installed. */
const oldestNode = 20;

/** Throws with plain words where the running Node is older than what the project supports. */
export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode) {
    throw new Error(
      `Node ${process.versions.node} is too old: version ${oldestNode} or newer is needed (https://nodejs.org/, or your package manager).`,
    );
  }
}

/**
 * Runs a program with its output going to ours.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} the exit code; 128 and more where a signal ended it
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.once('error', (error) => {
      reject(new Error(`${command} could not be started: ${error.message}`, { cause: error }));
    });
    child.once('close', (code, signal) => {
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/**
 * Runs npm, the one that started us where npm did. Rejects where it fails.
 * @param {readonly string[]} args
 * @param {string} folder
 */
export async function npm(args, folder) {
  const own = process.env['npm_execpath'];
  const viaNpm = own !== undefined && /npm-cli\.[cm]?js$/.test(own);
  const [command, first] = viaNpm ? [process.execPath, [own]] : [npmOnPath(), []];
  const code = await run(command, [...first, ...args], { cwd: folder, shell: command.endsWith('.cmd') });
  if (code !== 0) throw new Error(`\`npm ${args.join(' ')}\` in ${folder} failed with exit code ${code}.`);
}

function npmOnPath() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

/**
 * Installs what a folder's package-lock.json names, unless that has been done since the lock file last changed.
 * @param {string} folder holds package.json and package-lock.json
 * @returns {Promise<boolean>} whether something was installed
 */
export async function installDependencies(folder) {
  // npm writes this file at the end of every install.
  const installed = await modified(path.join(folder, 'node_modules', '.package-lock.json'));
  const locked = await modified(path.join(folder, 'package-lock.json'));
  if (installed !== undefined && (locked === undefined || locked <= installed)) return false;
  await npm(['ci', '--no-fund', '--no-audit', '--loglevel=error'], folder);
  return true;
}

/** @param {string} file @returns {Promise<number | undefined>} milliseconds since 1970 */
async function modified(file) {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return undefined;
  }
}
