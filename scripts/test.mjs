// npm test: everything that must hold, one suite after the other, on a fresh clone too. Options name single suites.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * `limit` is what a suite may take at most, in minutes, several times what it needs: one that hangs is ended and has failed.
 * @typedef {{ name: string, command: string, args: string[], counts: boolean, limit: number }} Suite
 */

/** @type {Suite[]} */
const suites = [
  { name: 'types', command: npm, args: ['run', '--silent', 'typecheck'], counts: false, limit: 5 },
  { name: 'lint', command: npm, args: ['run', '--silent', 'lint'], counts: false, limit: 7 },
  { name: 'format', command: npm, args: ['run', '--silent', 'format:check'], counts: false, limit: 3 },
  { name: 'bundle', command: npm, args: ['run', '--silent', 'build'], counts: false, limit: 3 },
  { name: 'unit', command: npm, args: ['run', '--silent', 'test:unit'], counts: true, limit: 10 },
  { name: 'host', command: npm, args: ['run', '--silent', 'test:host'], counts: true, limit: 22 },
  { name: 'engine', command: npm, args: ['run', '--silent', 'test:engine'], counts: true, limit: 25 },
];

/** Whether the user has ended the run. */
let interrupted = false;

/** @type {readonly NodeJS.Signals[]} */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @param {number | undefined} leader of the group, which may be gone @param {NodeJS.Signals} signal */
function signalGroup(leader, signal) {
  try {
    if (leader !== undefined) process.kill(-leader, signal);
  } catch {
    // Nothing of it is left.
  }
}

const usage = `Usage: npm test [-- SUITE…]

Runs all suites, or those named: ${suites.map((suite) => suite.name).join(', ')}.

  unit    the core and the pigen command; needs Node and bash
  host    the extension in a real VS Code: a downloaded one, else the VS Code server in Chromium
  engine  builds on a real Docker engine: the one that answers, else (root on Debian) one of its own

A suite whose host or engine cannot be had fails; nothing is skipped.`;

/**
 * Runs one suite and passes its output through.
 * @param {Suite} suite
 * @returns {Promise<{ passed: number, failed: number, ok: boolean, failures: string[], again: string[] }>}
 */
async function run(suite) {
  console.log(`\n── ${suite.name} ──`);
  // A process group of its own, so that whatever the suite has started can be ended with it.
  const child = spawn(suite.command, suite.args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const endGroup = () => signalGroup(child.pid, 'SIGKILL');
  const interrupt = (/** @type {NodeJS.Signals} */ signal) => {
    interrupted = true;
    signalGroup(child.pid, signal);
  };
  for (const signal of endSignals) process.on(signal, interrupt);
  const guard = setTimeout(() => {
    console.log(`\nThe ${suite.name} suite has not ended within ${suite.limit} minutes and is stopped.`);
    endGroup();
  }, suite.limit * 60_000);
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (/** @type {string} */ chunk) => {
    process.stdout.write(chunk);
    output += chunk;
  });
  const closed = once(child, 'close');
  const [code] = await once(child, 'exit');
  clearTimeout(guard);
  for (const signal of endSignals) process.off(signal, interrupt);
  // Processes that were left behind would hold the pipe open for ever.
  endGroup();
  const cut = setTimeout(() => child.stdout.destroy(), 5_000);
  await closed;
  clearTimeout(cut);
  const total = (/** @type {RegExp} */ pattern) =>
    [...output.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
  if (!suite.counts)
    return { passed: 0, failed: code === 0 ? 0 : 1, ok: code === 0, failures: [], again: [] };
  const passed = total(/^\s*(\d+) passing/gm);
  const failed = total(/^\s*(\d+) failing/gm);
  const ok = code === 0 && failed === 0 && passed > 0;
  const again = [...output.matchAll(/^ +tried again: (.*)$/gm)].map((match) => match[1] ?? '');
  if (!ok && failed === 0) console.log(`The ${suite.name} suite ended with ${code} after ${passed} tests.`);
  return { passed, failed: ok ? 0 : Math.max(failed, 1), ok, failures: failuresIn(output), again };
}

/**
 * What Mocha says of failed tests below the counts, to be repeated where a log that was cut still shows it.
 * @param {string} output of one suite, with a heading before each of its parts
 */
function failuresIn(output) {
  return output
    .split(/^── .* ──$/m)
    .map((part) => part.match(/^\s*\d+ failing$[^]*/m)?.[0].trimEnd() ?? '')
    .filter((failures) => failures !== '')
    .map((failures) => failures.split('\n').slice(0, 150).join('\n'));
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.log(usage);
  process.exit(names.includes('--help') ? 0 : 2);
}

const { installDependencies } = await import('./fresh-install.mjs');
await installDependencies(root);
await mkdir('out', { recursive: true });

let passed = 0;
let failed = 0;
const broken = [];
const failures = [];
const again = [];
for (const suite of suites.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const result = await run(suite);
  if (interrupted) process.exit(130);
  passed += result.passed;
  failed += result.failed;
  again.push(...result.again);
  failures.push(...result.failures.map((text) => `\n── failed: ${suite.name} ──\n${text}`));
  if (!result.ok) broken.push(suite.name);
}
for (const text of failures) console.log(text);
if (again.length > 0) console.log(`\nPassed or failed at the second try:\n  ${again.join('\n  ')}`);
if (broken.length > 0) console.log(`\nNot passed: ${broken.join(', ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = broken.length > 0 ? 1 : 0;
