// Sees to the base images that the trees of the suite build on: pulled where a registry answers, else made of packages.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { clientOf } from './engine.mjs';
import { run } from './run.mjs';

const images = ['debian:trixie', 'i386/debian:trixie'];

/** @param {string} host */
export async function ensureBaseImages(host) {
  const docker = clientOf(host);
  const missing = [];
  for (const image of images) {
    if (!(await isThere(docker, image)) && !(await pull(docker, image))) missing.push(image);
  }
  if (missing.length === 0) return;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error(`The engine lacks ${missing.join(' and ')} and cannot pull them.`);
  }
  await importFromPackages(docker, missing);
}

async function isThere(docker, image) {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch {
    return false;
  }
}

async function pull(docker, image) {
  try {
    const progress = await docker.pull(image);
    await new Promise((resolve, reject) => {
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
    return await isThere(docker, image);
  } catch {
    return false;
  }
}

/** A minimal Debian of the machine's own architecture stands in for both: the trees of the suite care for neither. */
async function importFromPackages(docker, missing) {
  const folder = await mkdtemp(path.join(tmpdir(), 'pigen-base-'));
  try {
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'debootstrap']);
    const root = path.join(folder, 'root');
    await run('debootstrap', ['--variant=minbase', 'trixie', root, await mirror()]);
    const [first, ...others] = missing;
    const [name, tag] = first.split(':');
    const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const done = once(tar, 'exit');
    const progress = await docker.importImage(tar.stdout, { repo: name, tag });
    progress.resume();
    await done;
    await once(progress, 'end');
    for (const other of others) {
      const [repo, otherTag] = other.split(':');
      await docker.getImage(first).tag({ repo, tag: otherTag });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The package mirror that this machine uses. */
export async function mirror() {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const found = /^URIs:\s*(\S+)/m.exec(text) ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/m.exec(text);
    if (found !== null) return found[1];
  }
  return 'http://deb.debian.org/debian';
}
