import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { engineOfLabel, knownEngines } from '../../../../src/build/engine/known-engines';
import { NodeFileSystem } from '../../../../src/pigen/files/node-file-system';
import { TemporaryFolder } from '../../pigen/temporary-folder';

describe('the engines that are known on a machine', () => {
  let home: TemporaryFolder;
  beforeEach(async () => {
    home = await TemporaryFolder.create();
  });
  afterEach(() => home.remove());

  async function context(name: string, host: string, certificate?: string): Promise<void> {
    const id = createHash('sha256').update(name).digest('hex');
    const meta = { Name: name, Endpoints: { docker: { Host: host } } };
    await home.write(`.docker/contexts/meta/${id}/meta.json`, JSON.stringify(meta));
    if (certificate !== undefined) await home.write(`.docker/contexts/tls/${id}/docker/ca.pem`, certificate);
  }

  const request = (setting = '', environment: Readonly<Record<string, string>> = {}) => ({
    setting,
    environment,
    platform: 'linux' as const,
    homeFolder: home.path,
    fileSystem: new NodeFileSystem(),
  });

  it('begin with the one that a build takes by itself; each address is there once, and one of a broken context is not', async () => {
    await context('shed', 'ssh://me@shed');
    await context('attic', 'tcp://attic:2376', 'their certificate');
    await context('again', 'ssh://me@shed');
    await context('broken', '');
    await home.write('.docker/contexts/meta/none/meta.json', '{ not json');
    const known = await knownEngines(
      request('unix:///run/near.sock', { DOCKER_HOST: 'unix:///run/usual.sock' }),
    );
    assert.deepEqual(
      known.map(({ name, endpoint }) => [name, endpoint.label]),
      [
        ['', 'unix:///run/near.sock'],
        ['default', 'unix:///run/usual.sock'],
        ['again', 'ssh://me@shed'],
        ['attic', 'tcp://attic:2376'],
      ],
    );
  });

  it('are one where no context is', async () => {
    const known = await knownEngines(request('', { DOCKER_HOST: 'unix:///run/usual.sock' }));
    assert.deepEqual(
      known.map(({ name }) => name),
      [''],
    );
  });

  it('are found again by their address, with the certificates of the context', async () => {
    await context('attic', 'tcp://attic:2376', 'their certificate');
    const found = await engineOfLabel(request(), 'tcp://attic:2376');
    assert.ok(found.ok && found.endpoint.address.kind === 'tcp');
    assert.equal(found.endpoint.address.tls?.ca, 'their certificate');
    const other = await engineOfLabel(request(), 'tcp://cellar:2375');
    assert.ok(other.ok && other.endpoint.address.kind === 'tcp');
    assert.deepEqual([other.endpoint.address.host, other.endpoint.address.tls], ['cellar', undefined]);
  });
});
