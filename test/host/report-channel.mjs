import { createServer } from 'node:net';
import path from 'node:path';
import process from 'node:process';

/** @typedef {{ passed: number, failed: number }} Summary what a run of tests came to */

/**
 * A socket on which tests report from inside a host, a line of JSON for each thing said: `text` is printed, `summary` kept.
 * @param {string} folder where the socket may lie
 */
export async function openChannel(folder) {
  const address =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\${path.basename(folder)}`
      : path.join(folder, 'report.socket');
  /** @type {Summary | undefined} */
  let summary;
  const server = createServer((socket) => {
    let rest = '';
    socket.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line);
        if (message.text !== undefined) console.log(message.text);
        if (message.summary !== undefined) summary = message.summary;
      }
    });
  });
  await new Promise((resolve) => server.listen(address, () => resolve(undefined)));
  return { address, summary: () => summary, close: () => server.close() };
}
