#!/usr/bin/env node
// What the hook in .pre-commit-hooks.yaml runs, in the repository that is committed to. pre-commit keeps a checkout of ours, in
// which the bundle is built at the first run.
import { access } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { npm, requireNode, run } from './fresh-install.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const program = path.join(root, 'dist/cli.js');

requireNode();
if (!(await exists(program))) {
  // No scripts of dependencies: none of them is needed for the bundle.
  await npm(['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'], root);
  await npm(['run', '--silent', 'build'], root);
}
process.exitCode = await run(process.execPath, [program, 'check', ...process.argv.slice(2)]);

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
