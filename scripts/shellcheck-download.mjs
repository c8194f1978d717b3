// Fetches the program ShellCheck with the npm package `shellcheck`: node shellcheck-download.mjs DESTINATION RELEASE.
// Bundled as a program of its own, and run only after the user agreed. That package is never imported elsewhere: it ends the process
// on a bad environment, waits for programs synchronously, and changes how its process reaches the network.
import process from 'node:process';
import { buildURL, download } from 'shellcheck';

const [destination, release] = process.argv.slice(2);
if (destination === undefined || release === undefined)
  throw new Error('DESTINATION and RELEASE are missing.');
try {
  await download({ destination, url: await buildURL({ release }) });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
