import type { BuildProblem } from '../build-problem';

/** A name for the build's container, and where it is given. */
export interface GivenName {
  /** Empty or undefined: none is given there. */
  readonly name: string | undefined;
  /** For messages, as the end of a sentence: `CONTAINER_NAME`. */
  readonly source: string;
}

export type ContainerNameResult =
  { readonly ok: true; readonly name: string } | { readonly ok: false; readonly problem: BuildProblem };

/** What Docker's engine takes: RestrictedNamePattern in moby's daemon/names. Podman takes one character too. */
const containerName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/**
 * The name of a build's container: the first that is given. A problem where the engine would refuse it, which it does only when
 * the image is built. Those that come behind it do not count, whatever they are.
 */
export function chooseContainerName(
  given: readonly GivenName[],
  usual: GivenName & { readonly name: string },
): ContainerNameResult {
  const { name = '', source } = given.find((one) => one.name !== undefined && one.name !== '') ?? usual;
  if (containerName.test(name)) return { ok: true, name };
  return {
    ok: false,
    problem: {
      kind: 'bad-plan',
      message: `No container can be named ${JSON.stringify(name)}, as it would be by ${source}.`,
      wayOut:
        'Give it a name of letters (a to z), digits, `_`, `.` and `-`, of two characters at least, the first of them a letter or digit; or none, for the usual one.',
    },
  };
}
