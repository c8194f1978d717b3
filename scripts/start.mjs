// npm start: installs, builds, and opens VS Code with the extension on the sample stage. Runs on a fresh clone, so nothing here
// may come from node_modules.
import { spawn } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addressOf, startServer } from '../test/host/server.mjs';
import { installDependencies, requireNode, run } from './fresh-install.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const sample = path.join(root, 'stage-ossuary');
const editors = ['code', 'code-insiders', 'codium', 'vscodium'];
const macEditor = '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code';

const usage = `Usage: npm start [-- OPTION…] [FOLDER]

Installs what is missing, builds the extension, and opens it in VS Code on FOLDER (by default on the sample, stage-ossuary).

The VS Code is the one in VSCODE_EXECUTABLE, else \`code\` on PATH. Without one, or without a desktop, the VS Code server from npm
shows the same workbench in your browser: its address is printed, and Ctrl-C ends it.

  --browser   use the server even where there is a desktop
  --port N    the server's port on 127.0.0.1 (a free one by default), for \`ssh -L N:127.0.0.1:N\`
  --help      this text

Needs Node 20 or newer, git, and a package registry for the first start. A build of an image needs a Docker engine and a clone of
pi-gen as well.`;

const whatToTry = `What to try:
  • Open a 00-run-chroot.sh and write \`on_chroot << EOF\` into it. It is underlined while you type:
    point at it to read why, press Ctrl+. on it for the fix.
  • F1, "Pi-gen: New Stage…" writes a stage that works.
  • F1, "Pi-gen: Build Image" builds in Docker, beside a clone of https://github.com/RPi-Distro/pi-gen.`;

/** @returns {Promise<string | undefined>} the program that opens a VS Code window, where there is one and a desktop to show it */
async function findEditor() {
  const own = process.env['VSCODE_EXECUTABLE'];
  if (own !== undefined && own !== '') {
    if (await isProgram(own)) return own;
    throw new Error(`VSCODE_EXECUTABLE names ${own}, which is no program.`);
  }
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return undefined;
  const suffix = process.platform === 'win32' ? '.cmd' : '';
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const onPath = editors.flatMap((name) => folders.map((folder) => path.join(folder, `${name}${suffix}`)));
  for (const candidate of [...onPath, macEditor]) if (await isProgram(candidate)) return candidate;
  return undefined;
}

/** @param {string} file */
function isProgram(file) {
  return isThere(file, constants.X_OK);
}

/** @param {string} file @param {number} [mode] */
async function isThere(file, mode) {
  try {
    await access(file, mode);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} editor @param {string} folder @returns {Promise<number>} the exit code */
function openWindow(editor, folder) {
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, folder];
  // Node starts a .cmd through the shell only, which wants its words quoted.
  const shell = editor.endsWith('.cmd');
  const [command = editor, ...words] = shell
    ? [editor, ...args].map((word) => `"${word}"`)
    : [editor, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: 'inherit', shell });
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** @param {string} folder @param {number} port */
async function serve(folder, port) {
  console.log('Starting the VS Code server. The first time it is fetched from the package registry.');
  const { publisher, name, version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const server = await startServer({
    port,
    extensions: [{ id: `${publisher}.${name}-${version}`, folder: root }],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => void server.stop());
  }
  console.log(`\nOpen this in a browser:\n\n  ${addressOf(server, { workspace: folder })}\n\n${whatToTry}\n`);
  console.log('After `npm run build`, reload the page to run the new build. Ctrl-C ends the server.');
  await server.ended;
  await server.stop();
}

/** @returns {{ folder: string, browser: boolean, port: number } | 'help' | undefined} undefined for what is no option */
function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        browser: { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    const port = Number(values.port);
    if (positionals.length > 1 || !Number.isInteger(port) || port < 0 || port > 65535) return undefined;
    return { folder: path.resolve(positionals[0] ?? sample), browser: values.browser, port };
  } catch {
    return undefined;
  }
}

async function main() {
  const chosen = options();
  if (chosen === undefined || chosen === 'help') {
    console.log(usage);
    return chosen === 'help' ? 0 : 2;
  }
  const { folder, browser, port } = chosen;
  requireNode();
  if (!(await isThere(folder))) throw new Error(`There is no folder ${folder}.`);
  if (await installDependencies(root)) console.log('Installed the dependencies.');
  const built = await run(process.execPath, [path.join(root, 'scripts', 'build.mjs')], { cwd: root });
  if (built !== 0) return built;
  const editor = browser ? undefined : await findEditor();
  if (editor === undefined) {
    await serve(folder, port);
    return 0;
  }
  console.log(`Opening ${folder} in ${editor}.\n\n${whatToTry}`);
  return openWindow(editor, folder);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
