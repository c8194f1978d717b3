import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { judgeQuoted, offsetsToEscape } from '../../../src/pigen/workflow/quoted-value';
import { offsetsOfValue } from '../../../src/pigen/workflow/yaml-scalar';
import { TemporaryFolder } from './temporary-folder';

const run = promisify(execFile);

/** As build-docker.sh reads a config: `set -eu`, then `source`. Of each config what it sets, or nothing where bash stops. */
const reader = `for file in "$@"; do
  ( set -eu; source "$file"; printf '%s\\0%s' "\${NAME}" "\${DONE}" ) 2> /dev/null
  printf '\\0\\0'
done`;

interface Read {
  readonly name: string | undefined;
  readonly done: string | undefined;
}

const alphabet = ['a', '1', 'é', ' ', '"', '"', '$', '$', '`', '\\', '\\', '(', ';', "'", '{', '-'];
const values = fc.sample(fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 8 }), {
  numRuns: 400,
  seed: 7,
});

function escaped(value: string): string {
  const places = new Set(offsetsToEscape(value));
  return [...Array(value.length).keys()]
    .map((at) => (places.has(at) ? '\\' : '') + value.charAt(at))
    .join('');
}

describe('a value between double quotes', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
  });
  after(() => folder.remove());

  async function readByBash(all: readonly string[]): Promise<readonly Read[]> {
    const files = await Promise.all(
      all.map((value, index) => folder.write(`config-${index}`, `NAME="${value}"\nDONE="yes"\n`)),
    );
    const { stdout } = await run('bash', ['-c', reader, 'reader', ...files], { env: {}, cwd: folder.path });
    const parts = stdout.split('\0\0');
    assert.equal(parts.length, all.length + 1);
    return parts.slice(0, -1).map((part) => {
      const [name, done] = part.split('\0');
      return { name: done === undefined ? undefined : name, done };
    });
  }

  it('is judged as bash reads it', async () => {
    const told = await readByBash(values);
    for (const [index, value] of values.entries()) {
      const { name, done } = told[index] ?? {};
      const judged = judgeQuoted(value);
      const shown = `${JSON.stringify(value)}: bash reads ${JSON.stringify(name)}, judged ${judged?.effect ?? 'right'}`;
      switch (judged?.effect) {
        case undefined:
          assert.equal(done, 'yes', shown);
          if (!value.includes('\\')) assert.equal(name, value, shown);
          break;
        case 'unquoted':
          assert.equal(done, 'yes', shown);
          assert.notEqual(name, value, shown);
          break;
        case 'broken':
          assert.notEqual(done, 'yes', shown);
          break;
        case 'expanded':
          assert.ok(done !== 'yes' || name !== value, shown);
      }
    }
  });

  it('is read as it is written once it is escaped', async () => {
    const all = values.map(escaped);
    for (const [index, { name, done }] of (await readByBash(all)).entries()) {
      const value = values[index] ?? '';
      assert.equal(judgeQuoted(all[index] ?? ''), undefined, JSON.stringify(value));
      assert.equal(done, 'yes', JSON.stringify(value));
      if (!value.includes('\\')) assert.equal(name, value);
    }
  });

  it('has its places in the YAML that it is written in', () => {
    assert.deepEqual(offsetsOfValue('a"b', 'a"b'), [0, 1, 2]);
    assert.deepEqual(offsetsOfValue("'it''s'", "it's"), [1, 2, 3, 5]);
    assert.deepEqual(offsetsOfValue('"a\\"\\\\ b"', 'a"\\ b'), [1, 2, 4, 6, 7]);
    assert.equal(offsetsOfValue('"\\x41"', 'A'), undefined);
    assert.equal(offsetsOfValue('|\n  a"b', 'a"b\n'), undefined);
    assert.equal(offsetsOfValue('a\n  b', 'a b'), undefined);
  });
});
