import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sshWords } from '../../../../src/build/engine/ssh-connection';
import { resolveEngineEndpoint } from '../../../../src/build/engine/engine-endpoint';
import type { EndpointRequest, EngineEndpoint } from '../../../../src/build/engine/engine-endpoint';
import { FileError } from '../../../../src/pigen/files/file-system';
import type { FileSystem } from '../../../../src/pigen/files/file-system';

/** Files by path; a folder is there where a file lies below it. */
function files(contents: Readonly<Record<string, string>>): FileSystem {
  return {
    readFile: (path) => {
      const text = contents[path];
      return text === undefined
        ? Promise.reject(new FileError('not-found', path))
        : Promise.resolve(new TextEncoder().encode(text));
    },
    readFolder: (path) => Promise.reject(new FileError('not-found', path)),
    realPath: () => Promise.resolve(undefined),
    stat: (path) => {
      const there = path in contents || Object.keys(contents).some((name) => name.startsWith(`${path}/`));
      return Promise.resolve(
        there ? { kind: 'other', size: 0, modified: 0, executable: undefined } : undefined,
      );
    },
  };
}

function resolve(request: Partial<EndpointRequest>) {
  return resolveEngineEndpoint({
    setting: '',
    environment: {},
    platform: 'linux',
    homeFolder: '/home/me',
    fileSystem: files({}),
    ...request,
  });
}

async function endpoint(request: Partial<EndpointRequest>): Promise<EngineEndpoint> {
  const result = await resolve(request);
  assert.ok(result.ok, result.ok ? '' : result.problem.message);
  return result.endpoint;
}

function contextFiles(
  name: string,
  meta: object,
  tls: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const id = createHash('sha256').update(name).digest('hex');
  const secrets = Object.entries(tls).map(([file, text]) => [
    `/home/me/.docker/contexts/tls/${id}/docker/${file}`,
    text,
  ]);
  return {
    '/home/me/.docker/config.json': JSON.stringify({ currentContext: name }),
    [`/home/me/.docker/contexts/meta/${id}/meta.json`]: JSON.stringify(meta),
    ...(Object.fromEntries(secrets) as Record<string, string>),
  };
}

describe('the engine', () => {
  it('is the usual socket where nothing is said', async () => {
    assert.deepEqual(await endpoint({}), {
      source: 'default',
      label: 'unix:///var/run/docker.sock',
      address: { kind: 'socket', path: '/var/run/docker.sock' },
    });
    const windows = await endpoint({ platform: 'win32' });
    assert.deepEqual(windows.address, { kind: 'socket', path: '//./pipe/docker_engine' });
    assert.equal(windows.label, 'npipe:////./pipe/docker_engine');
  });

  it("is Docker Desktop's socket, then a rootless one, where no other is there", async () => {
    const desktop = files({ '/home/me/.docker/run/docker.sock': '', '/run/user/1/docker.sock': '' });
    const environment = { XDG_RUNTIME_DIR: '/run/user/1' };
    assert.equal(
      (await endpoint({ fileSystem: desktop, environment })).label,
      'unix:///home/me/.docker/run/docker.sock',
    );
    const rootless = files({ '/run/user/1/docker.sock': '' });
    assert.equal(
      (await endpoint({ fileSystem: rootless, environment })).label,
      'unix:///run/user/1/docker.sock',
    );
  });

  it('is what the setting says before all else', async () => {
    const environment = { DOCKER_HOST: 'tcp://other:2375' };
    const found = await endpoint({ setting: '/run/my.sock', environment });
    assert.deepEqual([found.source, found.label], ['setting', 'unix:///run/my.sock']);
    assert.deepEqual((await endpoint({ setting: '\\\\.\\pipe\\mine' })).address, {
      kind: 'socket',
      path: '//./pipe/mine',
    });
  });

  it('is what DOCKER_HOST says before any context', async () => {
    const fileSystem = files(
      contextFiles('there', { Endpoints: { docker: { Host: 'unix:///context.sock' } } }),
    );
    const addresses = [
      ['tcp://box:1234', { kind: 'tcp', host: 'box', port: 1234, tls: undefined }],
      ['tcp://[::1]', { kind: 'tcp', host: '::1', port: 2375, tls: undefined }],
      ['box:1234', { kind: 'tcp', host: 'box', port: 1234, tls: undefined }],
      ['unix://', { kind: 'socket', path: '/var/run/docker.sock' }],
      ['npipe:////./pipe/x', { kind: 'socket', path: '//./pipe/x' }],
    ] as const;
    for (const [host, address] of addresses) {
      const found = await endpoint({ environment: { DOCKER_HOST: host }, fileSystem });
      assert.deepEqual(found.address, address, host);
      assert.equal(found.source, 'DOCKER_HOST');
    }
  });

  describe('is chosen in the order of the docker command', () => {
    const fileSystem = files({
      ...contextFiles('other', { Endpoints: { docker: { Host: 'tcp://other:2375' } } }),
      ...contextFiles('current', { Endpoints: { docker: { Host: 'tcp://current:2375' } } }),
    });
    const [usual, host] = ['unix:///var/run/docker.sock', 'tcp://host:2375'];
    // Tried with `docker context show` and `docker version` of 28.2; `docker --context` stands for the setting.
    for (const [setting, DOCKER_HOST, DOCKER_CONTEXT, label] of [
      ['', '', '', 'tcp://current:2375'],
      ['', '', 'other', 'tcp://other:2375'],
      ['', '', 'default', usual],
      ['', host, '', host],
      ['', host, 'other', host],
      ['', host, 'default', host],
      ['other', '', '', 'tcp://other:2375'],
      ['other', host, 'current', 'tcp://other:2375'],
      ['default', '', 'other', usual],
      ['default', host, '', host],
      ['tcp://set:2375', host, 'other', 'tcp://set:2375'],
      ['/run/set.sock', host, 'other', 'unix:///run/set.sock'],
    ] as const) {
      const given = `setting "${setting}", DOCKER_HOST "${DOCKER_HOST}", DOCKER_CONTEXT "${DOCKER_CONTEXT}"`;
      it(given, async () => {
        const environment = { DOCKER_HOST, DOCKER_CONTEXT };
        assert.equal((await endpoint({ setting, environment, fileSystem })).label, label);
      });
    }
  });

  it('is behind TLS where a context asks for it without certificates, and behind SSH where it names that', async () => {
    const skipping = files(
      contextFiles('far', { Endpoints: { docker: { Host: 'tcp://far', SkipTLSVerify: true } } }),
    );
    assert.deepEqual((await endpoint({ fileSystem: skipping })).address, {
      kind: 'tcp',
      host: 'far',
      port: 2376,
      tls: { ca: undefined, certificate: undefined, key: undefined, verify: false },
    });
    const ssh = files(contextFiles('far', { Endpoints: { docker: { Host: 'ssh://me@far:22' } } }));
    const { label, address } = await endpoint({ fileSystem: ssh });
    assert.deepEqual([label, address.kind], ['ssh://me@far:22', 'ssh']);
  });

  it('is secured by the certificates of DOCKER_CERT_PATH, or of the configuration folder', async () => {
    const fileSystem = files({
      '/certs/ca.pem': 'A',
      '/certs/cert.pem': 'C',
      '/certs/key.pem': 'K',
      '/own/ca.pem': 'O',
    });
    const base = { DOCKER_HOST: 'tcp://box', DOCKER_TLS_VERIFY: '1' };
    const secured = await endpoint({ environment: { ...base, DOCKER_CERT_PATH: '/certs' }, fileSystem });
    assert.deepEqual(secured.address, {
      kind: 'tcp',
      host: 'box',
      port: 2376,
      tls: { ca: 'A', certificate: 'C', key: 'K', verify: true },
    });
    const own = await endpoint({ environment: { ...base, DOCKER_CONFIG: '/own' }, fileSystem });
    assert.equal(own.address.kind === 'tcp' && own.address.tls?.ca, 'O');
  });

  it('is that of the current context, with its certificates', async () => {
    const meta = { Endpoints: { docker: { Host: 'tcp://far:2376', SkipTLSVerify: true } } };
    const fileSystem = files(contextFiles('far', meta, { 'ca.pem': 'CA' }));
    const found = await endpoint({ fileSystem });
    assert.deepEqual(found.source, 'context');
    assert.deepEqual(found.address, {
      kind: 'tcp',
      host: 'far',
      port: 2376,
      tls: { ca: 'CA', certificate: undefined, key: undefined, verify: false },
    });
    assert.equal(
      (await endpoint({ fileSystem, environment: { DOCKER_CONTEXT: 'default' } })).source,
      'default',
    );
    assert.equal((await endpoint({ fileSystem, setting: 'far' })).label, 'tcp://far:2376');
  });

  it('is told as missing where a context or an address is wrong, without showing a password', async () => {
    const unknown = await resolve({ environment: { DOCKER_CONTEXT: 'gone' } });
    assert.ok(!unknown.ok);
    assert.match(
      unknown.problem.message,
      /^DOCKER_CONTEXT names the Docker context "gone", which is not known/,
    );
    const current = await resolve({
      fileSystem: files({ '/home/me/.docker/config.json': '{"currentContext":"gone"}' }),
    });
    assert.ok(!current.ok);
    assert.match(
      current.problem.message,
      /^The docker command's configuration names the Docker context "gone"/,
    );
    const broken = contextFiles('far', { Endpoints: { docker: { Host: 'ftp://far' } } });
    const inside = await resolve({ setting: 'far', fileSystem: files(broken) });
    assert.ok(!inside.ok);
    assert.match(inside.problem.message, /^The Docker context "far" names the engine as "ftp:\/\/far"/);
    const set = await resolve({ setting: 'ftp://far' });
    assert.ok(!set.ok);
    assert.match(set.problem.message, /^The setting `pi-gen.docker.engine` names the engine as/);
    const wrong = await resolve({ environment: { DOCKER_HOST: 'ftp://me:secret@box' } });
    assert.ok(!wrong.ok);
    assert.equal(wrong.problem.kind, 'bad-endpoint');
    assert.ok(!JSON.stringify(wrong.problem).includes('secret'));
  });

  it('is reached over SSH, with the words that the docker command uses', async () => {
    const far = await endpoint({ environment: { DOCKER_HOST: 'ssh://me@box:2222/run/docker.sock' } });
    assert.equal(far.label, 'ssh://me@box:2222/run/docker.sock');
    assert.equal(far.address.kind, 'ssh');
    assert.deepEqual(sshWords(far.address), [
      ...[
        '-T',
        '-o',
        'BatchMode=yes',
        '-o',
        'ConnectTimeout=30',
        '-o',
        'ServerAliveInterval=15',
        '-o',
        'ServerAliveCountMax=3',
        '-l',
        'me',
        '-p',
        '2222',
      ],
      ...['--', 'box', 'docker', '--host', 'unix:///run/docker.sock', 'system', 'dial-stdio'],
    ]);
    const usual = await endpoint({ environment: { DOCKER_HOST: 'ssh://box' } });
    assert.equal(usual.address.kind, 'ssh');
    assert.deepEqual(sshWords(usual.address).slice(-4), ['box', 'docker', 'system', 'dial-stdio']);
  });

  it('is not behind SSH where a part of it could be an option or a command', async () => {
    for (const host of [
      'ssh://me:secret@box',
      'ssh://-oProxyCommand=x@box',
      'ssh://-oProxyCommand=x',
      'ssh://box/run/docker.sock;touch x',
      'ssh://box/$(x)',
    ]) {
      const far = await resolve({ environment: { DOCKER_HOST: host } });
      assert.ok(!far.ok, host);
      assert.equal(far.problem.kind, 'bad-endpoint');
      assert.ok(!JSON.stringify(far.problem).includes('secret'));
    }
  });

  it('is the usual one where the configuration is broken', async () => {
    const fileSystem = files({ '/home/me/.docker/config.json': '{ not json' });
    assert.equal((await endpoint({ fileSystem })).source, 'default');
  });
});
