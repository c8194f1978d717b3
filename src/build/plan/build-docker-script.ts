import { findBranch } from '../../pigen/branches';
import type { Command, Script, Word } from '../../shell/script';
import type { SyntaxNode } from '../../shell/syntax-node';
import { takesValue } from './docker-options';
import { singleQuoted } from './shell-words';
import { evaluateNode } from './static-value';
import type { StaticVariables } from './static-value';

/** What a tree's build-docker.sh does that decides how its image builds, for one kind of machine. Plain data. */
export interface BuildDockerScript {
  /** The value of `--build-arg BASE_IMAGE=`; undefined where it gives none (the Dockerfile then names its own). */
  readonly baseImage: string | undefined;
  readonly imageTag: string;
  readonly containerName: string;
  /** What bash in the container runs, `${BUILD_OPTS}` still in it where the script passes options on. */
  readonly startLine: string;
  /** Options of `docker run` besides those that the plan sets itself, quoted as for a shell. */
  readonly runOptions: string;
}

/** What stands in a start line for the options of build.sh. */
export const buildOptionsPlace = '${BUILD_OPTS}';

/** What build-docker.sh of a branch does, for a tree whose own script is missing or cannot be read. */
export function usualBuildDockerScript(branchName: string | undefined, machine: string): BuildDockerScript {
  const branch = findBranch(branchName) ?? findBranch('master');
  const { native, i386 } = branch?.baseImage ?? { native: 'debian:trixie', i386: undefined };
  const emulator = branch?.release === 'trixie' ? 'qemu-user-binfmt' : 'qemu-user-static';
  // jessie's build.sh knows no -c.
  const options = branch?.release === 'jessie' ? '' : ` ${buildOptionsPlace}`;
  const whole = machine === 'x86_64' || machine === 'aarch64';
  const devices = branch?.release === 'bullseye' || branch?.release === 'buster';
  return {
    baseImage: whole ? (i386 ?? native) : native,
    imageTag: 'pi-gen',
    containerName: 'pigen_work',
    startLine: [
      `dpkg-reconfigure ${emulator} &&`,
      '(mount binfmt_misc -t binfmt_misc /proc/sys/fs/binfmt_misc || true) &&',
      `cd /pi-gen; ./build.sh${options} &&`,
      'rsync -av work/*/build.log deploy/',
    ].join('\n'),
    runOptions: devices ? '--cap-add=ALL -v /dev:/dev -v /lib/modules:/lib/modules' : '',
  };
}

/**
 * Reads build-docker.sh without running it. What it does not tell in a form that can be read is taken from `usual`.
 *
 * @param machine what `uname -m` prints on the engine's machine
 */
export function readBuildDockerScript(
  script: Script,
  machine: string,
  usual: BuildDockerScript,
): BuildDockerScript {
  const variables = variablesOf(script, machine);
  const evaluate = (word: Word): string | undefined => evaluateNode(word.node, script.text, variables);
  const calls = script.commands.flatMap((command) => dockerCall(command) ?? []);
  const build = calls.find((call) => call.verb === 'build');
  const run = calls.find((call) => call.verb === 'run' && !continues(call));
  const buildWords = build?.words.map(evaluate) ?? [];
  const started = run === undefined ? undefined : startOf(run, evaluate);
  return {
    baseImage: build === undefined ? usual.baseImage : buildArgument(buildWords, 'BASE_IMAGE'),
    imageTag: optionValue(buildWords, ['-t', '--tag']) ?? usual.imageTag,
    containerName: variables.get('CONTAINER_NAME') ?? usual.containerName,
    startLine: started?.line ?? usual.startLine,
    runOptions: started === undefined ? usual.runOptions : ownOptions(started.options),
  };
}

interface DockerCall {
  readonly verb: string;
  readonly words: readonly Word[];
}

/** `docker build …`, `${DOCKER} run …`, `time $DOCKER run …`. */
function dockerCall(command: Command): DockerCall | undefined {
  const words = [...(command.name === undefined ? [] : [command.name]), ...command.arguments];
  if (words[0]?.text === 'time') words.shift();
  const [program, verb, ...rest] = words;
  if (program === undefined || verb?.literal === undefined) return undefined;
  return /^"?(?:docker|\$DOCKER|\$\{DOCKER\})"?$/.test(program.text)
    ? { verb: verb.literal, words: rest }
    : undefined;
}

/** CONTINUE=1 runs a second container on the volumes of the first. Older scripts have a call of its own for that. */
function continues(call: DockerCall): boolean {
  return call.words.some((word) => word.text === '--rm' || word.text.startsWith('--volumes-from'));
}

/** Splits `OPTION… IMAGE bash … -c LINE`. */
function startOf(
  call: DockerCall,
  evaluate: (word: Word) => string | undefined,
): { readonly options: readonly (string | undefined)[]; readonly line: string } | undefined {
  const shell = call.words.findIndex((word) => word.literal === 'bash');
  const option = call.words.findIndex((word, index) => index > shell && word.literal === '-c');
  const line = call.words[option + 1];
  if (shell < 1 || option < 0 || line === undefined) return undefined;
  const text = evaluate(line);
  return text === undefined
    ? undefined
    : { options: call.words.slice(0, shell - 1).map(evaluate), line: text };
}

/** Options that the plan decides itself: name, privileges, the config's mount, and what the environment brings. */
function ownOptions(words: readonly (string | undefined)[]): string {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (!word?.startsWith('-')) continue;
    const pair = takesValue(word) && !word.includes('=');
    const value = pair ? words[++at] : '';
    // A value that only bash can tell: GIT_HASH, the config's path.
    if (value === undefined || word.startsWith('--name') || word === '--privileged') continue;
    kept.push(word, ...(pair ? [value] : []));
  }
  return kept.map(singleQuoted).join(' ');
}

function buildArgument(words: readonly (string | undefined)[], name: string): string | undefined {
  for (const [index, word] of words.entries()) {
    const argument = word === '--build-arg' ? words[index + 1] : word?.replace(/^--build-arg=/, '');
    if (argument?.startsWith(`${name}=`) === true) return argument.slice(name.length + 1);
  }
  return undefined;
}

function optionValue(words: readonly (string | undefined)[], names: readonly string[]): string | undefined {
  const index = words.findIndex((word) => word !== undefined && names.includes(word));
  return index < 0 ? undefined : words[index + 1];
}

/** What the script's variables hold where it calls docker, as far as that can be told without running it. */
function variablesOf(script: Script, machine: string): StaticVariables {
  const variables = new Map<string, string | undefined>([['BUILD_OPTS', buildOptionsPlace]]);
  for (const command of script.commands) {
    if (command.name !== undefined || !isCarriedOut(command, script.text, machine)) continue;
    for (const { name, value } of command.assignments) {
      if (name === 'BUILD_OPTS') continue;
      const node = command.node.children.find(
        (child) => child.start === value.start && child.end === value.end,
      );
      variables.set(name, node === undefined ? undefined : evaluateNode(node, script.text, variables));
    }
  }
  return variables;
}

/** Not in an arm of `case "$(uname -m)"` for another machine. Other conditions are taken as met. */
function isCarriedOut(command: Command, text: string, machine: string): boolean {
  const { ancestors } = command;
  return ancestors.every((node, index) => {
    if (node.type !== 'case_item') return true;
    const whole = ancestors[index + 1];
    const subject = whole?.children.find((child) => child.field === 'value');
    if (whole === undefined || subject === undefined) return true;
    if (!/\buname\b/.test(text.slice(subject.start, subject.end))) return true;
    const arms = whole.children.filter((child) => child.type === 'case_item');
    return arms.find((arm) => armMatches(arm, text, machine)) === node;
  });
}

function armMatches(arm: SyntaxNode, text: string, machine: string): boolean {
  return arm.children
    .filter((child) => child.field === 'value')
    .some((pattern) => globMatches(text.slice(pattern.start, pattern.end), machine));
}

/** `*` and `?`, which is all that patterns for machines use. */
function globMatches(pattern: string, value: string): boolean {
  const pieces = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pieces}$`).test(value);
}
