import type { Command, Script, Word } from './script';
import { invocationOf, startsOnInput } from './shell-invocation';
import type { Invocation } from './shell-invocation';
import type { SyntaxNode } from './syntax-node';

/** Whether a program comes to its bash as standard input, so that its commands share that input with the bash. */
export function isReadFromInput({ source, place, runBy }: Script): boolean {
  // pi-gen hands NN-run-chroot.sh to on_chroot as input (run_sub_stage in build.sh).
  return source === 'file' ? place === 'chroot' : runBy !== undefined && inputSources.has(source);
}

const inputSources: ReadonlySet<Script['source']> = new Set(['heredoc', 'here-string', 'pipe']);

/** Whether something gives the command an input of its own: a redirect, a pipe, or one of a statement around it. */
export function hasOwnInput(command: Command): boolean {
  if (command.pipedFrom !== undefined) return true;
  if (command.redirects.some(({ operator, descriptor }) => isInput(operator) && (descriptor ?? 0) === 0)) {
    return true;
  }
  let inner = command.node;
  for (const ancestor of command.ancestors) {
    if (ancestor.type === 'pipeline' && ancestor.children.find(({ named }) => named) !== inner) return true;
    if (ancestor.type === 'redirected_statement' && ancestor.children.some(isInputRedirect)) return true;
    if (ancestor.type === 'process_substitution') return true;
    inner = ancestor;
  }
  return false;
}

function isInput(operator: string): boolean {
  return operator.startsWith('<') && operator !== '<>';
}

function isInputRedirect({ type, children }: SyntaxNode): boolean {
  if (type === 'herestring_redirect' || type === 'heredoc_redirect') return true;
  return type === 'file_redirect' && children.some(({ named, type: token }) => !named && isInput(token));
}

type Reads = (words: readonly Word[]) => boolean;

const always: Reads = () => true;

/** Options of apt-get that answer its question. */
const assumed =
  /^(?:-[a-zA-Z]*y[a-zA-Z]*|-qq+|--yes|--assume-yes|--assume-no|--quiet=2|--force-yes|-[a-zA-Z]*s|--simulate|--dry-run|--download-only|--print-uris)$/;
const asking = new Set([
  ...['autoremove', 'build-dep', 'dist-upgrade', 'full-upgrade', 'install', 'purge', 'remove', 'upgrade'],
]);

/** Verbs that do nothing where no package follows, unless they are to mend what is broken. */
const needing = new Set(['build-dep', 'install', 'purge', 'remove']);

/** Whether apt asks before it does what it is told. */
function asks(words: readonly Word[]): boolean {
  const operands = words.filter(({ text }) => !text.startsWith('-'));
  const [verb] = operands;
  const mends = words.some(({ text }) => /^(?:-[a-zA-Z]*f[a-zA-Z]*|--fix-broken)$/.test(text));
  if (operands.length === 1 && needing.has(verb?.literal ?? '') && !mends) return false;
  const told = words.some(({ text }) => assumed.test(text) || /Assume-Yes|^-q=2/i.test(text));
  const known = words.every(({ text, literal }) => literal !== undefined || !/^["']?\$/.test(text));
  return !told && known && words.some(({ literal }) => asking.has(literal ?? ''));
}

function withoutOperand(words: readonly Word[]): boolean {
  return words.every(({ text }) => text.startsWith('-') && !/^--(?:help|version)$/.test(text));
}

/** `adduser user group` only adds the user to the group. */
function asksForPassword(words: readonly Word[]): boolean {
  const operands = words.filter(({ text }, index) => {
    return (
      !text.startsWith('-') &&
      !/^--(?:gecos|comment|home|shell|uid|gid|ingroup)$/.test(words[index - 1]?.text ?? '')
    );
  });
  return operands.length === 1 && lacks(/^--(?:disabled-(?:password|login)|system|help|group)$/)(words);
}

/** Options of patch whose value is the next word. */
const valuedOfPatch =
  /^-[a-zA-Z]*[BdDFgioprVYz]$|^--(?:directory|strip|output|fuzz|reject-file|prefix|suffix)$/;

/** `patch FILE PATCH` and `patch -i PATCH` read the patch from a file. */
function readsPatch(words: readonly Word[]): boolean {
  if (words.some(({ text }) => /^(?:-[a-zA-Z]*i|--input)/.test(text))) return false;
  const operands = words.filter(
    ({ text }, index) => !text.startsWith('-') && !valuedOfPatch.test(words[index - 1]?.text ?? ''),
  );
  return operands.length < 2;
}

/** ffmpeg listens for keys while it works on an input; without one it tells its usage. */
function listens(words: readonly Word[]): boolean {
  return words.some(({ text }) => text === '-i') && !words.some(({ text }) => text === '-nostdin');
}

/** Options of Python that take a word of their own. */
const valuedOfPython = /^-[a-zA-Z]*[WX]$|^--check-hash-based-pycs$/;

/** Python without a file, or with `-` for one, reads its program. */
function readsProgram(words: readonly Word[]): boolean {
  if (words.some(({ text }) => /^-[a-zA-Z]*[cmVh]|^--(?:version|help)/.test(text))) return false;
  const operands = words.filter(
    ({ text }, index) =>
      text === '-' || (!text.startsWith('-') && !valuedOfPython.test(words[index - 1]?.text ?? '')),
  );
  return operands[0] === undefined || operands[0].text === '-';
}

/** A shell without a file and without `-c`, or with `-s`, reads its program. */
function readsCommands(words: readonly Word[]): boolean {
  if (words.some(({ text }) => /^--(?:version|help)$|^-[a-zA-Z]*[nD]/.test(text))) return false;
  return startsOnInput(words);
}

function lacks(pattern: RegExp): Reads {
  return (words) => !words.some(({ text }) => pattern.test(text));
}

/** Commands that read their standard input, with the arguments with which they do. */
const readers: ReadonlyMap<string, Reads> = new Map<string, Reads>([
  ['adduser', asksForPassword],
  ['apt', asks],
  ['ash', readsCommands],
  ['bash', readsCommands],
  ['dash', readsCommands],
  ['apt-get', asks],
  ['aptitude', asks],
  ['cat', withoutOperand],
  ['chpasswd', always],
  ['debconf-set-selections', withoutOperand],
  ['ffmpeg', listens],
  ['mariadb', lacks(/^-[a-zA-Z]*[eV?]|^--(?:execute|version|help)/)],
  ['mysql', lacks(/^-[a-zA-Z]*[eV?]|^--(?:execute|version|help)/)],
  ['mapfile', lacks(/^-u/)],
  ['passwd', lacks(/^-[a-zA-Z]*[delSuxnwi]|^--(?:delete|expire|lock|unlock|status|help)$/)],
  ['patch', readsPatch],
  ['psql', lacks(/^-[a-zA-Z]*[cflV?]|^--(?:command|file|list|version|help)/)],
  ['python', readsProgram],
  ['python3', readsProgram],
  ['read', lacks(/^-[a-z]*u/)],
  ['readarray', lacks(/^-u/)],
  ['sh', readsCommands],
  ['ssh', lacks(/^-[a-zA-Z]*[nfVQG]/)],
  ['tee', always],
  ['xargs', lacks(/^(?:-a|--arg-file)/)],
]);

/** What a command runs, where that reads the standard input which the command was given; undefined where it does not. */
export function inputReader(command: Command): Invocation | undefined {
  const invocation = invocationOf(command);
  if (invocation === undefined) return undefined;
  return readers.get(invocation.name)?.(invocation.arguments) === true ? invocation : undefined;
}

/** Whether the program is apt, which reads an answer and nothing else. */
export function isApt({ name }: Invocation): boolean {
  return name === 'apt' || name === 'apt-get' || name === 'aptitude';
}

/** Whether the program is a shell, which does not swallow the script but runs it. */
export function isShell({ name }: Invocation): boolean {
  return readers.get(name) === readsCommands;
}
