import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { CodeCache, cacheFolder } from './code-cache';

/** Put in by scripts/build.mjs: the hash of the bundle that this file starts. */
declare const bundleHash: string;

type Main = (
  exports: { finished?: Promise<void> },
  load: NodeJS.Require,
  module: NodeJS.Module,
  file: string,
  folder: string,
) => void;

/** The command's words that name what it does, as far as they can be part of a file's name. */
const commandName = /^[a-z][a-z-]{0,19}$/;

/** Starts the command from its bundle, with the compiled code of an earlier run where there is one. */
async function launch(): Promise<void> {
  // The parser runs for a fraction of a second: optimizing its WebAssembly would take three times as long as that.
  // V8 reads compiled code back only under the flags that it was compiled with, so they come first.
  setFlagsFromString('--liftoff-only');
  const folder = cacheFolder(process.env, process.platform);
  const [command = ''] = process.argv.slice(2);
  const cache =
    folder === undefined || !commandName.test(command)
      ? undefined
      : new CodeCache(path.join(folder, `${command}-${process.version}-${process.arch}.code`), bundleHash);
  const file = path.join(__dirname, 'pigen.js');
  const [source, cachedData] = await Promise.all([readFile(file, 'utf8'), cache?.read()]);
  const script = new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const main = script.runInThisContext() as Main;
  const exports: { finished?: Promise<void> } = {};
  main(exports, require, module, file, __dirname);
  await exports.finished;
  // A misspelt command ends with 2, and leaves nothing.
  const isStale = cachedData === undefined || script.cachedDataRejected === true;
  if (isStale && process.exitCode !== 2) await cache?.write(script);
}

void launch();
