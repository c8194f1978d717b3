// Runs the engine suite against a real Docker engine: the one that answers, or else one that is started for the suite.
// With PI_GEN_DIR=/path/to/pi-gen the suite builds that tree instead of the small one of test/fixtures/.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBaseImages } from '../test/engine/host/base-images.mjs';
import { answeringEngine, startEngine } from '../test/engine/host/engine.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** @param {string} host */
async function runSuite(host) {
  const mocha = path.join(root, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(
    process.execPath,
    [mocha, '--config', 'test/engine/.mocharc.json', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, DOCKER_HOST: host } },
  );
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

let engine;
try {
  const host = await answeringEngine();
  engine = host === undefined ? await startEngine() : { host, stop: async () => {} };
  const stop = () => {
    void engine.stop().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await ensureBaseImages(engine.host);
  process.exitCode = await runSuite(engine.host);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await engine?.stop();
}
