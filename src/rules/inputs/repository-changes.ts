import { readAptSources, readSourceLines } from '../../pigen/apt/apt-sources';
import type { AptSource, ReadSources } from '../../pigen/apt/apt-sources';
import type { Span } from '../../pigen/text';
import { programsOf } from '../../shell/queries';
import type { Command, Script, Word } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import type { Invocation } from '../../shell/shell-invocation';
import { writtenPaths } from '../../shell/written-paths';
import { holds } from '../knowledge/programs';
import type { ScriptFile } from '../rule';
import { readShebang } from '../knowledge/shebang';

/** What a script does to the repositories that apt of the image knows. */
export interface RepositoryChanges extends ReadSources {
  /** Files of apt sources that it puts into the image, as it names them: `files/docker.list`. */
  readonly installed: readonly string[];
  /** It writes what TEMP_REPO of the config says. */
  readonly temporary: boolean;
  /** What it tells dpkg of with --add-architecture. */
  readonly architectures: readonly string[];
}

type Change = Partial<RepositoryChanges>;

const noChange: RepositoryChanges = {
  sources: [],
  unknown: false,
  installed: [],
  temporary: false,
  architectures: [],
};
const nothing: Change = {};
/** The script may add any repository, or install packages from elsewhere. */
const anything: Change = { unknown: true };

/**
 * Reads what a script adds to apt's sources. Where anything in it cannot be understood that may add more, as a program of the
 * stage's own or a downloaded one, the answer is `unknown`: nothing may then be said of names that the index does not know.
 */
export function repositoryChanges(file: ScriptFile): RepositoryChanges {
  const interpreter = readShebang(file.text)?.interpreter;
  if (interpreter !== undefined && !isShell(interpreter)) return sumOf([anything]);
  return mayChangeSources(file.text) ? changesIn(file) : noChange;
}

/** What repositoryChanges answers, without the look at the text that spares most scripts the parsing. */
export function changesIn(file: ScriptFile): RepositoryChanges {
  const changes: Change[] = [];
  const understood: Span[] = [];
  for (const program of programsOf(file.script)) {
    // A `$(…)` in a heredoc is run by the shell, not by the command that reads the heredoc.
    const inner = program.embedded.filter(({ source }) => source !== 'substitution');
    const runners = new Set(inner.map(({ runBy }) => runBy));
    understood.push(...program.comments.map((span) => program.toFileSpan(span)));
    for (const command of program.commands) {
      if (mentionsSources(program.text.slice(command.span.start, command.span.end))) {
        understood.push(program.toFileSpan(command.span));
        // What a program inside it mentions is read there.
        if (!runners.has(command)) changes.push(changeOfSources(program, command));
      } else if (!runners.has(command)) changes.push(otherChange(command));
    }
  }
  for (const { index, 0: found } of file.text.matchAll(sourcesMention)) {
    const span = { start: index, end: index + found.length };
    if (!understood.some((outer) => holds(outer, span))) changes.push(anything);
  }
  return sumOf(changes);
}

/** Names of programs, and words, without which no script changes anything about repositories. */
const signs = [
  String.raw`sources\.list|\.sources\b|\.deb\b|dpkg|bootstrap|add-apt|apt-add|extrepo|gdebi|alien`,
  String.raw`ansible|puppet|chef-client|salt-call|chroot|capsh|nspawn|setarch|runuser|linux(?:32|64)`,
  String.raw`\b(?:(?:ba|da|a)?sh|su|eval|xargs|source|exec|env|sudo|i?o?nice|nohup|timeout|flock|time|command|builtin|eatmydata)\b`,
  String.raw`apt(?:-get|itude)?\b.*\s["']?\.{0,2}/`,
  // `. file`, `./program`, `../program`, and a path or a variable where a command begins.
  String.raw`(?:^|[\s;&|(\x60"'])\.{1,2}(?=[\s/])`,
  String.raw`(?:^|[;&|(){}!\x60]|\b(?:then|do|else|elif|if|while|until)\b)[ \t]*(?:\w+=\S*[ \t]+)*["']?(?:[$~/]|[\w.-]+/)`,
];
const anySign = new RegExp(signs.join('|'), 'm');

/** Whether a script may change anything about repositories, by its text alone. */
export function mayChangeSources(text: string): boolean {
  return anySign.test(text.replace(/^#!.*/, ''));
}

function sumOf(changes: readonly Change[]): RepositoryChanges {
  return {
    sources: changes.flatMap(({ sources }) => sources ?? []),
    unknown: changes.some(({ unknown }) => unknown === true),
    installed: changes.flatMap(({ installed }) => installed ?? []),
    temporary: changes.some(({ temporary }) => temporary === true),
    architectures: changes.flatMap(({ architectures }) => architectures ?? []),
  };
}

const sourcesMention = /sources\.list|\.sources\b/g;

function mentionsSources(text: string): boolean {
  return /sources\.list|\.sources\b/.test(text);
}

function isShell(name: string): boolean {
  return /^(?:ba|da|a)?sh$/.test(name);
}

/** Commands that only look, or take away. */
const harmless = new Set([
  '[',
  '[[',
  'test',
  'rm',
  'chmod',
  'chown',
  'ls',
  'grep',
  'mkdir',
  'true',
  ':',
  'log',
  'touch',
]);

/** What a command does that names apt's sources. */
function changeOfSources(program: Script, command: Command): Change {
  const invocation = invocationOf(command);
  if (invocation === undefined) return anything;
  const { name, arguments: words } = invocation;
  const writes = writtenPaths(command).some(({ rest }) => mentionsSources(rest));
  if (harmless.has(name)) return nothing;
  switch (name) {
    case 'install':
    case 'cp':
    case 'mv':
      return program.place === 'host' ? installedFiles(words) : anything;
    case 'sed':
      return changeOfSed(program, command, words);
    case 'echo':
    case 'printf':
    case 'cat':
      return writes ? written(targetName(program, command), outputOf(program, command)) : nothing;
    case 'tee':
      return written(targetName(program, command), inputOf(program, command));
    default:
      return anything;
  }
}

/** `install -m 644 files/docker.list "${ROOTFS_DIR}/etc/apt/sources.list.d/"`. */
function installedFiles(words: readonly Word[]): Change {
  const operands: Word[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    if (/^-(?:[a-zA-Z]*t|-target-directory)/.test(word.text)) return anything;
    if (/^-[a-zA-Z]*[mogS]$/.test(word.text)) i++;
    else if (!word.text.startsWith('-')) operands.push(word);
  }
  const from = operands.slice(0, -1).map(({ literal }) => literal);
  if (from.length === 0 || from.includes(undefined)) return anything;
  const files = from.filter((path) => path !== undefined && path !== '/dev/null');
  return { installed: files as readonly string[] };
}

/** `sed -i "s/RELEASE/${RELEASE}/g" …/sources.list`, as in pi-gen's own stage0; every other program may do anything. */
function changeOfSed(program: Script, command: Command, words: readonly Word[]): Change {
  const texts = words.map(({ text }) => text.replaceAll(/["']/g, ''));
  const programs = texts.filter((text) => !text.startsWith('-') && !mentionsSources(text));
  const fillsRelease = (text: string): boolean => /^s(\W)RELEASE\1\$\{?RELEASE\}?\1g?$/.test(text);
  if (programs.length !== 1 || !programs.every(fillsRelease)) return anything;
  if (texts.some((text) => /^-[nErsuz]*i/.test(text))) return nothing;
  const input = command.pipedFrom === undefined ? undefined : outputOf(program, command.pipedFrom);
  if (input !== undefined && /^\$\{?TEMP_REPO\}?$/.test(input.trim())) return { temporary: true };
  return written(targetName(program, command), input);
}

/** What is written into a file of apt sources; undefined where that cannot be known. */
function written(file: string | undefined, text: string | undefined): Change {
  if (file === undefined || text === undefined) return anything;
  const read = file.endsWith('.sources') ? readAptSources(file, text) : readSourceLines(text);
  // A line that is none of apt's, such as a variable alone, may become anything.
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return lines.length > 0 && read.sources.length === 0 && !read.unknown && text.includes('$')
    ? anything
    : read;
}

function targetName(program: Script, { span }: Command): string | undefined {
  return /[\w.-]+\.(?:list|sources)\b/.exec(
    program.text.slice(span.start, span.end).replaceAll(/sources\.list\.d/g, ''),
  )?.[0];
}

/** What a command writes, its placeholders put in; undefined where it cannot be known. */
function outputOf(program: Script, command: Command): string | undefined {
  const invocation = invocationOf(command);
  if (invocation === undefined) return undefined;
  const { name, arguments: words } = invocation;
  if (name === 'cat') return words.length > 0 ? undefined : inputOf(program, command);
  if (name !== 'echo' && name !== 'printf') return undefined;
  return plainText(
    words
      .filter(({ text }) => !/^-[neE]+$/.test(text) && !/^["']?%s(?:\\n)?["']?$/.test(text))
      .map(({ text }) => text)
      .join(' '),
  );
}

/** What a command reads, where the script says it. */
function inputOf(program: Script, command: Command): string | undefined {
  const heredoc = command.redirects.findLast((redirect) => redirect.heredoc !== undefined)?.heredoc;
  if (heredoc !== undefined) {
    return plainText(program.text.slice(heredoc.body.start, heredoc.body.end).replaceAll(/^\t+/gm, ''));
  }
  if (command.redirects.some(({ operator }) => operator.startsWith('<'))) return undefined;
  return command.pipedFrom === undefined ? undefined : outputOf(program, command.pipedFrom);
}

/** A text with what stands for the release written as RELEASE, and without quotes. */
function plainText(text: string): string {
  return (
    text
      .replaceAll(/\\?\$\(\s*lsb_release\s+-(?:cs|sc|c\s+-s|s\s+-c)\s*\)/g, 'RELEASE')
      .replaceAll(
        /\\?\$\(\s*\.\s+\/etc\/os-release\s*(?:&&|;)\s*echo\s+"?\\?\$\{?VERSION_CODENAME\}?"?\s*\)/g,
        'RELEASE',
      )
      .replaceAll(/\\?\$(?:\{(?:RELEASE|VERSION_CODENAME)\}|(?:RELEASE|VERSION_CODENAME)\b)/g, 'RELEASE')
      // The image's own architecture: all of the image's are asked for in its place.
      .replaceAll(/\barch="?\\?\$(?:\(\s*dpkg\s+--print-architecture\s*\)|\{?ARCH\}?)"?/g, '')
      .replaceAll('\\n', '\n')
      .replaceAll(/["'\\]/g, '')
  );
}

/** Programs that bring packages or repositories in ways that nobody can follow here. */
const installers = new Set([
  ...['add-apt-repository', 'apt-add-repository', 'extrepo', 'gdebi', 'debootstrap', 'eval', 'xargs'],
  ...['ansible', 'ansible-playbook', 'puppet', 'chef-client', 'salt-call', 'dpkg-deb', 'alien'],
]);

/** Programs that start a shell with a program that is written elsewhere, where it is not among those of the script. */
const starters = new Set(['on_chroot', 'chroot', 'su', 'runuser', 'capsh', 'systemd-nspawn', 'setarch']);

/** What a command does that names no sources: mostly nothing. */
function otherChange(command: Command): Change {
  if (command.name === undefined) return nothing;
  const invocation = invocationOf(command);
  if (invocation === undefined) return anything;
  const { name, nameWord, arguments: words } = invocation;
  if (name === 'dpkg') return changeOfDpkg(words);
  if (name === 'bootstrap') return changeOfBootstrap(invocation);
  if (/^(?:apt|apt-get|aptitude)$/.test(name)) {
    return words.some(({ text }) => /\.deb\b|^["']?\.{0,2}\//.test(text)) ? anything : nothing;
  }
  if (name === '.' || name === 'source') {
    return words[0]?.literal?.startsWith('/etc/') === true ? nothing : anything;
  }
  // A key opens a repository; it adds none.
  if (name === 'on_chroot' && words[0]?.literal === 'apt-key') return nothing;
  if (isShell(name) || installers.has(name) || starters.has(name)) return anything;
  return isSystemProgram(nameWord.literal ?? '') ? nothing : anything;
}

/** A program of Debian's, or of a virtual environment; what lies elsewhere is the stage's own, and may do anything. */
function isSystemProgram(path: string): boolean {
  return !path.includes('/') || /^\/(?:usr\/)?(?:local\/)?s?bin\/|\/bin\/(?:pip|python)[\d.]*$/.test(path);
}

function changeOfDpkg(words: readonly Word[]): Change {
  if (words.some(({ text }) => /^(?:-[a-zA-Z]*i|--install|--unpack|-[a-zA-Z]*R|--recursive)$/.test(text)))
    return anything;
  const at = words.findIndex(({ text }) => text === '--add-architecture');
  if (at < 0) return nothing;
  const architecture = words[at + 1]?.literal;
  return architecture === undefined ? anything : { architectures: [architecture] };
}

/**
 * `bootstrap ${RELEASE} "${ROOTFS_DIR}" URL` (scripts/common): debootstrap leaves a sources.list of that mirror, with the
 * components that `bootstrap` asks for in every branch.
 */
function changeOfBootstrap({ arguments: words }: Invocation): Change {
  const [suite, , mirror] = words;
  const name = suite === undefined ? '' : plainText(suite.text);
  if (mirror?.literal === undefined || !/^\w+$/.test(name)) return anything;
  const source: AptSource = {
    uri: mirror.literal.endsWith('/') ? mirror.literal : `${mirror.literal}/`,
    suites: [name],
    components: ['main', 'contrib', 'non-free'],
    architectures: undefined,
  };
  return { sources: [source] };
}
