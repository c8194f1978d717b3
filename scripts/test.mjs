// npm test: everything that must hold, one suite after the other, on a fresh clone too. Options name single suites.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** @type {{ name: string, command: string, args: string[], counts: boolean }[]} */
const suites = [
  { name: 'types', command: npm, args: ['run', '--silent', 'typecheck'], counts: false },
  { name: 'lint', command: npm, args: ['run', '--silent', 'lint'], counts: false },
  { name: 'format', command: npm, args: ['run', '--silent', 'format:check'], counts: false },
  { name: 'bundle', command: npm, args: ['run', '--silent', 'build'], counts: false },
  { name: 'unit', command: npm, args: ['run', '--silent', 'test:unit'], counts: true },
  { name: 'host', command: npm, args: ['run', '--silent', 'test:host'], counts: true },
  { name: 'engine', command: npm, args: ['run', '--silent', 'test:engine'], counts: true },
];

const usage = `Usage: npm test [-- SUITE…]

Runs all suites, or those named: ${suites.map((suite) => suite.name).join(', ')}.

  unit    the core and the pigen command; needs Node and bash
  host    the extension in a real VS Code: a downloaded one, else the VS Code server in Chromium
  engine  builds on a real Docker engine: the one that answers, else (root on Debian) one of its own

A suite whose host or engine cannot be had fails; nothing is skipped.`;

/**
 * Runs one suite and passes its output through.
 * @param {{ name: string, command: string, args: string[], counts: boolean }} suite
 * @returns {Promise<{ passed: number, failed: number, ok: boolean, failures: string[], again: string[] }>}
 */
async function run(suite) {
  console.log(`\n── ${suite.name} ──`);
  const child = spawn(suite.command, suite.args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (/** @type {string} */ chunk) => {
    process.stdout.write(chunk);
    output += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
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
