import type { BuildProblem } from '../build-problem';
import { BuildProblemError } from '../build-problem';
import type { FoundBuild } from '../session/found-build';
import { engineSilent } from './engine-watch';
import { sshFailed } from './ssh-connection';

/** What was being done when the engine gave an error. */
export type EngineAction =
  'connect' | 'build-image' | 'create' | 'start' | 'copy-in' | 'follow' | 'copy-out' | 'remove';

export interface EngineErrorContext {
  readonly action: EngineAction;
  /** How the user knows the engine: `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  readonly containerName?: string;
}

interface Facts {
  /** Node's: ECONNREFUSED. Empty where there is none. */
  readonly code: string;
  /** The Engine API's HTTP status, where the engine answered. */
  readonly status: number | undefined;
  readonly text: string;
}

/**
 * Puts an error of the engine, or of the way to it, into plain words.
 * Anything can be handed in; what nobody knows becomes `engine-refused` with the engine's own words.
 */
export function problemOfError(error: unknown, context: EngineErrorContext): BuildProblem {
  if (error instanceof BuildProblemError) return error.problem;
  const facts = factsOf(error);
  return (
    connectionProblem(facts, context) ??
    diskProblem(facts.text) ??
    refusal(facts, context) ?? {
      kind: 'engine-refused',
      message: `The Docker engine at ${context.endpoint} refused: ${facts.text || 'it gave no reason'}.`,
      wayOut: 'Look into the log of the Docker engine, and try the same with `docker run`.',
    }
  );
}

/** Disk full, wherever it is said: by the engine, in an image build's output, or in pi-gen's log. */
export function diskProblem(text: string): BuildProblem | undefined {
  if (!/[Nn]o space left on device/.test(text)) return undefined;
  return {
    kind: 'disk-full',
    message:
      'The disk of the Docker engine is full. A pi-gen build keeps one whole root file system for each stage, and the image besides.',
    wayOut:
      'Free space with `docker system prune` (or give Docker Desktop a larger disk), then build again. A full Raspberry Pi OS needs some 50 GB.',
  };
}

/**
 * Words of build.sh and of debootstrap, which run the first foreign program. A script of a stage that runs a foreign
 * tool of its own is another matter.
 */
const foreignProgramFailed =
  /No fallback mechanism found|Module binfmt_misc not loaded|Unable to execute target architecture|chroot: failed to run command .*: Exec format error/;

/** Missing emulation for the image's architecture, as a line of the build's log tells it. */
export function binfmtProblem(line: string): BuildProblem | undefined {
  if (!foreignProgramFailed.test(line)) return undefined;
  return {
    kind: 'no-binfmt',
    message:
      "The engine's machine cannot run programs of the image's architecture: its kernel has no binfmt_misc entry for them, so nothing can be installed into the image.",
    wayOut:
      'On the machine of the engine install qemu-user-static and binfmt-support, or run `docker run --privileged --rm docker.io/tonistiigi/binfmt --install arm,arm64`, then build again.',
  };
}

/** An engine that runs without root's rights, as its own description tells. */
export function rootlessProblem(endpoint: string): BuildProblem {
  return {
    kind: 'rootless-engine',
    message: `The Docker engine at ${endpoint} runs rootless. pi-gen mounts file systems and makes device nodes, which only an engine with root's rights can do.`,
    wayOut:
      'Choose an engine that runs as root: `docker context use default` where DOCKER_HOST is not set (`sudo systemctl enable --now docker` starts that engine), or name it in the setting `pi-gen.docker.engine` or with `--engine`. Of Podman that is the service of the system (`sudo systemctl enable --now podman.socket`), not of the user.',
  };
}

/**
 * An engine whose root in containers is nobody on its machine, as its own description tells. With `--userns host` it would take a
 * privileged container, but the files of its image, and with them those of the tree, would not be root's.
 */
export function remappedProblem(endpoint: string): BuildProblem {
  return {
    kind: 'privileged-refused',
    message: `The Docker engine at ${endpoint} maps the users of containers to others (\`userns-remap\`), and starts no privileged container then. pi-gen needs one for mounts and device nodes.`,
    wayOut: unmapped,
  };
}

/** The comma goes with the setting, before or behind it. */
const unmapped = `Take the setting out on the machine of the engine and restart it: \`sudo sed -z -i.bak 's/"userns-remap"\\s*:\\s*"[^"]*"\\s*,\\?//; s/,\\(\\s*}\\)/\\1/' /etc/docker/daemon.json && sudo systemctl restart docker\`. What containers and images there are now, Docker shows again when the setting is back. Or choose another engine.`;

/** The file that could not be read to be sent to the engine. */
export function unreadableProblem(path: string, reason: string): BuildProblem {
  return {
    kind: 'unreadable-file',
    message: `${path} cannot be read (${reason}), so it cannot be sent to the Docker engine.`,
    wayOut: 'Give yourself the right to read it, or name it in .dockerignore if the build does not need it.',
  };
}

/** Somebody writes that log already: another window, or `pigen` in a terminal. */
export function alreadyBuildingProblem(logFile: string): BuildProblem {
  return {
    kind: 'already-building',
    message: `A build of this tree is running already, in another window or terminal; it writes ${logFile}.`,
    wayOut:
      'Follow it with `Pi-gen: Attach to Build` or `pigen attach`, wait for it, or give this build a folder for results of its own (`--output`).',
  };
}

/** A build of the same log runs, or has ended and was not collected. */
export function foundBuildProblem({ plan, state, began }: FoundBuild): BuildProblem {
  const { name } = plan.container;
  const since = Number.isNaN(Date.parse(began)) ? '' : `, begun ${new Date(began).toLocaleString()}`;
  return state === 'running' || state === 'created'
    ? {
        kind: 'already-building',
        message: `A build of this tree ${state === 'running' ? 'is running already' : 'is about to start'} (container ${name}${since}).`,
        wayOut:
          'Follow it with `pigen attach` (or `Pi-gen: Attach to Build`), or stop it there with Ctrl-C, then build again.',
      }
    : {
        kind: 'already-building',
        message: `An earlier build of this tree has ended, and its results are still in its container ${name}${since}.`,
        wayOut: `Collect them with \`pigen attach\` (or \`Pi-gen: Attach to Build\`), or throw them away with \`pigen clean --force ${name}\` (or \`Pi-gen: Clean Up…\`), then build again.`,
      };
}

/** The container of a build is no longer there, and nobody has collected what it made. */
export function containerGoneProblem(name: string): BuildProblem {
  return {
    kind: 'container-gone',
    message: `The container ${name} of this build is gone: it was removed from outside, or the engine lost it. What it made is gone with it.`,
    wayOut: 'Build again. The log up to there is kept.',
  };
}

/** A result that did not arrive as the container has it, however often it was copied. */
export function damagedCopyProblem(path: string): BuildProblem {
  return {
    kind: 'damaged-copy',
    message: `${path} did not arrive as the container has it: its SHA-256 is another each time it is copied, so it was not kept.`,
    wayOut: 'Look into the connection to the Docker engine and the disk of this machine.',
  };
}

/** Whoever began the build went away before its container was started. */
export function neverStartedProblem(name: string): BuildProblem {
  return {
    kind: 'never-started',
    message: `The build ended before it began: the window or terminal that prepared it went away before the container ${name} was started.`,
    wayOut: 'Build again. What was made of the image is kept by the engine, so that it is quicker this time.',
  };
}

/** Killed by a signal, or marked as dead by an engine that was started anew; `lastWords` is the log's last line. */
export function endedFromOutsideProblem(exitCode: number, lastWords: string | undefined): BuildProblem {
  const words = lastWords === undefined ? '' : ` Its last line: ${lastWords}`;
  return {
    kind: 'ended-from-outside',
    message: `The container of the build was ended from outside (exit status ${exitCode}), in the middle of its work: the Docker engine was stopped or restarted, or somebody stopped the container.${words}`,
    wayOut: 'See that the engine runs (`docker info`), then build again.',
  };
}

/** The kernel ended a process of the container because its memory was used up. */
export function outOfMemoryProblem(lastWords: string | undefined): BuildProblem {
  const words = lastWords === undefined ? '' : ` The last line of the log: ${lastWords}`;
  return {
    kind: 'out-of-memory',
    message: `The build ran out of memory: the kernel ended one of its processes.${words}`,
    wayOut:
      'Give the engine more memory (Docker Desktop: Settings, Resources), lift a limit set with `--memory`, or build less at once, then build again.',
  };
}

const lostCodes = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

const unreachable = new Map([
  ['ENOENT', 'nothing is there'],
  ['ECONNREFUSED', 'nothing answers there'],
  ['ENOTFOUND', 'no such host is known'],
  ['EAI_AGAIN', 'its host name cannot be looked up'],
  ['EHOSTUNREACH', 'its host cannot be reached'],
  ['ENETUNREACH', 'its network cannot be reached'],
  ['ETIMEDOUT', 'it does not answer in time'],
  ['ENOTSOCK', 'what is there is no socket'],
  ['EPROTO', 'it does not speak TLS as expected'],
]);

function connectionProblem(facts: Facts, context: EngineErrorContext): BuildProblem | undefined {
  if (facts.status !== undefined) return undefined;
  if (facts.code === 'EACCES' || facts.code === 'EPERM') {
    return {
      kind: 'no-permission',
      message: `You may not use the Docker engine at ${context.endpoint}.`,
      wayOut: isPodmans(context.endpoint)
        ? "The system's Podman lets in root alone: run `sudo pigen …`, or choose another engine in the setting `pi-gen.docker.engine` or with `--engine`."
        : 'Add yourself to its group (`sudo usermod -aG docker $USER`, then log in again), or choose another engine in the setting `pi-gen.docker.engine` or with `--engine`.',
    };
  }
  if (facts.code === sshFailed) return sshProblem(facts, context);
  if (facts.code === engineSilent) return silentProblem(context);
  const why = unreachable.get(facts.code);
  if (why !== undefined && context.action === 'connect') {
    return {
      kind: 'no-engine',
      message: `No Docker engine at ${context.endpoint}: ${why}.`,
      wayOut: `${
        isPodmans(context.endpoint)
          ? 'Start the service of Podman (`sudo systemctl enable --now podman.socket`)'
          : 'Start Docker (Docker Desktop, or `sudo systemctl start docker`)'
      }, or name the engine in the setting \`pi-gen.docker.engine\`, with \`--engine\` or in DOCKER_HOST.`,
    };
  }
  if (
    why !== undefined ||
    lostCodes.has(facts.code) ||
    /socket hang up|aborted|premature close/i.test(facts.text)
  ) {
    if (context.action === 'connect') {
      return {
        kind: 'no-engine',
        message: `No Docker engine answers at ${context.endpoint}: the connection broke off.`,
        wayOut: 'See that the engine runs and can be reached (`docker info`), then try again.',
      };
    }
    return {
      kind: 'engine-lost',
      message: `The connection to the Docker engine at ${context.endpoint} was lost${
        context.containerName === undefined
          ? ''
          : `; the build may go on in its container ${context.containerName}`
      }.`,
      wayOut:
        context.containerName === undefined
          ? 'See that the engine runs (`docker info`), then build again.'
          : 'See that the engine can be reached (`docker info`), then take the build up again with `Pi-gen: Attach to Build` or `pigen attach`.',
    };
  }
  if (/certificate|self.signed|SSL|TLS/i.test(facts.text + facts.code)) {
    return {
      kind: 'no-engine',
      message: `The Docker engine at ${context.endpoint} could not be trusted: ${facts.text}.`,
      wayOut: 'Check the certificates in DOCKER_CERT_PATH or in the Docker context.',
    };
  }
  return undefined;
}

/** By the name of its socket: nobody is there to be asked. */
function isPodmans(endpoint: string): boolean {
  return endpoint.includes('podman');
}

/** It hangs, or its machine does. */
export function silentProblem({ action, endpoint, containerName }: EngineErrorContext): BuildProblem {
  const build = containerName === undefined ? '' : `; the build may go on in its container ${containerName}`;
  const then =
    containerName === undefined
      ? 'then try again'
      : 'then take the build up again with `Pi-gen: Attach to Build` or `pigen attach`';
  return {
    kind: action === 'connect' ? 'no-engine' : 'engine-lost',
    message: `The Docker engine at ${endpoint} hangs: it takes connections, but does not answer${build}.`,
    wayOut: `Wait until \`docker info\` answers, or restart the engine or its machine, ${then}.`,
  };
}

/** It answers, but what it asks in turn does not: containerd, or the kernel, below a container that nothing ends. */
export function stuckProblem(
  { endpoint, containerName }: Required<Pick<EngineErrorContext, 'endpoint' | 'containerName'>>,
  seconds: number,
): BuildProblem {
  return {
    kind: 'engine-stuck',
    message: `The Docker engine at ${endpoint} answers, but has not ended the container ${containerName} within ${seconds} seconds: what runs its containers hangs.`,
    wayOut: `Restart the engine or its machine, then remove the container, with \`Pi-gen: Clean Up…\` or with: pigen clean --force ${containerName}`,
  };
}

/** The first words of a stop: ending a build takes a moment, and an engine that hangs takes one to be known for that. */
export function stoppingOn(endpoint: string, what: string): string {
  return `Stopping: waiting for the Docker engine at ${endpoint} ${what}.`;
}

/**
 * The last words of a build that was stopped on an engine that hangs, or is not there.
 *
 * @param removedBy whose it is now
 */
export function leftOnSilentEngine(
  endpoint: string,
  containerName: string,
  removedBy: 'the next build' | 'its owner',
): string {
  const then =
    removedBy === 'its owner'
      ? 'The window or terminal that began the build removes it when it ends'
      : 'The next build of its name removes it';
  return `The Docker engine at ${endpoint} does not answer, so the container ${containerName} is left, and may be running. ${then}; to do so at once when the engine answers again: pigen clean --force ${containerName}`;
}

/** `ssh` ended: before it reached the engine, or in the middle of something. */
function sshProblem({ text }: Facts, { action, endpoint }: EngineErrorContext): BuildProblem {
  return {
    kind: action === 'connect' ? 'no-engine' : 'engine-lost',
    message: `The Docker engine at ${endpoint} cannot be reached over SSH: ${text}.`,
    wayOut:
      'See that `ssh` to that host works without a question (key in the agent, host in known_hosts) and that `docker` is installed there.',
  };
}

function refusal(facts: Facts, context: EngineErrorContext): BuildProblem | undefined {
  const name = context.containerName ?? 'pigen_work';
  // Podman says 500.
  if ((facts.status === 409 || facts.status === 500) && /already in use/i.test(facts.text)) {
    return {
      kind: 'name-taken',
      message: `A container named ${name} is there already: another build may be running, or an earlier one was kept.`,
      wayOut: `Wait for it, remove it with \`docker rm -f -v ${name}\`, or choose another name in the setting \`pi-gen.docker.containerName\`.`,
    };
  }
  if (facts.status === 404 && context.action === 'follow') return containerGoneProblem(name);
  const starting = context.action === 'create' || context.action === 'start';
  if (
    starting &&
    /privileged|operation not permitted|unable to apply caps|permission denied/i.test(facts.text)
  ) {
    return {
      kind: 'privileged-refused',
      message: `The Docker engine at ${context.endpoint} does not start privileged containers, which pi-gen needs for mounts and device nodes: ${facts.text}.`,
      wayOut: /user namespaces/i.test(facts.text)
        ? unmapped
        : "Choose an engine that allows `docker run --privileged`, or lift the restriction in the engine's policy.",
    };
  }
  if (facts.status === 403 || facts.status === 401) {
    return {
      kind: 'no-permission',
      message: `The Docker engine at ${context.endpoint} does not let you do this: ${facts.text}.`,
      wayOut: 'Ask whoever runs the engine for the right to build images and to run privileged containers.',
    };
  }
  return undefined;
}

function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return { code: '', status: undefined, text: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  // docker-modem wraps the engine's words: "(HTTP code 409) unexpected - Conflict. The name … "
  const text = error.message.replace(/^\(HTTP code \d+\) [^-]* - /, '').trim();
  return { code, status, text: text.replace(/\.$/, '') };
}
