import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { TemporaryFolder } from '../pigen/temporary-folder';
import { pigen, root } from './pigen';

const cwd = `${root}/test/fixtures/pi-gen`;

describe('an engine that cannot be one', () => {
  for (const [words, environment, told] of [
    [
      ['--engine', 'ftp://box'],
      {},
      /^pigen: `--engine` names the engine as "ftp:\/\/box", which is no address/,
    ],
    [['--context', 'attic'], {}, /^pigen: `--context` names the Docker context "attic", which is not known/],
    [['--engine', 'attic'], {}, /^pigen: `--engine` names the Docker context "attic", which is not known/],
    [[], { DOCKER_HOST: 'ftp://box' }, /^pigen: DOCKER_HOST names the engine as "ftp:\/\/box"/],
    [[], { DOCKER_CONTEXT: 'attic' }, /^pigen: DOCKER_CONTEXT names the Docker context "attic"/],
  ] as const) {
    const given = [...Object.entries(environment).map((pair) => pair.join('=')), ...words].join(' ');
    it(`is told by what names it: ${given}`, async () => {
      const env = { DOCKER_CONFIG: `${cwd}/none`, DOCKER_HOST: '', ...environment };
      const { code, err } = await pigen(['attach', ...words], { cwd, env });
      assert.equal(code, 2);
      assert.match(err, told);
      assert.doesNotMatch(err, /pi-gen\.docker\.engine/);
    });
  }
});

describe('engines that all are nowhere', () => {
  it('are told for each build, and end with 2', async () => {
    const folder = await TemporaryFolder.create();
    try {
      const configs = ['one', 'two'].map((name) => folder.write(`config-${name}`, "IMG_NAME='tiny'\n"));
      const words = (await Promise.all(configs)).flatMap((config) => ['--config', config]);
      const engines = ['a', 'b'].flatMap((name) => ['--engine', `unix://${folder.path}/${name}.sock`]);
      const { code, err } = await pigen(['build', ...words, ...engines, '--output', folder.path], { cwd });
      assert.equal(code, 2);
      for (const name of ['one', 'two'])
        assert.match(err, new RegExp(`^\\[config-${name}\\] Start Docker`, 'm'), err);
    } finally {
      await folder.remove();
    }
  });
});

/** Stands in for an engine that runs without root's rights, which pi-gen cannot be built on. */
describe('a rootless engine', () => {
  let folder: TemporaryFolder;
  const server = http.createServer((request, response) => {
    const asked = request.url ?? '';
    if (asked === '/_ping') response.end('OK');
    else if (asked === '/info') {
      const info = { ID: 'it', Architecture: 'x86_64', ServerVersion: '28.2.0' };
      response.end(JSON.stringify({ ...info, SecurityOptions: ['name=seccomp', 'name=rootless'] }));
    } else if (asked === '/version') response.end('{}');
    else if (asked.endsWith('/json') || asked.includes('/json?')) response.end('[]');
    else response.writeHead(404).end('{}');
  });
  before(async () => {
    folder = await TemporaryFolder.create();
    server.listen(`${folder.path}/engine.sock`);
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await folder.remove();
  });

  for (const format of ['pretty', 'json'] as const) {
    it(`is told once by a build: --format ${format}`, async () => {
      const words = ['build', '--engine', `unix://${folder.path}/engine.sock`, '--output', folder.path];
      const { code, out, err } = await pigen([...words, '--format', format], { cwd, env: {} });
      assert.equal(code, 2);
      const told = format === 'json' ? out : out + err;
      assert.equal(told.split('runs rootless').length - 1, 1, told);
      assert.doesNotMatch(told, /no-preflight/);
    });
  }
});
