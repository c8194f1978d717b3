import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { CodeCache, cacheFolder } from './code-cache';

/** Put in by scripts/build.mjs: the hash of the bundle that this file starts. */
declare const bundleHash: string;

interface Bundle {
  exports: { readonly finished?: Promise<void> };
}

type Main = (
  exports: Bundle['exports'],
  load: NodeJS.Require,
  module: Bundle,
  file: string,
  folder: string,
) => void;

/** Names of commands, as far as they can be part of a file's name. */
const commandName = /^[a-z][a-z-]{0,19}$/;

const helpWords = new Set(['--help', '-h', '--version']);

/** Under what name the code that a run compiles is kept: a command's, but for its help, which compiles next to nothing. */
function runName(words: readonly string[]): string | undefined {
  if (words.some((word) => helpWords.has(word))) return 'help';
  const [command = ''] = words;
  return commandName.test(command) ? command : undefined;
}

/** Starts the command from its bundle, with the compiled code of an earlier run where there is one. */
async function launch(): Promise<void> {
  // The parser runs for a fraction of a second: optimizing its WebAssembly would take three times as long as that.
  // V8 reads compiled code back only under the flags that it was compiled with, so they come first.
  setFlagsFromString('--liftoff-only');
  const folder = cacheFolder(process.env, process.platform);
  const name = runName(process.argv.slice(2));
  const cache =
    folder === undefined || name === undefined
      ? undefined
      : new CodeCache(path.join(folder, `${name}-${process.version}-${process.arch}.code`), bundleHash);
  const file = path.join(__dirname, 'pigen.js');
  // scripts/build.mjs sees to it that a bundle is ASCII, which reads fastest so.
  const [source, cachedData] = await Promise.all([readFile(file, 'latin1'), cache?.read()]);
  const script = new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const main = script.runInThisContext() as Main;
  // A module of its own, as a bundle puts an object of its own in the place of its exports.
  const bundle: Bundle = { exports: {} };
  main(bundle.exports, require, bundle, file, __dirname);
  await bundle.exports.finished;
  // A misspelt command ends with 2, and leaves nothing.
  const isStale = cachedData === undefined || script.cachedDataRejected === true;
  if (isStale && process.exitCode !== 2) await cache?.write(script);
}

void launch();
