import type { Command, Script } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import type { Invocation } from '../../shell/shell-invocation';
import { shorten } from './shorten';

/** Programs whose answer is about the system on which they run, with the arguments with which they are asked. */
const questions: ReadonlyMap<string, RegExp | undefined> = new Map<string, RegExp | undefined>([
  ['apt-cache', undefined],
  ['apt-mark', undefined],
  ['arch', undefined],
  ['command', /^-[vV]$/],
  ['dpkg', /^(?:-[lLsS]|--(?:list|listfiles|status|search|print-architecture|get-selections))$/],
  ['dpkg-architecture', undefined],
  ['dpkg-query', undefined],
  ['getent', undefined],
  ['lsb_release', undefined],
  ['mktemp', undefined],
  ['python3', /^(?:-c|-V|--version)$/],
  ['systemctl', undefined],
  ['type', undefined],
  ['uname', /^-[mp]$/],
  ['which', undefined],
]);

/** Programs that read the files which they are given. */
const readers = new Set([
  '.',
  'awk',
  'cat',
  'cut',
  'find',
  'grep',
  'head',
  'ls',
  'sed',
  'sort',
  'source',
  'stat',
  'tail',
  'wc',
]);

/** The question that a program puts to the system on which it runs, as written; undefined where there is none. */
export function asksTheSystem(program: Script): string | undefined {
  // A path below it, or a file of the sub-stage, is meant for the build host.
  if (/ROOTFS_DIR|STAGE_DIR|BASE_DIR|(?:^|[\s"'])(?:\.\/)?files\//.test(program.text)) return undefined;
  for (const command of program.commands) {
    if (isQuestion(command)) return shorten(program.text.slice(command.span.start, command.span.end));
  }
  return undefined;
}

function isQuestion(command: Command): boolean {
  // `command -v x`: the wrapper itself is asked.
  if (command.name?.literal === 'command' && /^-[vV]$/.test(command.arguments[0]?.text ?? '')) return true;
  const invocation = invocationOf(command);
  return invocation !== undefined && (asks(invocation) || readsSystem(invocation) || asksForUser(invocation));
}

function asks({ name, arguments: words }: Invocation): boolean {
  if (!questions.has(name)) return false;
  const argument = questions.get(name);
  return argument === undefined || words.some(({ text }) => argument.test(text));
}

function readsSystem({ name, arguments: words }: Invocation): boolean {
  return (
    readers.has(name) &&
    words.some(({ text }) => /^["']?\/(?:etc|usr|home|opt|boot|var|lib|root|srv)\b/.test(text))
  );
}

/** `id -u pi`: without a user it is root here as there. */
function asksForUser({ name, arguments: words }: Invocation): boolean {
  return name === 'id' && words.some(({ text }) => !text.startsWith('-') && text !== 'root');
}
