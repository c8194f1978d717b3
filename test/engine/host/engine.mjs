// Finds a Docker engine, or starts one of its own: its socket, its data and its process go when the suite ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { run } from './run.mjs';

/** @param {string} host */
export function clientOf(host) {
  if (host.startsWith('unix://'))
    return new Docker({ host: undefined, socketPath: host.slice('unix://'.length) });
  return new Docker();
}

/** The address of an engine that answers: DOCKER_HOST's, or the usual socket's. */
export async function answeringEngine() {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  try {
    await clientOf(host).ping();
    return host;
  } catch (error) {
    // A named engine that does not answer is a mistake to be told, not a reason to start another one.
    if (process.env.DOCKER_HOST !== undefined) {
      throw new Error(`No Docker engine answers at DOCKER_HOST=${host}: ${error.message}`, { cause: error });
    }
    return undefined;
  }
}

/**
 * Starts dockerd in a folder of its own. Needs root on a Debian-like machine, and says so where it is another.
 * @param {{ dataSize?: string, restartable?: boolean, words?: readonly string[], hidden?: string }} [options] `dataSize`: its data lie in memory, so
 * large at most; `restartable`: what runs the containers is a process of its own, as a machine's services are, and outlives dockerd;
 * `words`: more options of dockerd; `hidden`: a folder of this machine that it does not see; `loopless`: as if the machine had no
 * loop devices
 */
export async function startEngine({
  dataSize,
  restartable = false,
  words = [],
  hidden,
  loopless = false,
} = {}) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error(
      'The engine suite needs a Docker engine: start Docker, or set DOCKER_HOST. (As root on Debian it starts one itself.)',
    );
  }
  await installEngine();
  const folder = await mkdtemp(path.join(tmpdir(), 'pigen-engine-'));
  // Who root of a container is where user namespaces are remapped has to come through to the data.
  await chmod(folder, 0o711);
  const host = `unix://${folder}/docker.sock`;
  await mkdir(path.join(folder, 'data'));
  if (dataSize !== undefined) {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${dataSize}`, 'tmpfs', path.join(folder, 'data')]);
  }
  const lesser = await lesserRuntime(folder);
  const all = [
    ...['--host', host, '--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`],
    ...['--pidfile', `${folder}/dockerd.pid`, '--bridge', await bridge()],
    ...['--iptables=false', '--ip6tables=false'],
    ...(lesser === undefined ? [] : ['--add-runtime', `less=${lesser}`, '--default-runtime', 'less']),
    ...(restartable ? ['--containerd', `${folder}/containerd.sock`] : []),
    ...words,
  ];
  const containerd = restartable ? await startContainerd(folder) : undefined;
  let daemon;
  const start = async () => {
    daemon = await launch(
      loopless
        ? withoutLoopDevices(folder, all)
        : hidden === undefined
          ? ['dockerd', ...all]
          : withoutFolder(hidden, all),
      folder,
      host,
    );
  };
  /** @param {NodeJS.Signals} signal */
  const end = (signal) => endProcess(daemon, signal);
  /** @param {NodeJS.Signals} signal */
  const send = (signal) => daemon.kill(signal);
  const stop = async () => {
    // Else one that was stopped would not end.
    daemon?.kill('SIGCONT');
    await end('SIGTERM');
    await endProcess(containerd, 'SIGTERM');
    await unmountBelow(folder);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop, start, end, send };
}

/** None is needed; but a dockerd that shall have none removes docker0, and with it the network of an engine that runs already. */
async function bridge() {
  return access('/sys/class/net/docker0').then(
    () => 'docker0',
    () => 'none',
  );
}

/**
 * dockerd in a mount name space of its own, with an empty folder over the one that it shall not see.
 * @param {string} folder @param {readonly string[]} words
 */
function withoutFolder(folder, words) {
  const script = 'mount -t tmpfs none "$1" && shift && exec dockerd "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', folder, ...words];
}

/**
 * dockerd in a mount name space of its own, with a /dev that holds the usual devices alone: it is what a privileged container
 * gets, so that looks as it does where the kernel has no module for loop devices.
 * @param {string} folder @param {readonly string[]} words
 */
function withoutLoopDevices(folder, words) {
  const script = `mkdir -p "$1" && mount -t tmpfs none "$1" && mkdir "$1/pts" "$1/shm" &&
    cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$1" &&
    mount --move "$1" /dev && shift && exec dockerd "$@"`;
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', path.join(folder, 'dev'), ...words];
}

/** @param {import('node:child_process').ChildProcess | undefined} child @param {NodeJS.Signals} signal */
export async function endProcess(child, signal) {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** @param {string} folder */
async function startContainerd(folder) {
  const config = path.join(folder, 'containerd.toml');
  await writeFile(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
  const words = ['--config', config, '--address', `${folder}/containerd.sock`];
  words.push('--root', `${folder}/containerd`, '--state', `${folder}/containerd-state`);
  // dockerd waits until it answers.
  return spawn('containerd', words, { stdio: 'ignore' });
}

async function launch([program, ...words], folder, host) {
  const file = path.join(folder, 'dockerd.log');
  const log = createWriteStream(file, { flags: 'a' });
  const daemon = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  daemon.stdout.pipe(log, { end: false });
  daemon.stderr.pipe(log, { end: false });
  daemon.once('exit', () => log.end());
  if (await comesToAnswer(host, daemon)) return daemon;
  await endProcess(daemon, 'SIGTERM');
  const told = await readFile(file, 'utf8');
  throw new Error(
    `The Docker engine did not start. Its last words:\n${told.split('\n').slice(-15).join('\n')}`,
  );
}

/**
 * Whether an engine answers within a minute, before its process ends.
 * @param {string} host @param {import('node:child_process').ChildProcess} engine
 */
export async function comesToAnswer(host, engine) {
  for (let turn = 0; turn < 600 && engine.exitCode === null; turn++) {
    try {
      await clientOf(host).ping();
      return true;
    } catch {
      await delay(100);
    }
  }
  return false;
}

/**
 * dockerd leaves the name space of the host network mounted.
 * @param {string} folder
 */
export async function unmountBelow(folder) {
  const places = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const place of places.reverse()) {
    if (place.startsWith(`${folder}/`)) await run('umount', [place]);
  }
}

async function installEngine() {
  try {
    await run('dockerd', ['--version']);
  } catch {
    await run('apt-get', ['update', '-qq']);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'docker.io', 'iptables']);
  }
}

/**
 * On a machine that lacks a capability, `--privileged` fails with "unable to apply caps". A runtime that asks for those
 * that there are takes the place of runc then. Undefined where runc itself will do.
 * @param {string} folder
 */
export async function lesserRuntime(folder) {
  const status = await readFile('/proc/self/status', 'utf8');
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const last = BigInt((await readFile('/proc/sys/kernel/cap_last_cap', 'utf8')).trim());
  if (bounding === (1n << (last + 1n)) - 1n) return undefined;
  const script = fileURLToPath(new URL('runc-with-less.mjs', import.meta.url));
  const runtime = path.join(folder, 'runc-with-less');
  await writeFile(runtime, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  await chmod(runtime, 0o755);
  return runtime;
}
