// Starts Podman's service for Docker's API: its socket, its data, its locks and its processes are the test's own, and go when it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { clientOf, comesToAnswer, endProcess, lesserRuntime, unmountBelow } from './engine.mjs';
import { run } from './run.mjs';

/** Needs root on a Debian-like machine, and says so where it is another. */
export async function startPodman() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('Podman is tested as root on Linux, as the service of the system.');
  }
  await installPodman();
  const folder = await mkdtemp(path.join(tmpdir(), 'pigen-podman-'));
  const host = `unix://${folder}/podman.sock`;
  for (const name of ['root', 'run', 'networks']) await mkdir(path.join(folder, name));
  const config = path.join(folder, 'containers.conf');
  await writeFile(config, configOf(folder, await lesserRuntime(folder)));
  const env = { ...process.env, CONTAINERS_CONF: config };
  const places = ['--root', path.join(folder, 'root'), '--runroot', path.join(folder, 'run')];
  let service;
  const stop = async () => {
    // Each container has a process of its own beside the service, and mounts.
    await run('podman', [...places, 'rm', '--all', '--force', '--time', '0'], env);
    await endProcess(service, 'SIGTERM');
    await endMonitors(folder);
    await unmountBelow(folder);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    service = await launch([...places, 'system', 'service', '--time', '0', host], env, host);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
}

/**
 * Whatever a machine's own settings say. Locks in files: those in shared memory are the whole machine's.
 * @param {string} folder @param {string | undefined} runtime a program in runc's place
 */
function configOf(folder, runtime) {
  return `[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "${folder}/tmp"
runtime = "tested"
[engine.runtimes]
tested = ["${runtime ?? '/usr/sbin/runc'}"]
[network]
network_config_dir = "${folder}/networks"
`;
}

/**
 * Podman watches over each program that it started in a container for five minutes more, and looks into its data then.
 * @param {string} folder
 */
async function endMonitors(folder) {
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    if (!words.includes(`${folder}/`)) continue;
    try {
      process.kill(Number(id), 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** @param {readonly string[]} words @param {Record<string, string | undefined>} env @param {string} host */
async function launch(words, env, host) {
  const service = spawn('podman', words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  service.stderr.setEncoding('utf8').on('data', (text) => (told = `${told}${text}`.slice(-4000)));
  if (await comesToAnswer(host, service)) return service;
  await endProcess(service, 'SIGKILL');
  throw new Error(`Podman's service did not start. Its last words:\n${told}`);
}

async function installPodman() {
  try {
    await run('podman', ['--version']);
  } catch {
    await run('apt-get', ['update', '-qq']);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'podman', 'runc']);
  }
}

/**
 * Hands an image of one engine to another, under the name of one that would have been pulled there.
 * @param {string} from address of an engine @param {string} name @param {string} to address of an engine @param {string} newName
 */
export async function copyImage(from, name, to, newName) {
  const source = clientOf(from).getImage(name);
  const { Id: id } = await source.inspect();
  const target = clientOf(to);
  const told = await target.loadImage(await source.get());
  told.resume();
  await once(told, 'end');
  const [repository, tag] = newName.split(':');
  // Podman takes a short name for one of its own images.
  await target
    .getImage(id)
    .tag({ repo: `docker.io/${repository.includes('/') ? repository : `library/${repository}`}`, tag });
}
