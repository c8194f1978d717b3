import type { Fix } from '../../pigen/finding';
import type { PackageWord } from '../../pigen/apt/package-list';
import { relativePath } from '../../pigen/files/path';
import type { Stage } from '../../pigen/tree/stage-tree';
import type { Span } from '../../pigen/text';
import type { DataFile } from '../inputs/data-file';
import { commandsIn, isOptionValue, isPartOf, plainWords } from '../inputs/package-operands';
import { debconfQuestions } from '../knowledge/debconf-questions';
import { mayBeExported } from '../knowledge/exported-variables';
import { mergeConflict } from '../knowledge/merge-conflict';
import { unreadRepository } from '../knowledge/new-repository';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';

export const packagesFile: Rule = {
  name: 'packages-file',
  severity: 'error',
  summary: 'A package list with something in it that is no package name.',
  page: {
    why: `\`run_sub_stage\` (build.sh) takes the comments out of \`NN-packages\` and \`NN-packages-nr\` and puts the rest behind
\`apt-get install -y\`, in a heredoc that bash in the chroot reads. So names are separated by white space alone, every word is a name
or an option to apt-get, and \`;\`, \`&\`, \`|\`, \`<\`, \`>\`, \`(\`, \`$\`, backticks, quotes and backslashes are bash’s. The list has become one line by then: a backslash at the end of a
line continues nothing, it makes the blank behind it a part of the next name.`,
    build: `\`E: Unable to locate package vim,\` or \`E: Unable to locate package install\`; \`syntax error near unexpected token\`. Text behind
\`;\` runs as a command of its own. \`python3>=3.11\` installs python3 and writes a file called \`=3.11\` into the image. What an apt source
offers that a script has added is not found before an \`apt-get update\`, and \`run_sub_stage\` runs none. A package that asks gets its
defaults, since pi-gen’s Dockerfile sets \`DEBIAN_FRONTEND=noninteractive\`.`,
    fix: `Write names alone, separated by blanks or lines: \`name\`, \`name=version\`, \`name/suite\`, \`name:arch\`, \`name-\` to remove one. The
quick fixes take commas and commands away. For packages without their recommended ones there is \`NN-packages-nr\`.`,
    silent: [
      'several names in one, `lib{a,b}-dev`, of which bash makes names',
      '`name=version`, `name/suite`, `name:arch`, `name+`, `name-`, `task^`, globs and patterns of apt',
      'comments; `-t suite` and `-o option`, which go for the whole list',
      'paths of `.deb` files',
      'an apt source that a script adds where another one, or that one, runs `apt-get update`, or runs what may do so',
      'packages that ask, where a NN-debconf or a script of the tree answers',
    ],
    bad: { tree: 'bad-words', show: 'stage-app/00-service/00-packages' },
    good: { tree: 'good-words', show: 'stage-app/00-service/00-packages' },
  },

  *checkTree(context: TreeContext): Iterable<Report> {
    const { dataFiles, tree } = context;
    const isExported = mayBeExported(tree);
    const isAnswered = answered(context);
    for (const file of dataFiles.values()) {
      if (file.kind !== 'packages') continue;
      const conflict = mergeConflict(file.text);
      if (conflict !== undefined) {
        yield conflictReport(file, conflict.marker);
        continue;
      }
      yield* checkPackages(file, isExported);
      yield* checkDuplicates(file);
      yield* checkQuestions(file, isAnswered);
    }
    for (const stage of tree.stages) {
      if (stage.role === 'stage' && !stage.skip) yield* checkRepository(stage, context);
    }
  },
};

function conflictReport(file: DataFile, marker: Span): Report {
  return {
    message: `Git has marked a merge conflict here that nobody has resolved: bash in the chroot takes the markers for redirects, and the build fails. Keep the lines that are right, and remove those with <<<<<<<, ======= and >>>>>>>.`,
    file: file.path,
    range: file.lines.range(marker),
  };
}

function* checkPackages(file: DataFile, isExported: (name: string) => boolean): Iterable<Report> {
  const words = plainWords(file);
  const commands = commandsIn(file, words);
  for (const span of commands) {
    yield {
      message: `This is a command, but pi-gen puts every word of this file behind apt-get install -y, so apt looks for packages of these names and the build fails. Keep the package names alone.`,
      file: file.path,
      range: file.lines.range(span),
      fixes: [removal(file, span, 'Remove the command and keep the package names')],
    };
  }
  // What follows on a line that means something to the shell is no list of packages any more: there only what is graver
  // than what was said already is worth a word.
  const forShell = new Map<number, 'mild' | 'grave'>();
  for (const [i, word] of words.entries()) {
    if (word.text === '' || isPartOf(commands, word)) continue;
    const line = file.lines.position(word.span.start).line;
    const before = forShell.get(line);
    if (before === 'grave') continue;
    const shell = judgeForShell(file, word, isExported);
    if (shell !== undefined) forShell.set(line, endsTheList(word, shell) ? 'grave' : 'mild');
    if (before === 'mild' && !isGrave(shell)) continue;
    const report = shell === 'silent' ? undefined : (shell ?? judge(file, word, words[i - 1]));
    if (report !== undefined) yield report;
  }
}

function isGrave(shell: Report | 'silent' | undefined): boolean {
  return shell !== undefined && shell !== 'silent' && shell.severity === undefined;
}

/** Behind an error nothing is judged any more, nor inside a command substitution, which may go on in the next words. */
function endsTheList({ text }: PackageWord, shell: Report | 'silent'): boolean {
  return isGrave(shell) || /`|\$\(/.test(text);
}

/** What bash takes for more than the end of a word: `;`, `&`, `|`, `<`, `(`. Not in `$x`, and not behind a `>` (`2>&1`, `>|`). */
function graveCharacter(text: string): string | undefined {
  const rest = text.replaceAll(/\$\{[^}]*\}|\$\w+|>[&|]/g, '');
  return /`|\$\(/.test(rest) ? undefined : /[;&|<()]/.exec(rest)?.[0];
}

/** apt takes a name twice as once. */
function* checkDuplicates(file: DataFile): Iterable<Report> {
  const seen = new Map<string, Span>();
  for (const { text, span } of file.packages.words) {
    const first = seen.get(text);
    if (first === undefined) {
      if (!/^-|\\/.test(text) && isPackageName(text)) seen.set(text, span);
      continue;
    }
    const line = file.lines.position(first.start).line + 1;
    yield {
      message: `${text} stands in line ${line} already. Remove one of the two.`,
      file: file.path,
      range: file.lines.range(span),
      severity: 'hint',
      fixes: [removal(file, withGap(file.text, span), `Remove the second ${text}`)],
    };
  }
}

/** A word with the blanks before it, and with its whole line where it stands alone there. */
function withGap(text: string, { start, end }: Span): Span {
  let from = start;
  while (from > 0 && /[ \t]/.test(text.charAt(from - 1))) from--;
  const isLine = from === 0 || text[from - 1] === '\n';
  const rest = /^[ \t]*(?:\n|$)/.exec(text.slice(end))?.[0];
  return isLine && rest !== undefined
    ? { start: from, end: end + rest.length }
    : { start: isLine ? start : from, end };
}

/** Whether the tree answers the questions of a template: in a NN-debconf, or in a script. */
function answered({ dataFiles, scripts }: TreeContext): (template: string) => boolean {
  return (template) => {
    for (const { kind, text } of dataFiles.values())
      if (kind === 'debconf' && text.includes(template)) return true;
    for (const { text } of scripts.values()) if (text.includes(template)) return true;
    return false;
  };
}

function* checkQuestions(file: DataFile, isAnswered: (template: string) => boolean): Iterable<Report> {
  for (const { text, span } of file.packages.words) {
    const question = debconfQuestions.find(({ packages }) => packages.includes(text));
    if (question === undefined || isAnswered(question.template)) continue;
    yield {
      message: `${text} asks at its installation. pi-gen's container has nobody answer, so the default is taken without a word: ${question.effect}. Answer ${question.template}… in a NN-debconf of this sub-stage.`,
      file: file.path,
      range: file.lines.range(span),
      severity: 'information',
    };
  }
}

function* checkRepository(stage: Stage, context: TreeContext): Iterable<Report> {
  const found = unreadRepository(stage, context);
  const file = found && context.dataFiles.get(found.list.path);
  const first = file?.packages.words[0];
  if (found === undefined || file === undefined || first === undefined) return;
  const { script, span } = found;
  const added = relativePath(stage.path, script.path);
  yield {
    message: `${added} adds an apt source before these packages are installed, and nothing runs apt-get update: apt does not know what the source offers and fails for what comes from there. Run apt-get update in the chroot at the end of that script.`,
    file: file.path,
    range: file.lines.range(first.span),
    severity: 'warning',
    related: [{ file: script.path, range: script.lines.range(span), message: 'The source is added here' }],
    fixes: [updateFix(script)],
  };
}

function updateFix({ path, text, lines, place, step }: ScriptFile): Fix {
  const command = place === 'chroot' ? 'apt-get update\n' : 'on_chroot << EOF\napt-get update\nEOF\n';
  const gap = text === '' || text.endsWith('\n') ? '\n' : '\n\n';
  const range = lines.range({ start: text.length, end: text.length });
  const name = 'name' in step ? step.name : 'the script';
  return {
    title: `Run apt-get update at the end of ${name}`,
    edits: [{ kind: 'replace', file: path, range, text: gap + command }],
  };
}

function judgeForShell(
  file: DataFile,
  { text, span }: PackageWord,
  isExported: (name: string) => boolean,
): Report | 'silent' | undefined {
  if (!/[;&|<()>$`]/.test(text)) return undefined;
  const range = file.lines.range(span);
  const grave = graveCharacter(text);
  if (grave === undefined && /[$`]/.test(text)) {
    const names = [...text.matchAll(/\$\{?(\w+)/g)].map((match) => match[1] ?? '');
    if (!/`|\$\(/.test(text) && names.every((name) => isExported(name))) {
      return 'silent';
    }
    return {
      message: `bash in the chroot expands this: it knows the variables that pi-gen exports alone, and uname there tells the kernel of the build host. Write the name itself.`,
      file: file.path,
      range,
      severity: 'warning',
    };
  }
  if (grave === undefined) {
    return {
      message: `bash in the chroot takes > for a redirect: what follows becomes the name of a junk file in the image, and no version is asked for. Use name=version.`,
      file: file.path,
      range,
      severity: 'warning',
    };
  }
  return {
    message: `bash in the chroot reads this line behind apt-get install, and ${grave} means something to it: the build fails or does something else. Write package names alone; a version is asked for with name=version.`,
    file: file.path,
    range,
  };
}

function judge(file: DataFile, word: PackageWord, before: PackageWord | undefined): Report | undefined {
  const { text, span } = word;
  const report = (message: string, severity: 'error' | 'warning', fixes: readonly Fix[] = []): Report => ({
    message,
    file: file.path,
    range: file.lines.range(span),
    severity,
    fixes,
  });
  // bash in the chroot makes several names of `lib{a,b}`.
  if (text.replaceAll(/\{[^{}\s]*,[^{}\s]*\}/g, '').includes(',')) {
    return report(
      `apt separates package names by blanks only: it looks for a package called "${text}", does not find it, and the build fails. Remove the comma.`,
      'error',
      [commaFix(file, word)],
    );
  }
  if (joinsNext(file, word)) {
    return report(
      `pi-gen makes one line of this list, so the backslash continues nothing: it makes the blank behind it a part of the next name, which apt does not find, and the build fails. Remove the backslash.`,
      'error',
      [backslashFix(file, word)],
    );
  }
  if (leavesQuoteOpen(text)) {
    return report(
      `bash in the chroot reads this list and looks for the end of the quote in vain, or in a later word: the build fails. Remove the quote.`,
      'error',
    );
  }
  if (text.startsWith('-')) return judgeOption(text, report);
  if (isOptionValue(before)) return undefined;
  if (isPackageName(text)) return undefined;
  const lower = text.toLowerCase().replaceAll('_', '-');
  const hint = isPackageName(lower) ? ` Is ${lower} meant?` : ' Write a package name.';
  return report(
    `"${text}" cannot be the name of a Debian package, so apt does not find it and the build fails.${hint}`,
    'warning',
    isPackageName(lower) ? [replacement(file, span, lower, `Change ${text} to ${lower}`)] : [],
  );
}

/** Whether a backslash ends the word, and remove-comments.sed leaves a blank behind it: all but the file's last line break becomes one. */
function joinsNext({ text: all, packages }: DataFile, { text, span }: PackageWord): boolean {
  if ((/\\*$/.exec(text)?.[0].length ?? 0) % 2 === 0) return false;
  if (packages.untouched) return /^[ \t]/.test(all.slice(span.end));
  const rest = all.slice(span.end).replaceAll(/#[^\n]*/g, '');
  return rest.replace(/\n$/, '') !== '';
}

/** Whether bash is still inside quotes at the end of the word. */
function leavesQuoteOpen(text: string): boolean {
  return /["']/.test(text.replaceAll(/\\.|'[^']*'|"(?:\\.|[^"\\])*"/g, ''));
}

function judgeOption(
  text: string,
  report: (message: string, severity: 'error' | 'warning') => Report,
): Report | undefined {
  if (/^(?:-[toc]|--(?:target-release|default-release|option)(?:=|$))/.test(text)) return undefined;
  if (text === '--no-install-recommends') {
    return report(
      `apt-get takes this for an option to the whole list. Put packages that are to come without their recommended ones into a NN-packages-nr.`,
      'warning',
    );
  }
  return report(
    `apt-get takes this for an option, not for a package, and it goes for the whole list; pi-gen already says -y. Remove it.`,
    'warning',
  );
}

/** A name with what apt-get takes behind it. Names of one letter are rare but real; globs, patterns and paths are for apt to judge. */
function isPackageName(text: string): boolean {
  if (/[*?^~/[\]\\'"{}]/.test(text)) return true;
  return /^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?(?:=\S+)?[+-]?$/.test(text);
}

function backslashFix(file: DataFile, { text, span }: PackageWord): Fix {
  const backslash = { start: span.end - 1, end: span.end };
  return removal(file, text === '\\' ? withGap(file.text, backslash) : backslash, 'Remove the backslash');
}

function commaFix(file: DataFile, { text, span }: PackageWord): Fix {
  const names = text.split(',').filter((name) => name !== '');
  return replacement(file, span, names.join(' '), 'Replace the comma by a blank');
}

function replacement(file: DataFile, span: Span, text: string, title: string): Fix {
  const range = file.lines.range(span);
  return { title, edits: [{ kind: 'replace', file: file.path, range, text }], preferred: true };
}

function removal(file: DataFile, span: Span, title: string): Fix {
  return replacement(file, span, '', title);
}
