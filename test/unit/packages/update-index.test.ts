import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchLimits } from '../../../src/packages/fetch-names';
import { IndexStore } from '../../../src/packages/index-store';
import { StoredIndex } from '../../../src/packages/stored-index';
import { updateIndex } from '../../../src/packages/update-index';
import type { UpdateResult } from '../../../src/packages/update-index';
import { partKey } from '../../../src/pigen/apt/apt-sources';
import type { RepositoryPart } from '../../../src/pigen/apt/apt-sources';
import { TestRepository, writeRelease } from '../../apt/repository';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/apt');
const trixie = '/raspbian/dists/trixie';
const packages = `${trixie}/main/binary-armhf/Packages`;

describe('updating the package index', () => {
  let repository: TestRepository;
  let folder: string;
  let store: IndexStore;

  beforeEach(async () => {
    repository = await TestRepository.start(fixtures);
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'pigen-index-')), 'index');
    store = new IndexStore(folder);
  });

  afterEach(async () => {
    await repository.stop();
    await rm(path.dirname(folder), { recursive: true, force: true });
  });

  function part(own: Partial<RepositoryPart> = {}): RepositoryPart {
    return {
      uri: `${repository.address}raspbian/`,
      suite: 'trixie',
      component: 'main',
      architecture: 'armhf',
      ...own,
    };
  }

  function update(
    parts: readonly RepositoryPart[] = [part()],
    limits: Partial<typeof fetchLimits> = {},
    signal = new AbortController().signal,
  ): Promise<UpdateResult> {
    return updateIndex(store, parts, { signal, limits: { ...fetchLimits, ...limits } });
  }

  /** What is unknown of some names, by a store that has read nothing yet. */
  async function unknown(names: readonly string[], parts = [part()]): Promise<readonly string[]> {
    const answers = await new StoredIndex(new IndexStore(folder)).lookUp(parts, new Set(names));
    return names.filter((name) => answers.unknown(name) !== undefined);
  }

  async function leftovers(): Promise<readonly string[]> {
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => name !== 'index.json' && !name.endsWith('.gz'));
  }

  /** The one failure, with its reason; nothing is kept, and nothing left behind. */
  async function fails(reason: RegExp, limits: Partial<typeof fetchLimits> = {}): Promise<void> {
    const { updated, failures } = await update([part()], limits);
    assert.deepEqual(updated, []);
    assert.equal(failures.length, 1);
    assert.match(failures[0]!.reason, reason);
    assert.equal((await new IndexStore(folder).contents()).size, 0);
    assert.deepEqual(await leftovers(), []);
  }

  it('knows the packages of a repository, and what they provide', async () => {
    const { updated, failures } = await update();
    assert.deepEqual({ updated, failures }, { updated: [part()], failures: [] });
    assert.deepEqual(
      await unknown(['vim', 'g++', 'mail-transport-agent', 'postfix-tls', 'libssl3', 'pyhton3', 'this']),
      ['pyhton3', 'this'],
    );
    assert.deepEqual(await leftovers(), []);
  });

  it('answers without the repository once it is fetched', async () => {
    await update();
    const asked = repository.requests.length;
    assert.deepEqual(await unknown(['vim', 'nano']), ['nano']);
    assert.equal(repository.requests.length, asked);
  });

  it('takes the compressed file, and asks again only for the Release file where nothing changed', async () => {
    await update();
    await update();
    assert.deepEqual(repository.requests, [`${trixie}/InRelease`, `${packages}.gz`, `${trixie}/InRelease`]);
    assert.deepEqual(await unknown(['vim']), []);
  });

  it('fetches what has changed', async () => {
    await update();
    const text = 'Package: nano\nArchitecture: armhf\n\n';
    repository.files.set(packages, Buffer.from(text));
    repository.files.set(`${packages}.gz`, gzipSync(text));
    writeRelease(repository.files, trixie);
    await update();
    assert.deepEqual(await unknown(['vim', 'nano']), ['vim']);
  });

  it('keeps releases and architectures apart, and knows where else a package is', async () => {
    const bookworm = part({ suite: 'bookworm' });
    const archive = { ...part(), uri: `${repository.address}archive/` };
    const arm64 = { ...archive, architecture: 'arm64' };
    await update([part(), bookworm, archive, arm64]);
    const answers = await new StoredIndex(new IndexStore(folder)).lookUp(
      [part(), archive],
      new Set(['libicu72', 'linux-image-rpi-v8', 'raspi-config', 'vim']),
    );
    assert.deepEqual(answers.unknown('libicu72'), {
      nearest: ['libicu76'],
      elsewhere: [{ suite: 'bookworm', architecture: 'armhf' }],
    });
    assert.deepEqual(answers.unknown('linux-image-rpi-v8')?.elsewhere, [
      { suite: 'trixie', architecture: 'arm64' },
    ]);
    assert.equal(answers.unknown('raspi-config'), undefined);
    assert.equal(answers.unknown('vim'), undefined);
    assert.equal(answers.covers(bookworm), false);
  });

  it('covers a part that the repository has not', async () => {
    const absent = part({ architecture: 'riscv64' });
    await update([part(), absent]);
    const answers = await new StoredIndex(store).lookUp([part(), absent], new Set(['vim']));
    assert.ok(answers.covers(absent));
  });

  it('reads xz where there is no gzip, and the plain file where there is neither', async () => {
    const packed = await readFile(path.join(fixtures, 'packed/main.armhf.packages.xz'));
    repository.files.delete(`${packages}.gz`);
    repository.files.set(`${packages}.xz`, packed);
    writeRelease(repository.files, trixie);
    assert.deepEqual((await update()).failures, []);
    assert.ok(repository.requests.includes(`${packages}.xz`));
    assert.deepEqual(await unknown(['vim', 'nano']), ['nano']);

    await rm(folder, { recursive: true });
    repository.files.delete(`${packages}.xz`);
    writeRelease(repository.files, trixie);
    assert.deepEqual((await update()).failures, []);
    assert.deepEqual(await unknown(['vim', 'nano']), ['nano']);
  });

  describe('with xz', () => {
    let packed: Buffer;
    beforeEach(async () => {
      packed = await readFile(path.join(fixtures, 'packed/main.armhf.packages.xz'));
      repository.files.delete(`${packages}.gz`);
      repository.files.set(`${packages}.xz`, packed);
      writeRelease(repository.files, trixie);
    });

    it('takes no file whose hash is another', async () => {
      repository.files.set(`${packages}.xz`, Buffer.concat([packed, Buffer.alloc(4)]));
      await fails(/vouches for/);
      repository.files.set(`${packages}.xz`, packed.with(packed.length - 1, 0));
      await fails(/vouches for|cannot be unpacked/);
    });

    it('tells what is none', async () => {
      repository.files.set(`${packages}.xz`, Buffer.from('<html>Welcome to the hotel</html>'));
      writeRelease(repository.files, trixie);
      await fails(/cannot be unpacked/);
    });

    it('gives up a server that says nothing, and stops when told to', async () => {
      const stop = new AbortController();
      let onRequest = (): void => undefined;
      repository.misbehave = ({ url }, response) => {
        if (url !== `${packages}.xz`) return false;
        response.writeHead(200).write(packed.subarray(0, 100), onRequest);
        return true;
      };
      await fails(/sent nothing for 0\.05 seconds/, { patience: 50 });
      onRequest = () => {
        stop.abort();
      };
      await assert.rejects(update([part()], {}, stop.signal), { name: 'AbortError' });
      assert.deepEqual(await leftovers(), []);
    });
  });

  it('asks by hash where the repository offers it, and by name where a mirror does not', async () => {
    writeRelease(repository.files, trixie, 'Acquire-By-Hash: yes\nArchitectures: armhf\n');
    assert.deepEqual((await update()).failures, []);
    assert.match(repository.requests[1]!, /\/main\/binary-armhf\/by-hash\/SHA256\/[0-9a-f]{64}$/);
    assert.equal(repository.requests[2], `${packages}.gz`);
  });

  it('reads binary-all where it is apart, once for all architectures', async () => {
    const all = `${trixie}/main/binary-all/Packages`;
    repository.files.set(all, Buffer.from('Package: only-all\nArchitecture: all\n\n'));
    writeRelease(repository.files, trixie, 'Architectures: all armhf arm64\n');
    const arm64 = part({ architecture: 'arm64' });
    await update([part(), arm64]);
    assert.deepEqual(await unknown(['only-all', 'vim']), []);
    assert.deepEqual(await unknown(['only-all', 'vim'], [arm64]), ['vim']);
    assert.equal(repository.requests.filter((asked) => asked === all).length, 1);
  });

  it('reads a flat repository, with Release in the place of InRelease', async () => {
    repository.files.set('/flat/Packages', Buffer.from('Package: own-tool\n\n'));
    writeRelease(repository.files, '/flat');
    repository.files.set('/flat/Release', repository.files.get('/flat/InRelease')!);
    repository.files.delete('/flat/InRelease');
    const flat = part({ uri: `${repository.address}flat/`, suite: './', component: '' });
    assert.deepEqual((await update([flat])).failures, []);
    assert.deepEqual(await unknown(['own-tool', 'vim'], [flat]), ['vim']);
  });

  it('follows a redirect', async () => {
    repository.misbehave = ({ url = '' }, response) => {
      if (!url.startsWith('/moved/')) return false;
      response.writeHead(302, { location: url.replace('/moved/', '/raspbian/') }).end();
      return true;
    };
    const moved = part({ uri: `${repository.address}moved/` });
    assert.deepEqual((await update([moved])).failures, []);
    assert.deepEqual(await unknown(['vim'], [moved]), []);
  });

  it('does not follow redirects in a circle', async () => {
    repository.misbehave = ({ url = '' }, response) => {
      response.writeHead(302, { location: url }).end();
      return true;
    };
    await fails(/cannot be reached/);
  });

  it('takes no file whose hash is another', async () => {
    repository.files.set(`${packages}.gz`, gzipSync('Package: forged\nArchitecture: armhf\n\n'));
    await fails(/is not the file that the repository vouches for/);
  });

  it('takes no file of the right length whose hash is another', async () => {
    const right = repository.files.get(`${packages}.gz`)!;
    repository.files.set(`${packages}.gz`, right.with(right.length - 9, right.at(-9)! ^ 1));
    await fails(/vouches for|cannot be unpacked/);
  });

  it('tells a repository that is not there', async () => {
    repository.files.delete(`${trixie}/InRelease`);
    await fails(/no such file/);
  });

  it('tells a file that is not there', async () => {
    repository.files.delete(`${packages}.gz`);
    await fails(/no such file/);
  });

  it('tells an answer that breaks off', async () => {
    repository.misbehave = ({ url }, response) => {
      if (url !== `${packages}.gz`) return false;
      const whole = repository.files.get(`${packages}.gz`)!;
      response.writeHead(200, { 'content-length': whole.byteLength });
      response.write(whole.subarray(0, 40), () => response.destroy());
      return true;
    };
    await fails(/cannot be reached/);
  });

  it('tells what is no gzip', async () => {
    repository.files.set(`${packages}.gz`, Buffer.from('<html>Welcome to the hotel</html>'));
    writeRelease(repository.files, trixie);
    await fails(/cannot be unpacked/);
  });

  it('tells a page in the place of a Release file', async () => {
    repository.files.set(`${trixie}/InRelease`, Buffer.from('<html>Welcome to the hotel</html>'));
    await fails(/lists no SHA-256/);
  });

  it('tells what names no package', async () => {
    repository.files.set(`${packages}.gz`, gzipSync('not at all\na list of packages\n'));
    writeRelease(repository.files, trixie);
    await fails(/names no package/);
  });

  it('takes no Release file beyond its limit', async () => {
    await fails(/has more than/, { releaseSize: 100 });
  });

  it('takes no packages beyond their limit, sent or unpacked', async () => {
    await fails(/has more than/, { packagesSize: 100 });
    repository.files.set(`${packages}.gz`, gzipSync(Buffer.alloc(4 * 1024 * 1024, 'Package: a\n')));
    writeRelease(repository.files, trixie);
    await fails(/unpacks to more/, { unpackedSize: 1024 * 1024 });
  });

  it('gives up a server that says nothing', async () => {
    repository.misbehave = ({ url }) => url === `${packages}.gz`;
    await fails(/sent nothing for 0\.05 seconds/, { patience: 50 });
  });

  it('stops a hanging fetch when told to, and leaves nothing behind but what is complete', async () => {
    const stop = new AbortController();
    const archive = { ...part(), uri: `${repository.address}archive/` };
    repository.misbehave = ({ url }, response) => {
      if (url !== `${packages}.gz`) return false;
      response.writeHead(200).write(repository.files.get(url)!.subarray(0, 20), () => {
        stop.abort();
      });
      return true;
    };
    await assert.rejects(update([archive, part()], {}, stop.signal), { name: 'AbortError' });
    assert.deepEqual([...(await new IndexStore(folder).contents()).keys()], [partKey(archive)]);
    assert.deepEqual(await leftovers(), []);
  });

  it('asks nobody when it is stopped before it begins', async () => {
    await assert.rejects(update([part()], {}, AbortSignal.abort()), { name: 'AbortError' });
    assert.deepEqual(repository.requests, []);
  });

  it('keeps what is known of a repository that cannot be asked, and asks the others', async () => {
    const archive = { ...part(), uri: `${repository.address}archive/` };
    await update([part(), archive]);
    repository.files.delete(`${trixie}/InRelease`);
    const { updated, failures } = await update([part(), archive]);
    assert.deepEqual(updated, [archive]);
    assert.deepEqual(
      failures.map(({ url }) => url),
      [`${repository.address}raspbian/dists/trixie/InRelease`],
    );
    assert.deepEqual(await unknown(['vim']), []);
  });

  it('tells an address where nobody listens', async () => {
    const gone = part({ uri: `${repository.address}raspbian/` });
    await repository.stop();
    const { failures } = await update([gone]);
    assert.match(failures[0]!.reason, /cannot be reached \(ECONNREFUSED\)/);
    repository = await TestRepository.start(fixtures);
  });

  it('rejects where nothing can be written', async () => {
    await writeFile(folder, 'a file in the place of the folder');
    await assert.rejects(update());
  });

  it('takes a broken index for none', async () => {
    await update();
    const file = path.join(folder, 'index.json');
    for (const broken of [
      '',
      '{',
      '[]',
      '{"version":2,"parts":[]}',
      '{"version":1,"parts":[{"file":"../x"}]}',
    ]) {
      await writeFile(file, broken);
      assert.equal(await new StoredIndex(new IndexStore(folder)).isPresent(), false, broken);
    }
  });

  it('does not cover a part whose names are lost or broken', async () => {
    await update();
    const file = (await readdir(folder)).find((name) => name.endsWith('.gz'))!;
    for (const spoil of [() => writeFile(path.join(folder, file), 'x'), () => rm(path.join(folder, file))]) {
      await spoil();
      const answers = await new StoredIndex(new IndexStore(folder)).lookUp([part()], new Set(['vim']));
      assert.equal(answers.covers(part()), false);
    }
  });

  it('says how old the oldest part is', async () => {
    const day = 24 * 60 * 60 * 1000;
    const { signal } = new AbortController();
    await updateIndex(store, [part()], { signal, now: () => 10 * day });
    const index = new StoredIndex(store, () => 73.5 * day);
    assert.equal((await index.lookUp([part()], new Set(['vim']))).age, 63);
  });

  it('says where a package is, what is near one that is nowhere, and which begin so', async () => {
    const absent = part({ suite: 'sid' });
    await updateIndex(store, [part()], { signal: new AbortController().signal });
    const index = new StoredIndex(store);
    const found = await index.find([part(), absent], 'vim');
    assert.deepEqual(found, { parts: [part()], unknownParts: 1, nearest: [], age: 0 });
    assert.deepEqual((await index.find([part()], 'network-manger'))?.nearest, ['network-manager']);
    assert.equal(await index.find([absent], 'vim'), undefined);
    const names = await index.startingWith([part(), absent], 'vi', 5);
    assert.ok(names.includes('vim'), names.join());
    assert.ok(names.every((name) => name.startsWith('vi')));
  });

  it('tells how far it is', async () => {
    const told: string[] = [];
    const { signal } = new AbortController();
    await updateIndex(store, [part(), part({ suite: 'bookworm' })], {
      signal,
      onProgress: ({ done, total, repository: name }) => told.push(`${done}/${total} ${name}`),
    });
    const uri = `${repository.address}raspbian/`;
    assert.deepEqual(told, [
      `0/2 ${uri} trixie`,
      `1/2 ${uri} trixie`,
      `1/2 ${uri} bookworm`,
      `2/2 ${uri} bookworm`,
    ]);
  });

  it('lets two updates at once keep both what they fetched', async () => {
    const other = part({ suite: 'bookworm' });
    const second = updateIndex(new IndexStore(folder), [other], { signal: new AbortController().signal });
    await Promise.all([update(), second]);
    await update([part(), other]);
    assert.deepEqual(
      new Set((await new IndexStore(folder).contents()).keys()),
      new Set([partKey(part()), partKey(other)]),
    );
    assert.deepEqual(await leftovers(), []);
  });
});
