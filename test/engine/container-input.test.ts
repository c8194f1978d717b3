import assert from 'node:assert/strict';
import { runContainer } from '../../src/build/output/container-output';
import { readingInput, smallInput } from '../../src/build/session/container-input';
import { createTextArchive } from '../../src/build/session/context-archive';
import { noRunOptions } from '../../src/build/plan/docker-options';
import { Bench } from './bench';

const greeting = { name: 'from-here/greeting', text: 'good morning\n', mode: 0o640 };

describe('what a container reads at its start', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.create();
  });
  afterEach(() => bench.dispose());

  /** Output and exit status of a container that was promised all of `input` and is sent `sent`. */
  async function run(input: Uint8Array, sent = input): Promise<{ output: string; exitCode: number }> {
    const { containerName: name } = bench.settings();
    const script = 'cat /from-here/greeting; stat -c "%a %u:%g" /from-here/greeting; echo "$@"; cat';
    const request = {
      name,
      image: 'debian:trixie',
      command: ['bash', '-c', script, 'words', 'of', 'its own'],
      labels: {},
      options: noRunOptions,
    };
    const id = await bench.engine.createContainer(readingInput(request, input));
    try {
      const { signal } = new AbortController();
      const chunks: Uint8Array[] = [];
      const output = runContainer(bench.engine, id, { signal, input: sent });
      for (;;) {
        const next = await output.next();
        if (next.done === true)
          return { output: Buffer.concat(chunks).toString(), exitCode: next.value.exitCode };
        chunks.push(next.value.bytes);
      }
    } finally {
      await bench.engine.remove(id);
    }
  }

  it('is there before its command, which has an empty input', async () => {
    const input = await smallInput(createTextArchive([greeting]));
    assert.ok(input);
    assert.deepEqual(await run(input), {
      output: 'good morning\n640 0:0\nof its own\n',
      exitCode: 0,
    });
  });

  it('ends it with a word where it comes damaged', async () => {
    const input = await smallInput(createTextArchive([greeting]));
    assert.ok(input);
    const { output, exitCode } = await run(input, new Uint8Array(input.length).fill(1));
    assert.equal(exitCode, 1);
    assert.match(output, /What the build needs did not reach its container whole\.\n$/);
  });

  it('is sent another way where it is big', async () => {
    const big = { ...greeting, text: 'x'.repeat(2 * 1024 * 1024) };
    assert.equal(await smallInput(createTextArchive([big])), undefined);
  });
});
