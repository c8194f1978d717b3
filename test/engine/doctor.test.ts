import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { pigen } from '../unit/cli/pigen';
import { Bench, engineAt } from './bench';
import { startEngine } from './host/engine.mjs';
import type { TestEngine } from './host/engine.mjs';
import { copyImage } from './host/podman.mjs';

interface Report {
  readonly checks: readonly { readonly check: string; readonly state: string; readonly fix: string | null }[];
  readonly facts: {
    readonly machine: {
      readonly ok: boolean;
      readonly facts?: { readonly pageSize: number; readonly kernel: string };
    };
    readonly build: { readonly facts: { readonly branch: { readonly name: string } } };
  };
}

describe('pigen doctor', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  const doctor = (...words: readonly string[]) =>
    pigen(['doctor', '--tree', bench.tree, ...words], { cwd: bench.folder.path });

  it("looks into the engine's kernel from an image that is there, and leaves nothing behind", async () => {
    const { code, out, err } = await doctor('--format', 'json', '--config', await bench.config());
    assert.equal(code, 0, out + err);
    const { checks, facts } = JSON.parse(out) as Report;
    const states = new Map(checks.map(({ check, state }) => [check, state]));
    for (const check of ['engine', 'rootful', 'privileged', 'page-size', 'build']) {
      assert.equal(states.get(check), 'fine', check);
    }
    assert.equal(facts.build.facts.branch.name, 'arm64');
    assert.ok(facts.machine.ok);
    // Containers share the kernel of their engine's machine, which is this one.
    const socket = /^(?:unix:|$)/.test(process.env['DOCKER_HOST'] ?? '');
    if (socket)
      assert.equal(
        facts.machine.facts?.kernel,
        (await readFile('/proc/sys/kernel/osrelease', 'utf8')).trim(),
      );
    const left = await bench.docker.listContainers({
      all: true,
      filters: { label: ['pi-gen-stages.purpose=probe'] },
    });
    assert.deepEqual(
      left.filter(({ State }) => State !== 'running'),
      [],
    );
  });

  it('names what will fail, with a fix, for people and for a bug report', async () => {
    const stage = await bench.folder.write('with space/stage mine/prerun.sh', '#!/bin/bash -e\n');
    const config = await bench.folder.write(
      'spaced',
      `IMG_NAME=x\nSTAGE_LIST="stage0 ${stage.replace('/prerun.sh', '')}"\n`,
    );
    const { code } = await doctor('--config', config);
    assert.equal(code, 1);
    const gone = await doctor('--engine', 'unix:///nowhere/docker.sock', '--format', 'markdown');
    assert.equal(gone.code, 1);
    assert.match(gone.out, /- \*\*Engine\*\*: fails\. No Docker engine at .*\n {2}- Start Docker/);
  });
});

describe('pigen doctor, of an engine that is not fit yet', () => {
  let bench: Bench;
  let own: TestEngine;
  let settings: string;
  before(async () => {
    bench = await Bench.create();
    settings = await bench.folder.write('daemon.json', '{"debug": false, "userns-remap": "default"}\n');
    own = await startEngine({ words: ['--config-file', settings], loopless: true });
  });
  after(async () => {
    await own.stop();
    await bench.dispose();
  });

  const checkOf = async (name: string) => {
    const words = ['doctor', '--tree', bench.tree, '--engine', own.host, '--format', 'json'];
    const { out } = await pigen(words, { cwd: bench.folder.path });
    const { checks } = JSON.parse(out) as Report;
    return checks.find(({ check }) => check === name);
  };

  it('tells of users that are mapped before there is an image, and how to be rid of that', async () => {
    const told = await checkOf('privileged');
    assert.equal(told?.state, 'fail');
    const { result } = await bench.build(await bench.prepare(), { engine: await engineAt(own.host) });
    assert.equal(result.problem?.kind, 'privileged-refused');
    assert.match(result.problem.message, /userns-remap/);
    const [, fix = ''] = /`sudo (sed .*) && sudo systemctl restart docker`/.exec(told.fix ?? '') ?? [];
    assert.match(fix, / \/etc\/docker\/daemon\.json$/);
    await promisify(execFile)('sh', ['-c', fix.replace('/etc/docker/daemon.json', `'${settings}'`)]);
    assert.deepEqual(JSON.parse(await readFile(settings, 'utf8')), { debug: false });
    await own.end('SIGTERM');
    await own.start();
    assert.equal((await checkOf('privileged'))?.state, 'unknown');
  });

  it('tells of loop devices that are not there', async () => {
    const docker = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
    await copyImage(docker, 'debian:trixie', own.host, 'debian:trixie');
    const told = await checkOf('loop');
    // The small tree exports without one.
    assert.equal(told?.state, 'warning');
    assert.match(told.fix ?? '', /`sudo modprobe loop`/);
  });
});
