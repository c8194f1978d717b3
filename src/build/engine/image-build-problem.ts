import type { BuildProblem } from '../build-problem';
import { diskProblem } from './engine-errors';

/** A failed build of the image that pi-gen runs in. `lines` are the last ones that it printed. */
export function imageBuildProblem(
  message: string,
  step: string | undefined,
  lines: readonly string[],
): BuildProblem {
  const told = `${message}\n${lines.join('\n')}`;
  return (
    diskProblem(told) ??
    baseImageProblem(message) ??
    foreignBaseProblem(told) ?? {
      kind: 'image-build',
      message: [
        `The Docker image for the build could not be made${step === undefined ? '' : `: its step "${step}" failed`}: ${message}`,
        ...lines.map((line) => `  ${line}`),
      ].join('\n'),
      wayOut:
        step !== undefined && /\bapt(-get)?\b/.test(step)
          ? 'Containers may not reach the package mirror: set the network of the build (setting `pi-gen.docker.network`, or PIGEN_DOCKER_OPTS="--network host"), or a proxy, then build again.'
          : 'Mend that line of the Dockerfile in the pi-gen tree, then build again.',
    }
  );
}

/** The engine's words, of its shell alone: a step may run a foreign tool of its own. */
const foreignShell = /\bexec (?:\/\S+\/(?:ba|da)?sh|user process caused): exec format error/;

/** A base image for another processor, as i386/debian is on ARM: pi-gen's build-docker.sh takes that on all 64-bit machines. */
function foreignBaseProblem(told: string): BuildProblem | undefined {
  if (!foreignShell.test(told)) return undefined;
  return {
    kind: 'no-binfmt',
    message:
      "The base image of the build holds programs for another processor than that of the engine's machine, and no emulation of them is registered there (exec format error): the image of the build cannot be made.",
    wayOut:
      'Run `docker run --privileged --rm docker.io/tonistiigi/binfmt --install all` on the machine of the engine, or write another BASE_IMAGE into build-docker.sh, then build again.',
  };
}

function baseImageProblem(message: string): BuildProblem | undefined {
  const missing =
    /pull access denied|manifest (for|unknown)|failed to resolve|no such host|Get "?https?:|repository .* not found|no matching manifest|toomanyrequests/i;
  if (!missing.test(message)) return undefined;
  return {
    kind: 'base-image',
    message: `The base image of the build cannot be fetched: ${message}`,
    wayOut:
      'See that the machine of the engine reaches its registry (`docker pull` of the same name), or correct BASE_IMAGE in build-docker.sh.',
  };
}
