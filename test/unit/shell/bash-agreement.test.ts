import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { scanShell } from '../../../src/shell/heredoc-scanner';
import { heredocText } from '../../../src/shell/program-text';
import { heredocScripts } from './heredoc-scripts';

const run = promisify(execFile);

/** Another seed finds other scripts; a failure names the script itself. */
const seed = Number(process.env['PIGEN_SEED'] ?? 20_260_611);
const count = 2000;

const runner = `
d() { local body; IFS= read -rd '' body; printf '«%s»%s\\0' "$1" "$body" >&9; }
set +e
for ((n = 0; n < $1; n++)); do ( X=x; . "$2/$n.sh" ) 9> "$2/$n.out" 2> "$2/$n.err"; done
:
`;

describe('heredoc scanner and bash', function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-heredocs-'));
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('read the same bodies', async () => {
    const scripts = fc.sample(heredocScripts(), { numRuns: count, seed });
    await Promise.all(scripts.map((script, n) => writeFile(path.join(folder, `${n}.sh`), script)));
    await run('bash', ['--norc', '-c', runner, 'bash', String(count), folder], {
      env: { PATH: process.env['PATH'] },
    });
    let compared = 0;
    for (const [n, script] of scripts.entries()) {
      const read = bodiesReadByBash(await readFile(path.join(folder, `${n}.out`), 'utf8'));
      const found = bodiesFound(script);
      assert.deepEqual(found, read, `seed ${seed}, script ${n}:\n${script}`);
      compared += read.size;
    }
    assert.ok(compared > count, `only ${compared} bodies`);
  });
});

function bodiesReadByBash(output: string): ReadonlyMap<string, string> {
  const bodies = [...output.matchAll(/«(\d+)»([^\0]*)\0/g)];
  return inOrder(bodies.map(([, id = '', body = '']) => [id, body]));
}

/** Of each heredoc of a script by the ID in front of its operator; those inside bodies are not carried out. */
function bodiesFound(script: string): ReadonlyMap<string, string> {
  const bodies = scanShell(script).heredocs.map((heredoc): [string, string] => {
    const id = /d (\d+) (?:\\\n)?$/.exec(script.slice(0, heredoc.operator.start))?.[1];
    return [id ?? `at ${heredoc.operator.start}`, heredocText(script, heredoc).text];
  });
  return inOrder(bodies);
}

function inOrder(bodies: [string, string][]): ReadonlyMap<string, string> {
  return new Map(bodies.sort(([a], [b]) => a.localeCompare(b)));
}
