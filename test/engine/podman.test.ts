import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import Docker from 'dockerode';
import { openInventory } from '../../src/build/engine/engine-inventory';
import type { EngineInventory } from '../../src/build/engine/engine-inventory';
import { pigen } from '../unit/cli/pigen';
import { Bench, cacheVolume, endpointAt, fixtures, realTree } from './bench';
import { startCli } from './cli-process';
import type { CliEvent } from './cli-process';
import { gone } from './gone';
import { copyImage, startPodman } from './host/podman.mjs';
import type { TestPodman } from './host/podman.mjs';

const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');
const docker = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';

interface Report {
  readonly checks: readonly { readonly check: string; readonly state: string; readonly message: string }[];
}

interface Artifact extends CliEvent {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly verified: boolean;
}

/** What a user does with Podman, in the order in which they would: each finds what the one before it left. */
describe('Podman', () => {
  let bench: Bench;
  let podman: TestPodman;
  let client: Docker;
  let inventory: EngineInventory;
  before(async () => {
    bench = await Bench.create();
    podman = await startPodman();
    client = new Docker({ host: undefined, socketPath: podman.host.slice('unix://'.length) });
    inventory = await openInventory(await endpointAt(podman.host));
    // The image of the small tree has all that it needs, so nothing has to be fetched on this engine.
    const prepared = await bench.prepare({ configFile: await bench.config() });
    const { tag, buildArguments } = prepared.plan.image;
    if ((await bench.engine.findImage(tag)) === undefined) await bench.build(prepared);
    await copyImage(docker, tag, podman.host, buildArguments['BASE_IMAGE'] ?? '');
    await copyFile(`${fixtures}/podman/Dockerfile`, `${bench.tree}/Dockerfile`);
  });
  after(async () => {
    await podman.stop();
    await bench.dispose();
  });

  const run = (...words: readonly string[]) =>
    pigen([...words, '--engine', podman.host], {
      cwd: bench.tree,
      env: { XDG_CACHE_HOME: `${bench.folder.path}/cache` },
    });
  const start = (stage: string) => startCli(bench, 'build', stage, ['--engine', podman.host]);

  /** Everything on it but images, and but what builds of the real tree share. */
  async function held(): Promise<readonly string[]> {
    const [containers, { Volumes: volumes }] = await Promise.all([
      client.listContainers({ all: true }),
      client.listVolumes(),
    ]);
    const all = [...containers.flatMap(({ Names }) => Names), ...volumes.map(({ Name }) => Name)];
    return all.filter((name) => name !== cacheVolume);
  }

  it('is found fit', async () => {
    const place = ['--tree', bench.tree, '--config', await bench.config()];
    const { code, out, err } = await run('doctor', ...place, '--format', 'json');
    assert.equal(code, 0, out + err);
    const { checks } = JSON.parse(out) as Report;
    const told = new Map(checks.map(({ check, state, message }) => [check, `${state}: ${message}`]));
    assert.match(told.get('engine') ?? '', /^fine: Podman answers at /);
    assert.match(told.get('version') ?? '', /^fine: Podman \d/);
    for (const check of ['rootful', 'privileged', 'page-size', 'build'])
      assert.match(told.get(check) ?? '', /^fine/, check);
    assert.deepEqual(await held(), []);
  });

  it('builds, hands over what was built, and keeps nothing of it', async () => {
    const { ended, events } = await start('stage-good');
    assert.equal(await ended, 0, JSON.stringify(events.slice(-3)));
    const lines = events.flatMap(({ text }) => (text === undefined ? [] : [text]));
    assert.ok(lines.includes('hello from the repository'));
    const artifacts = events.filter((event): event is Artifact => event.event === 'artifact');
    assert.ok(artifacts.some(({ file }) => file.endsWith('-good.img')));
    for (const { file, bytes, sha256, verified } of artifacts) {
      const content = await readFile(path.resolve(bench.folder.path, file));
      assert.equal(content.length, bytes, file);
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256, file);
      assert.ok(verified, file);
    }
    assert.deepEqual(await held(), []);
  });

  it('stops where it is told to, and keeps nothing', async () => {
    const build = await start('stage-slow');
    try {
      await build.until(({ text }) => text === 'waiting');
      build.child.kill('SIGINT');
      assert.equal(await build.ended, 1);
    } finally {
      build.child.kill('SIGKILL');
    }
    assert.equal(build.events.at(-1)?.cancelled, true);
    assert.deepEqual(await held(), []);
  });

  it('tries a stage again without the ones before it, and keeps no shell whose window was killed', async () => {
    const configFile = await bench.config('stage-failing');
    const place = ['--tree', bench.tree, '--config', configFile, '--network', 'host'];
    const tryOnce = async (): Promise<readonly CliEvent[]> => {
      const { code, out, err } = await run('build', ...place, '--stage', 'stage-failing', '--format', 'json');
      assert.equal(code, 1, out + err);
      return out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as CliEvent);
    };
    const before = realTree === undefined ? ['stage0', 'stage1'] : ['stage-base'];
    assert.deepEqual(stagesOf(await tryOnce()), [...before, 'stage-failing']);
    const again = await tryOnce();
    assert.deepEqual(stagesOf(again), ['stage-failing']);
    const failures = again.find(({ event }) => event === 'failed')?.failures;
    assert.match(failures?.[0]?.step?.path ?? '', /stage-failing\/00-install\/00-run\.sh$/);
    assert.deepEqual(await client.listContainers({ all: true }), []);

    const words = [cli, 'shell', ...place, '--engine', podman.host];
    const shell = spawn(process.execPath, words, { cwd: bench.tree, stdio: ['pipe', 'pipe', 'inherit'] });
    const exit = once(shell, 'exit');
    try {
      await prompt(shell.stdout);
      const containers = await client.listContainers({ all: true });
      assert.equal(containers.length, 2);
      shell.kill('SIGKILL');
      await gone(
        client,
        containers.map(({ Id }) => Id),
      );
    } finally {
      shell.kill('SIGKILL');
      await exit;
    }
  });

  it('is cleaned up', async () => {
    const { code, out, err } = await run('clean', '--all');
    assert.equal(code, 0, out + err);
    assert.deepEqual(await held(), []);
    assert.deepEqual(await inventory.items(), []);
  });
});

/** The stages whose prerun.sh ran. */
function stagesOf(events: readonly CliEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.event === 'step-began' && event.kind === 'prerun'
      ? [path.basename(path.dirname(event.path ?? ''))]
      : [],
  );
}

/** Reads what a shell prints up to its first prompt. */
async function prompt(output: AsyncIterable<Buffer>): Promise<void> {
  let text = '';
  for await (const chunk of output) {
    text += chunk.toString();
    if (/[#$] $/.test(text)) return;
  }
  assert.fail(`The shell ended before its first prompt: ${text}`);
}
