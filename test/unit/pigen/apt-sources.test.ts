import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { partKey, partsOf, readAptSources } from '../../../src/pigen/apt/apt-sources';
import type { AptSource } from '../../../src/pigen/apt/apt-sources';
import { branches } from '../../../src/pigen/branches';
import { stage0Sources } from '../../../src/pigen/apt/stage0-sources';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/apt/sources');
const context = { release: 'trixie', architectures: ['armhf', 'arm64'] };

async function read(
  name: string,
): Promise<{ readonly keys: readonly (string | undefined)[]; readonly unknown: boolean }> {
  const { sources, unknown } = readAptSources(name, await readFile(path.join(fixtures, name), 'utf8'));
  return { keys: keysOf(sources), unknown };
}

function keysOf(sources: readonly AptSource[]): readonly (string | undefined)[] {
  return sources.flatMap(
    (source): (string | undefined)[] => partsOf(source, context)?.map(partKey) ?? [undefined],
  );
}

describe('apt sources', () => {
  it('are read from lines, with options, comments and several components', async () => {
    assert.deepEqual(await read('lines.list'), {
      keys: [
        'http://one.example/raspbian/ trixie main armhf',
        'http://one.example/raspbian/ trixie rpi armhf',
        'https://two.example/debian/ trixie-security main armhf',
        'https://two.example/debian/ trixie-security main arm64',
        'https://three.example/ ./  armhf',
        'https://three.example/ ./  arm64',
      ],
      unknown: false,
    });
  });

  it('are read from deb822, with folded fields, several suites, and stanzas that are off', async () => {
    assert.deepEqual(await read('stanzas.sources'), {
      keys: [
        'http://one.example/debian/ trixie main arm64',
        'http://one.example/debian/ trixie contrib arm64',
        'http://one.example/debian/ trixie-updates main arm64',
        'http://one.example/debian/ trixie-updates contrib arm64',
        'http://two.example/debian/ trixie main armhf',
        'http://two.example/debian/ trixie main arm64',
      ],
      unknown: false,
    });
  });

  it('are not known where they cannot be: placeholders, other schemes, passwords, ways up, no components', async () => {
    const { keys } = await read('unknown.list');
    assert.deepEqual(
      keys,
      Array.from({ length: 12 }, () => undefined),
    );
  });

  it('are not known where an option changes what apt is told elsewhere', () => {
    assert.equal(
      readAptSources('x.list', 'deb [arch-=armhf] http://one.example/debian trixie main\n').unknown,
      true,
    );
    const stanza = 'Types: deb\nURIs: http://one.example/\nSuites: trixie\nArchitectures-Remove: armhf\n';
    assert.equal(readAptSources('x.sources', stanza).unknown, true);
  });

  it('name nothing for architectures that the image has not', () => {
    const { sources } = readAptSources('x.list', 'deb [arch=amd64] http://one.example/debian trixie main\n');
    assert.deepEqual(keysOf(sources), []);
  });

  it('name nothing in files that are about something else', () => {
    for (const text of [
      '',
      '/etc/passwd\n/etc/group\n',
      'debug mode\n',
      '# deb http://one.example/ trixie main\n',
      'deb-src http://one.example/ trixie main\n',
    ]) {
      assert.deepEqual(readAptSources('x.list', text), { sources: [], unknown: false });
    }
  });

  it('of each branch’s stage0 can be asked for in its release', () => {
    for (const branch of branches) {
      const { sources, architectures } = stage0Sources(branch);
      assert.equal(architectures[0], branch.architecture);
      const parts = sources.map((source) => partsOf(source, { release: branch.release, architectures }));
      assert.ok(
        parts.every((own) => own !== undefined && own.length > 0),
        branch.name,
      );
      assert.ok(
        parts.flat().every((part) => part?.suite.startsWith(branch.release)),
        branch.name,
      );
    }
  });
});
