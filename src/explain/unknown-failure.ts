import { commandsDeep } from '../shell/queries';
import type { Command } from '../shell/script';
import { baseName } from '../pigen/files/path';
import type { Evidence, OutputLine } from './evidence';
import type { Failure } from './explanation';
import type { FailureMaker } from './failure-maker';
import { quoted } from './failure-maker';
import type { Place } from './failure-class';
import type { Scene } from './scene';
import { parseBashMessage, placeOfMessage } from './script-lines';

/** Nothing known: names the step, the line where bash gave one, and the last thing said. */
export async function explainUnknown(
  { lines, resultLine, isRewritten }: Evidence,
  scene: Scene,
  make: FailureMaker,
): Promise<Failure> {
  const message = lines.findLast((line) => parseBashMessage(line.text) !== undefined);
  if (message !== undefined) {
    return make.failure({
      name: 'command-failed',
      certainty: 'likely',
      cause: `A command failed, and why is not known: ${quoted(message.text)}`,
      fix: 'Look at the command and at the lines of the log above the message.',
      place: (await placeOfMessage(message.text, scene)) ?? scene.stepPlace(),
      logLine: message.line,
    });
  }
  const last = lines.at(-1);
  // What a program says first of its trouble tells more than how it takes its leave.
  const said = lines.slice(-lastWords).find(({ text }) => soundsLikeTrouble.test(text)) ?? last;
  const kind = scene.frame?.kind;
  if (last === undefined && !isRewritten && (kind === 'run' || kind === 'run-chroot' || kind === 'prerun')) {
    return explainSilence(resultLine, scene, make);
  }
  return make.failure({
    name: 'unknown',
    certainty: 'guess',
    cause: unknownCause(said, last),
    fix:
      isRewritten && scene.actionInput('verbose-output') !== 'true'
        ? 'pi-gen-action leaves out what a step prints, but for its errors. Set verbose-output: true in the workflow and run it again: the reason then stands in the last group.'
        : 'Look at the end of the log; the complete log may hold more than this part.',
    place: (said && (await placeOfProgram(said.text, scene))) ?? scene.stepPlace(),
    logLine: said?.line ?? resultLine,
  });
}

/** So many lines at the end are of the command that failed, as likely as not. */
const lastWords = 10;
const soundsLikeTrouble =
  /(?:^|[^\w-])(?:e|err|error|errors|fatal|failed|failure|cannot|can't|could not|unable|denied|invalid|missing|no such|not found|unknown|traceback|panic|panicked)(?:[^\w-]|$)/i;

function unknownCause(said: OutputLine | undefined, last: OutputLine | undefined): string {
  if (said === undefined || last === undefined)
    return 'The build stopped here, and the log does not tell why.';
  const stopped = 'The build stopped here, and why is not known.';
  if (said === last) return `${stopped} The last thing said: ${quoted(last.text)}`;
  return `${stopped} It said ${quoted(said.text)} and last of all ${quoted(last.text)}`;
}

/** Programs that do not begin their messages with their names. */
const speakers: Readonly<Record<string, readonly string[]>> = {
  fatal: ['git'],
  E: ['apt-get', 'apt'],
  ERROR: ['pip', 'pip3'],
  dpkg: ['dpkg', 'apt-get', 'apt'],
  make: ['make'],
};

/** The command of the open script whose program a line of output begins with, where there is only one such. */
async function placeOfProgram(text: string, scene: Scene): Promise<Place | undefined> {
  const word = /^([A-Za-z][\w.+-]*)(?=[:\s[])/.exec(text)?.[1];
  const read = word === undefined ? undefined : await scene.script();
  if (word === undefined || read?.script === undefined) return undefined;
  const programs = speakers[word] ?? [word];
  const found = [...commandsDeep(read.script)].filter(({ command }) =>
    programs.includes(baseName(command.name?.literal ?? '')),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) return undefined;
  return { file: read.path, range: read.lines.range(only.script.toFileSpan(only.command.span)) };
}

async function explainSilence(
  resultLine: number | undefined,
  scene: Scene,
  make: FailureMaker,
): Promise<Failure> {
  const suspects = await quietCommands(scene);
  const [only] = suspects;
  return make.failure({
    name: 'silent-exit',
    certainty: suspects.length === 1 ? 'likely' : 'guess',
    cause:
      suspects.length === 1
        ? 'The script ended with an error and said nothing. This command returns non-zero without a word, and bash -e stops at it.'
        : 'The script ended with an error and said nothing: with bash -e, any command that returns non-zero stops it (grep -q, a test, false).',
    fix: 'Add "set -x" at its top to see the last command, and "|| true" where a failure does not matter.',
    place: (suspects.length === 1 ? only : undefined) ?? scene.stepPlace(),
    logLine: resultLine,
  });
}

/** Commands of the open script that can fail without a word, where a failure stops it. */
async function quietCommands(scene: Scene): Promise<readonly Place[]> {
  const read = await scene.script();
  if (read?.script === undefined) return [];
  const found: Place[] = [];
  for (const { script, command } of commandsDeep(read.script)) {
    if (isQuiet(command) && !isTested(command))
      found.push({ file: read.path, range: read.lines.range(script.toFileSpan(command.span)) });
  }
  return found;
}

const quietPrograms = new Set(['false', 'test', '[', 'cmp', 'pgrep', 'pidof', 'read', 'let', 'expr']);

function isQuiet({ name, arguments: words }: Command): boolean {
  const program = name?.literal ?? '';
  if (quietPrograms.has(program)) return true;
  const has = (pattern: RegExp): boolean => words.some(({ text }) => pattern.test(text));
  switch (program) {
    case 'grep':
    case 'diff':
      return has(/^(?:-\w*[qc]|--quiet|--silent|--brief)/) || program === 'grep';
    case 'exit':
      return has(/^[1-9]/);
    case 'command':
      return has(/^-v$/);
    default:
      return false;
  }
}

/** What errexit lets pass: conditions, and what stands before `&&` and `||` or behind `!`. */
function isTested({ node, ancestors }: Command): boolean {
  let inner = node;
  for (const ancestor of ancestors) {
    if (/^(?:if|elif|while|until|negated)/.test(ancestor.type)) return true;
    if (ancestor.type === 'list' && ancestor.children[0] === inner) return true;
    inner = ancestor;
  }
  return false;
}
