import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Bench } from './bench';

const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');

interface CliEvent {
  readonly event: string;
  readonly path?: string;
  readonly kind?: string;
  readonly cancelled?: boolean;
  readonly exitCode?: number | null;
  readonly failures?: readonly {
    readonly class: string;
    readonly step: { readonly path: string; readonly kind: string } | null;
    readonly finding: {
      readonly file: string;
      readonly rule: string;
      readonly docs: string | null;
      readonly range: {
        readonly start: { readonly line: number; readonly column: number };
        readonly end: { readonly line: number; readonly column: number };
      };
      readonly fixes: readonly { readonly title: string }[];
    } | null;
  }[];
}

describe('pigen build as a process', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  /** Builds stages of test/fixtures/stages/ and gives every event; `onEvent` may signal the process. */
  async function build(
    stage: string,
    onEvent: (event: CliEvent, signal: (name: NodeJS.Signals) => void) => void = () => undefined,
  ): Promise<{ readonly code: number | null; readonly events: readonly CliEvent[]; readonly name: string }> {
    const { containerName: name, mounts } = bench.settings();
    const words = ['build', '--tree', bench.tree, '--config', await bench.config(stage), '--format', 'json'];
    const options = mounts.flatMap((mount) => ['-v', mount]).join(' ');
    const child = spawn(process.execPath, [cli, ...words, '--network', 'host', '--name', name], {
      cwd: bench.folder.path,
      env: { ...process.env, PIGEN_DOCKER_OPTS: options },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const events: CliEvent[] = [];
    const closed = once(child, 'close');
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as CliEvent;
      events.push(event);
      onEvent(event, (signal) => child.kill(signal));
    }
    const [code] = (await closed) as [number | null];
    return { code, events, name };
  }

  it('ends with 1 and names the line of a nested on_chroot', async () => {
    const { code, events, name } = await build('stage-nested');
    const failed = events.find(({ event }) => event === 'failed');
    const [first] = failed?.failures ?? [];
    assert.equal(code, 1);
    assert.equal(first?.class, 'nested-on-chroot');
    assert.equal(first.step?.kind, 'run-chroot');
    const { finding } = first;
    assert.ok(finding);
    assert.ok(finding.file.endsWith('stage-nested/00-install/00-run-chroot.sh'));
    const script = await readFile(path.resolve(bench.folder.path, finding.file), 'utf8');
    assert.match(script.split('\n')[finding.range.start.line - 1] ?? '', /^on_chroot/);
    // What `pigen check` says of the same line, with its fix.
    assert.equal(finding.rule, 'nested-on-chroot');
    assert.match(finding.docs ?? '', /nested-on-chroot/);
    assert.ok(finding.range.end.column > finding.range.start.column);
    assert.notEqual(finding.fixes[0]?.title, undefined);
    assert.deepEqual(events.at(-1)?.event, 'ended');
    assert.equal(await bench.hasContainer(name), false);
  });

  it('stops at Ctrl-C, and leaves no container', async () => {
    let signalled = false;
    const { code, events, name } = await build('stage-slow', ({ event, kind, path: step }, signal) => {
      if (
        signalled ||
        event !== 'step-began' ||
        kind === 'stage' ||
        step?.includes('stage-slow/00-wait') !== true
      )
        return;
      signalled = true;
      signal('SIGINT');
    });
    assert.ok(signalled);
    assert.equal(code, 1);
    assert.equal(events.at(-1)?.event, 'ended');
    assert.equal(events.at(-1)?.cancelled, true);
    assert.equal(await bench.hasContainer(name), false);
  });
});
