import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { pigen } from '../unit/cli/pigen';
import { Bench } from './bench';

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
