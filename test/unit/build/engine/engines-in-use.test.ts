import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { Server, Socket } from 'node:net';
import { enginesInUse } from '../../../../src/build/clean-up/engines-in-use';
import { NodeFileSystem } from '../../../../src/pigen/files/node-file-system';
import { TemporaryFolder } from '../../pigen/temporary-folder';

/** Stands in for engines; two real ones are in test/engine/far.test.ts. */
describe('the engines that may hold something of builds', () => {
  let home: TemporaryFolder;
  const servers: Server[] = [];
  const open = new Set<Socket>();
  beforeEach(async () => {
    home = await TemporaryFolder.create();
  });
  afterEach(async () => {
    for (const socket of open) socket.destroy();
    for (const server of servers.splice(0)) server.close();
    await home.remove();
  });

  async function listen(server: Server, name: string): Promise<string> {
    servers.push(server);
    server.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => undefined).once('close', () => open.delete(socket));
    });
    server.listen(`${home.path}/${name}.sock`);
    await once(server, 'listening');
    return `unix://${home.path}/${name}.sock`;
  }

  const engine = (id: string): Server =>
    http.createServer((_request, response) => {
      const own = { DockerRootDir: `/var/lib/${id}` };
      // Those of one machine may have one ID.
      response.end(JSON.stringify({ ...own, ID: 'ABCD', Name: 'box', Architecture: 'x86_64' }));
    });

  async function context(name: string, host: string): Promise<void> {
    const id = createHash('sha256').update(name).digest('hex');
    const meta = { Name: name, Endpoints: { docker: { Host: host } } };
    await home.write(`.docker/contexts/meta/${id}/meta.json`, JSON.stringify(meta));
  }

  const inUse = (setting: string, limit?: number) =>
    enginesInUse(
      {
        ...{ setting, environment: {}, platform: 'linux', homeFolder: home.path },
        fileSystem: new NodeFileSystem(),
      },
      [`${home.path}/deploy`],
      new AbortController().signal,
      limit,
    );

  it('are the usual one, those of contexts and those of records, each once by whatever address; one that hangs or is gone is told', async () => {
    const usual = await listen(engine('one'), 'usual');
    await context('again', await listen(engine('one'), 'again'));
    await context('attic', await listen(engine('two'), 'attic'));
    await context('hung', await listen(net.createServer(), 'hung'));
    const recorded = await listen(engine('three'), 'recorded');
    const record = { session: 's', treeRoot: home.path, deployFolder: `${home.path}/deploy`, began: '' };
    for (const [name, label] of Object.entries({ here: recorded, gone: `unix://${home.path}/gone.sock` }))
      await home.write(
        `deploy/${name}/.build-docker.log.state`,
        JSON.stringify({ ...record, engine: label }),
      );
    const found = await inUse(usual, 2000);
    assert.equal(found.usual, usual);
    const ids = found.engines.map(({ id }) => id.split('/').at(-1));
    assert.equal(ids[0], 'one');
    // Of this machine's own there may be one at the usual place.
    for (const id of ['one', 'two', 'three']) assert.equal(ids.filter((other) => other === id).length, 1, id);
    assert.deepEqual(found.problems.map(({ message }) => /(\w+)\.sock/.exec(message)?.[1]).sort(), [
      'gone',
      'hung',
    ]);
  });

  it('are told without the usual one where what names that is wrong', async () => {
    const { usual, problems } = await inUse('ftp://nowhere', 2000);
    assert.equal(usual, undefined);
    assert.match(problems[0]?.message ?? '', /ftp:\/\/nowhere/);
  });
});
