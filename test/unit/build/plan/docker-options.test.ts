import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseDockerOptions } from '../../../../src/build/plan/docker-options';
import { mergeRunOptions, noRunOptions } from '../../../../src/build/plan/run-options';
import type { RunOptions } from '../../../../src/build/plan/run-options';
import { shellWords } from '../../../../src/build/plan/shell-words';

const context = { environment: { HOME: '/home/me' }, folder: '/tree', source: 'PIGEN_DOCKER_OPTS' };

function options(text: string): Partial<RunOptions> {
  const parsed = parseDockerOptions(text, context);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem.message);
  const given = Object.entries(parsed.options).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(noRunOptions[name as keyof RunOptions]),
  );
  return Object.fromEntries(given);
}

function complaint(text: string): string {
  const parsed = parseDockerOptions(text, context);
  assert.ok(!parsed.ok);
  assert.equal(parsed.problem.kind, 'docker-options');
  return parsed.problem.message;
}

describe('PIGEN_DOCKER_OPTS', () => {
  it('gives environment variables, inherited ones too', () => {
    assert.deepEqual(options(`-e A=1 --env=B='x y' -eC=3 -e HOME -e NOT_SET`), {
      environment: ['A=1', 'B=x y', 'C=3', 'HOME=/home/me'],
    });
  });

  it('gives mounts of every kind', () => {
    assert.deepEqual(options('-v /a:/b:ro --volume ./c:/d -v C:\\\\x:/e -v /anonymous'), {
      binds: ['/a:/b:ro', '/tree/./c:/d', 'C:\\x:/e'],
      anonymousVolumes: ['/anonymous'],
    });
    assert.deepEqual(options('--mount type=bind,src=/a,dst=/b,readonly --mount type=tmpfs,target=/t'), {
      mounts: [
        { type: 'bind', source: '/a', target: '/b', readOnly: true },
        { type: 'tmpfs', source: undefined, target: '/t', readOnly: false },
      ],
    });
  });

  it('gives network, limits and the rest', () => {
    assert.deepEqual(
      options(
        '--network host --add-host a:1.2.3.4 --add-host=b=::1 --dns 9.9.9.9 --cap-add=ALL --cap-drop NET_RAW -m 2g ' +
          '--cpus 1.5 --shm-size=64m --ulimit nofile=1024:2048 --tmpfs /t:size=1m --label x=y --security-opt seccomp=unconfined ' +
          '-w /w -u 0 -h box --platform linux/386 --device /dev/loop0:/dev/loop9:rw --device /dev/kvm:r --init',
      ),
      {
        network: 'host',
        extraHosts: ['a:1.2.3.4', 'b:::1'],
        dns: ['9.9.9.9'],
        addedCapabilities: ['ALL'],
        droppedCapabilities: ['NET_RAW'],
        memory: 2 * 1024 ** 3,
        nanoProcessors: 1_500_000_000,
        sharedMemory: 64 * 1024 ** 2,
        ulimits: [{ name: 'nofile', soft: 1024, hard: 2048 }],
        tmpfs: { '/t': 'size=1m' },
        labels: { x: 'y' },
        securityOptions: ['seccomp=unconfined'],
        workingFolder: '/w',
        user: '0',
        hostname: 'box',
        platform: 'linux/386',
        devices: [
          { host: '/dev/loop0', container: '/dev/loop9', permissions: 'rw' },
          { host: '/dev/kvm', container: '/dev/kvm', permissions: 'r' },
        ],
        init: true,
      },
    );
  });

  it('takes what changes nothing here', () => {
    assert.deepEqual(options('--rm -it --privileged'), {});
  });

  it('names what it cannot use', () => {
    assert.match(complaint('--gpus all'), /--gpus is not supported/);
    assert.match(complaint('image'), /its first word is no option/);
    assert.match(complaint('-e A=one two'), /behind the value of an option stands a word that is no option/);
    assert.match(complaint('--env=A=one two'), /behind --env=… and its value stands/);
    assert.doesNotMatch(complaint('-e A=one two') + complaint('--env=A=one two'), /one|two/);
    assert.match(complaint('--network'), /--network lacks its value/);
    assert.match(complaint('-m lots'), /"lots" is no size/);
    assert.match(complaint(`-e 'A=1`), /single quote/);
  });

  it('adds up, the last single value wins', () => {
    const all = ['-e A=1 --network host --label a=1', '-e B=2 --network none --label b=2'].map((text) => {
      const parsed = parseDockerOptions(text, context);
      assert.ok(parsed.ok);
      return parsed.options;
    });
    const merged = mergeRunOptions(all);
    assert.deepEqual(
      [merged.environment, merged.network, merged.labels],
      [['A=1', 'B=2'], 'none', { a: '1', b: '2' }],
    );
  });
});

describe('words', () => {
  it('are those that bash makes', async () => {
    const texts = [
      `a b`,
      `  'a b'  "c d" e\\ f`,
      `x'y'"z"`,
      `"a\\"b\\$c\\d" ''`,
      `a\\\nb "c\\\nd"`,
      `'a\\b'`,
    ];
    for (const text of texts) {
      const { stdout } = await promisify(execFile)('bash', ['-c', `printf '%s\\0' ${text}`]);
      const words = shellWords(text);
      assert.ok(words.ok);
      assert.deepEqual(words.words, stdout.split('\0').slice(0, -1), text);
    }
  });
});
