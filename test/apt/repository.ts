import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Answers a request in the place of the repository; false leaves it to the repository. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * An apt repository on this machine, of the package files in test/fixtures/apt: with Release files and compressed indexes as
 * Debian's archive has them.
 */
export class TestRepository {
  /** What was asked for, by path, in order. */
  readonly requests: string[] = [];
  misbehave: Misbehaviour = () => false;

  private constructor(
    private readonly server: Server,
    /** By path. Tests may change it. */
    readonly files: Map<string, Uint8Array>,
  ) {}

  /** @param fixtures absolute path of test/fixtures/apt */
  static async start(fixtures: string): Promise<TestRepository> {
    const files = await repositoryFiles(fixtures);
    const server = createServer((request, response) => {
      const asked = decodeURIComponent(request.url ?? '');
      repository.requests.push(asked);
      if (repository.misbehave(request, response)) return;
      const content = files.get(asked);
      if (content === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-length': content.byteLength }).end(content);
    });
    const repository = new TestRepository(server, files);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return repository;
  }

  /** With `/` at its end. */
  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

async function repositoryFiles(fixtures: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const names = await readdir(fixtures, { recursive: true });
  for (const name of names.map((one) => one.replaceAll('\\', '/'))) {
    const [, archive, suite, component, architecture] =
      /^([\w-]+)\/([\w-]+)\/([\w-]+)\.(\w+)\.packages$/.exec(name) ?? [];
    if (archive === undefined || suite === undefined) continue;
    const text = await readFile(path.join(fixtures, name));
    const folder = `/${archive}/dists/${suite}/${component ?? ''}/binary-${architecture ?? ''}`;
    files.set(`${folder}/Packages`, text);
    files.set(`${folder}/Packages.gz`, gzipSync(text));
  }
  for (const folder of new Set([...files.keys()].map((file) => file.split('/').slice(0, 4).join('/')))) {
    writeRelease(files, folder);
  }
  return files;
}

/** Writes the Release file of a folder anew, signed as far as its form goes. */
export function writeRelease(
  files: Map<string, Uint8Array>,
  folder: string,
  fields = 'Architectures: all armhf arm64\nComponents: main\nNo-Support-for-Architecture-all: Packages\n',
): void {
  const listed = [...files].filter(
    ([name]) => name.startsWith(`${folder}/`) && !/\/(?:In)?Release$/.test(name),
  );
  const sums = listed.map(([name, content]) => {
    const sum = createHash('sha256').update(content).digest('hex');
    return ` ${sum} ${String(content.byteLength).padStart(8)} ${name.slice(folder.length + 1)}\n`;
  });
  const head = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n';
  const tail = '-----BEGIN PGP SIGNATURE-----\n\niHUEABYIAB0=\n-----END PGP SIGNATURE-----\n';
  const text = `${head}Origin: fixture\nDate: Sat, 12 Sep 2026 07:55:41 UTC\n${fields}SHA256:\n${sums.join('')}${tail}`;
  files.set(`${folder}/InRelease`, Buffer.from(text));
}

/** Copies the tree of test/fixtures/apt, its sources with an address put in. */
export async function copyAptTree(fixtures: string, to: string, address: string): Promise<void> {
  await cp(path.join(fixtures, 'tree'), to, { recursive: true });
  await putInAddress(to, address);
}

/** Puts an address into the sources of a copy of that tree. */
export async function putInAddress(tree: string, address: string): Promise<void> {
  const files = [
    'prerun.sh',
    '00-configure-apt/files/raspbian.sources',
    '00-configure-apt/files/archive.list',
  ];
  for (const file of files.map((name) => path.join(tree, 'stage0', name))) {
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('http://repository.example/', address));
  }
}
