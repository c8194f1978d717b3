import { remappedProblem, rootlessProblem } from '../engine/engine-errors';
import type { PreflightFacts } from './facts';
import { engineProgram } from './engine-program';
import type { Check, Verdict } from './verdict';
import { fail, fine, unknown, warning } from './verdict';

/** Before it, Docker's seccomp profile refuses system calls that the C library of Debian trixie makes: apt fails oddly. */
const oldestDocker = [20, 10, 10] as const;

/** Of Debian bookworm: docs/engines.md. */
const oldestPodman = [4, 3, 1] as const;

/** The check whether the engine has root's rights. */
export const rootCheck = 'rootful';

export const engineChecks: readonly Check[] = [
  { name: 'engine', title: 'Engine', judge: reachable },
  { name: 'version', title: 'Engine version', judge: version },
  { name: rootCheck, title: 'Root rights', judge: rootful },
  { name: 'privileged', title: 'Privileged containers', judge: privileged },
];

function reachable({ engine, engineLabel }: PreflightFacts): Verdict {
  if (!engine.ok) return fail(engine.problem.message, engine.problem.wayOut);
  const { product, operatingSystem, machine } = engine.facts;
  return fine(`${product} answers at ${engineLabel} (${operatingSystem}, ${machine}).`);
}

function version({ engine }: PreflightFacts): Verdict | undefined {
  if (!engine.ok) return undefined;
  const { product, version: text } = engine.facts;
  const numbers = /^(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part || 0));
  if (product === 'Podman') return podman(text, numbers);
  if (numbers === undefined) return fine(`${product} ${text}.`);
  return isBefore(numbers, oldestDocker)
    ? warning(
        `Docker ${text} is older than ${oldestDocker.join('.')}, whose seccomp profile stops programs of current Debian releases: the image of the build may fail in strange ways.`,
        'Update Docker on the machine of the engine: https://docs.docker.com/engine/install/.',
      )
    : fine(`Docker ${text}.`);
}

function podman(text: string, numbers: readonly number[] | undefined): Verdict {
  return numbers !== undefined && isBefore(numbers, oldestPodman)
    ? warning(
        `Podman ${text} is older than ${oldestPodman.join('.')}, the first that builds were tried with.`,
        'Update Podman on the machine of the engine, or use Docker.',
      )
    : fine(`Podman ${text}, by its Docker API.`);
}

function isBefore(numbers: readonly number[], limit: readonly number[]): boolean {
  for (const [index, least] of limit.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== least) return number < least;
  }
  return false;
}

function rootful({ engine, engineLabel }: PreflightFacts): Verdict | undefined {
  if (!engine.ok) return undefined;
  if (!engine.facts.rootless) return fine("The engine has root's rights.");
  const { message, wayOut } = rootlessProblem(engineLabel);
  return fail(message, wayOut);
}

function privileged(facts: PreflightFacts): Verdict | undefined {
  const { engine, engineLabel, machine, missingImage } = facts;
  if (engine.ok && engine.facts.remapsUsers) {
    const { message, wayOut } = remappedProblem(engineLabel);
    return fail(message, wayOut);
  }
  if (missingImage !== undefined) {
    return unknown(
      `Not looked at: a container is needed to look into the engine's machine, and neither ${missingImage} nor another image of a build is there yet.`,
      `Build once, or fetch it: \`${engineProgram(facts)} pull ${missingImage}\`, or \`pigen doctor --pull\`.`,
    );
  }
  if (machine === undefined) return undefined;
  if (!machine.ok) {
    const { kind, message, wayOut } = machine.problem;
    // The container of a build would be refused as well.
    const refused = kind === 'privileged-refused' || kind === 'no-permission';
    return refused ? fail(message, wayOut) : unknown(message, wayOut);
  }
  const missing = [
    ...(machine.facts.canMount ? [] : ['mount file systems']),
    ...(machine.facts.canMakeDevices ? [] : ['make device nodes']),
  ];
  return missing.length === 0
    ? fine('Privileged containers may mount file systems and make device nodes.')
    : fail(
        `A privileged container may not ${missing.join(' or ')}, which every stage of pi-gen needs.`,
        "Choose an engine that runs as root on a machine of its own (not inside an unprivileged container), or lift the restriction in the engine's policy.",
      );
}
