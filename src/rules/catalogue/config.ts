import { branches, configVariablesOf, findBranch } from '../../pigen/branches';
import type { Branch } from '../../pigen/branches';
import { baseName } from '../../pigen/files/path';
import type { ConfigFile } from '../../pigen/config/config';
import { staticValue } from '../../pigen/config/config';
import type { ConfigAssignment } from '../../pigen/config/config-assignment';
import { configVariables } from '../../pigen/config/config-variables';
import type { Fix } from '../../pigen/finding';
import { LineIndex } from '../../pigen/text';
import type { Span } from '../../pigen/text';
import { committedSecrets, unexportedVariables } from '../knowledge/config-readers';
import { guessedName } from '../knowledge/guessed-names';
import { nearestName } from '../knowledge/nearest-name';
import type { Report, Rule, TreeContext } from '../rule';
import { switchProblem } from '../knowledge/switch-problem';

export const config: Rule = {
  name: 'config',
  severity: 'error',
  summary: 'A setting in `config` that build.sh refuses, does not know, or reads otherwise than it looks.',
  page: {
    why: `build.sh sources \`config\`, and the file given with \`-c\` after it, so they are bash: no blanks around \`=\`, quotes around values with
blanks. It then checks some values itself, and takes no notice of names that it does not know. What is no longer known on newer
branches has no effect there.`,
    build: `\`./config: line 1: IMG_NAME: command not found\`, or the message of build.sh that the finding quotes. A misspelt name: nothing, and
the default holds.`,
    fix: 'Correct the line as the message says. The quick fixes remove the blanks, add the quotes, or put in the nearest name.',
    silent: [
      'values that only bash can tell: `$(…)`, `${X:-y}`, under conditions',
      'names that a script of the tree or its build.sh reads, or that are exported',
      'words for no where 1 alone means yes: `ENABLE_SSH=false` is off, as it says',
      'names in no way like one of pi-gen’s',
      'where the branch is unknown, what only some branches know',
      'variables that a fork’s own build.sh names, or scripts of repositories without pi-gen, whose wrapper may export them',
      'secrets in files that git does not have, and the passwords that everyone knows',
    ],
    bad: { tree: 'bad-values', show: 'config' },
    good: { tree: 'good-values', show: 'config' },
  },
  aboutSurroundings: true,

  *checkTree(context: TreeContext): Iterable<Report> {
    for (const file of context.tree.configs) {
      const check = new ConfigCheck(file, context);
      yield* check.syntax();
      yield* check.values();
      yield* check.names();
      yield* unexportedVariables(file, context);
      yield* committedSecrets(file, context);
    }
  },
};

const releases: ReadonlySet<string> = new Set(branches.map(({ release }) => release));

const compressions: ReadonlySet<string> = new Set(['none', 'zip', 'gz', 'xz']);

/** What is wrong with a value. */
interface Problem {
  readonly text: string;
  readonly severity: 'error' | 'warning';
  /** The value that is surely meant. */
  readonly instead?: string | undefined;
}

class ConfigCheck {
  readonly #lines: LineIndex;
  readonly #branch: Branch | undefined;

  constructor(
    private readonly file: ConfigFile,
    private readonly context: TreeContext,
  ) {
    this.#lines = new LineIndex(file.text);
    this.#branch = findBranch(context.tree.branch);
  }

  /** Lines that look like assignments and are commands to bash. Only whole lines at the start of which nothing is open. */
  *syntax(): Iterable<Report> {
    for (const found of this.file.text.matchAll(
      /^[ \t]*((?:export[ \t]+)?([A-Z][A-Z0-9_]+))([ \t]*=[ \t]*)(\S[^\n]*)?$/gm,
    )) {
      const [whole, written = '', name = '', equals = '', rest = ''] = found;
      const value = rest.startsWith('#') ? '' : rest;
      const start = found.index + whole.indexOf(equals, whole.indexOf(name) + name.length);
      if (!isKnown(name) || this.#isInside(found.index)) continue;
      if (equals !== '=' && (value !== '' || equals.startsWith(' '))) {
        yield this.#blanks(written, { start, end: start + equals.length }, equals);
      } else if (equals === '=') {
        yield* this.#unquoted(written, { start: start + 1, end: start + 1 + value.length }, value);
      }
    }
  }

  /** @param name with the `export` before it, if there is one */
  #blanks(name: string, span: Span, equals: string): Report {
    const isBefore = /^\s/.test(equals);
    const isExported = name.startsWith('export');
    const effect = isBefore
      ? isExported
        ? 'export takes = for a name of its own and the build stops with "not a valid identifier"'
        : `bash takes ${name} for a command and the build stops with "${name}: command not found"`
      : `bash sets ${name.replace(/^export\s+/, '')} to nothing and takes the value for ${isExported ? 'another name to export' : 'a command'}`;
    return this.#report(
      span,
      `There are blanks around the = sign: ${effect}. Write ${name}=value without blanks.`,
      [this.#replace(span, '=', 'Remove the blanks around =')],
    );
  }

  /** `STAGE_LIST=stage0 stage1`: bash sets the variable for a command called `stage1`. */
  *#unquoted(name: string, span: Span, value: string): Iterable<Report> {
    const text = value.replace(/[ \t]+#.*$/, '').trimEnd();
    if (!/^[\w./+:@%-]+(?:[ \t]+[\w./+:@%-]+)+$/.test(text)) return;
    const own = { start: span.start, end: span.start + text.length };
    yield this.#report(
      own,
      name.startsWith('export')
        ? 'The value has blanks and no quotes: bash takes its first word alone for the value, and the others for names to export. Put quotes around it.'
        : 'The value has blanks and no quotes: bash takes the second word for a command and the build stops with "command not found". Put quotes around it.',
      [this.#replace(own, `"${text}"`, 'Put quotes around the value')],
    );
  }

  /** Whether an offset lies in a value that began on an earlier line, or in a heredoc. */
  #isInside(offset: number): boolean {
    const { assignments, text } = this.file;
    if (text.includes('<<')) return true;
    return assignments.some(({ valueSpan }) => valueSpan.start < offset && offset < valueSpan.end);
  }

  /** What build.sh checks, in its own words. */
  *values(): Iterable<Report> {
    for (const [name, assignment] of this.#settled()) {
      const problem = this.#problemOf(name, assignment.literal ?? '');
      if (problem === undefined) continue;
      const { text, severity, instead } = problem;
      const { valueSpan } = assignment;
      const fixes =
        instead === undefined ? [] : [this.#replace(valueSpan, instead, `Change it to ${instead}`)];
      yield { ...this.#report(valueSpan, text, fixes), severity };
    }
    yield* this.#needs(
      'DISABLE_FIRST_BOOT_USER_RENAME',
      'FIRST_USER_PASS',
      'To disable user rename on first boot, FIRST_USER_PASS needs to be set',
    );
    yield* this.#needs(
      'PUBKEY_ONLY_SSH',
      'PUBKEY_SSH_FIRST_USER',
      "Must set 'PUBKEY_SSH_FIRST_USER' to a valid SSH public key if using PUBKEY_ONLY_SSH",
    );
  }

  /** The assignments whose values are sure to hold at the end of this file. */
  #settled(): ReadonlyMap<string, ConfigAssignment> {
    const settled = new Map<string, ConfigAssignment>();
    for (const assignment of this.file.assignments) {
      if (staticValue(this.file, assignment.name) === undefined) continue;
      settled.set(assignment.name, assignment);
    }
    return settled;
  }

  #problemOf(name: string, value: string): Problem | undefined {
    const error = (text: string): Problem => ({ text, severity: 'error' });
    // What an empty value means is build.sh's default; CRs and marks are for line-endings.
    if (value === '' || value.includes('\r')) return undefined;
    switch (name) {
      case 'FIRST_USER_NAME':
        if (/^[a-z][-a-z0-9_]*$/.test(value) || this.#branch?.name === 'jessie') return undefined;
        return error(
          `build.sh stops with "Invalid FIRST_USER_NAME: ${value}". Begin with a small letter, then use small letters, digits, - and _.`,
        );
      case 'WPA_PASSWORD':
        if ((value.length >= 8 && value.length <= 63) || this.#branch?.name === 'jessie') return undefined;
        return error(
          `build.sh stops with "WPA_PASSWORD must be between 8 and 63 characters". This one has ${value.length}.`,
        );
      case 'IMG_NAME':
        if (!value.includes('/')) return undefined;
        return error(
          `IMG_NAME is a part of file names, so with a / in it the image cannot be written ("No such file or directory"). Use another character.`,
        );
      case 'DEPLOY_COMPRESSION':
        if (compressions.has(value)) return undefined;
        return {
          text: `pi-gen knows the compressions none, zip, gz and xz; for every other value it leaves the image unpacked without a word. Use one of these.`,
          severity: 'warning',
        };
      case 'COMPRESSION_LEVEL':
        // A fork with a compression of its own has levels of its own.
        if (
          /^[0-9]$/.test(value) ||
          !compressions.has(this.#settled().get('DEPLOY_COMPRESSION')?.literal ?? 'zip')
        )
          return undefined;
        return {
          text: `pi-gen hands this to zip, pigz or xz as -${value}, and their levels go from 0 to 9: the export fails or compresses otherwise. Use one of these.`,
          severity: 'warning',
        };
      case 'ENABLE_SSH':
      case 'PUBKEY_ONLY_SSH':
      case 'USE_QEMU':
      case 'PASSWORDLESS_SUDO':
      case 'ENABLE_CLOUD_INIT':
      case 'SETFCAP':
      case 'CLEAN':
      case 'DISABLE_FIRST_BOOT_USER_RENAME':
      case 'USE_QCOW2':
        return this.#switch(name, value);
      case 'RELEASE':
        return this.#release(value);
      default:
        return undefined;
    }
  }

  #switch(name: string, value: string): Problem | undefined {
    // Of a name that the branch does not know, `names` speaks; without a branch, what the newest does not know is not judged.
    const branch = this.#branch?.name ?? 'master';
    if (!configVariables.some((variable) => variable.name === name && variable.branches.includes(branch)))
      return undefined;
    const hasPassword = this.#sets('FIRST_USER_PASS');
    const problem = switchProblem({ variable: name, value, written: `${name}=${value}`, hasPassword });
    return problem && { ...problem, severity: 'warning' };
  }

  #sets(name: string): boolean {
    return this.context.tree.configs.some(({ assignments }) => assignments.some((one) => one.name === name));
  }

  #release(value: string): Problem | undefined {
    const branch = this.#branch;
    // What no branch builds (`sid`) was chosen with care.
    if (branch === undefined || value === branch.release || !releases.has(value)) return undefined;
    return {
      text: `This is pi-gen's branch for ${branch.release}, whose stages and keys fit that release alone: with RELEASE=${value} packages are missing or mixed. Use the branch of pi-gen that builds ${value}, or remove this line.`,
      severity: 'warning',
    };
  }

  *#needs(name: string, needed: string, words: string): Iterable<Report> {
    // The other file, of `config` and the one given with -c, or the environment may set it; and `config`, which git commonly
    // ignores, may source a file of another name.
    if (
      baseName(this.file.path) !== 'config' ||
      this.context.tree.configs.length > 1 ||
      this.context.tree.layout !== 'pi-gen'
    )
      return;
    const assignment = this.#settled().get(name);
    if (assignment?.literal !== '1' || this.#branch === undefined) return;
    if (!configVariablesOf(this.#branch).some((variable) => variable.name === name)) return;
    const all = this.file.assignments.filter((other) => other.name === needed);
    if (all.some((other) => other.literal !== '')) return;
    if (/^[ \t]*(?:source|\.)[ \t]/m.test(this.file.text)) return;
    yield this.#report(assignment.span, `build.sh stops with "${words}". Set ${needed} too.`, []);
  }

  /** Names that pi-gen does not know, where one of its own is surely meant, and those that it has given up. */
  *names(): Iterable<Report> {
    const branch = this.#branch;
    const all = new Set(configVariables.map(({ name }) => name));
    const known = branch === undefined ? all : new Set(configVariablesOf(branch).map(({ name }) => name));
    const reported = new Set<string>();
    for (const assignment of this.file.assignments) {
      const { name, span } = assignment;
      if (reported.has(name) || this.#isUsed(assignment)) continue;
      const at = { start: span.start, end: span.start + name.length };
      const variable = configVariables.find((one) => one.name === name && one.replacedBy !== undefined);
      if (variable?.replacedBy !== undefined && known.has(name)) {
        reported.add(name);
        yield {
          ...this.#report(
            at,
            `${name} has been given up in favour of ${variable.replacedBy}. Use DEPLOY_COMPRESSION=none for DEPLOY_ZIP=0.`,
            [],
          ),
          severity: 'warning',
        };
      } else if (all.has(name) && !known.has(name) && branch !== undefined) {
        // build.sh still checks WPA_PASSWORD everywhere.
        if (name === 'WPA_PASSWORD' || this.#isReadByBuild(name)) continue;
        reported.add(name);
        yield {
          ...this.#report(
            at,
            `pi-gen's branch ${branch.name} does not know ${name}, so this line has no effect. Remove it.`,
            [],
          ),
          severity: 'information',
        };
      } else if (!all.has(name) && branch?.exportedVariables.includes(name) !== true) {
        const near = this.#isReadByBuild(name) ? undefined : meantName(name, known);
        if (near === undefined || this.file.assignments.some((other) => other.name === near)) continue;
        reported.add(name);
        yield {
          ...this.#report(at, `pi-gen does not know ${name}, so this line has no effect. Is ${near} meant?`, [
            this.#replace(at, near, `Change ${name} to ${near}`),
          ]),
          severity: 'warning',
        };
      }
    }
  }

  /** Whether another line of the config, or a script of the tree, reads the variable. */
  #isUsed({ name, exported }: ConfigAssignment): boolean {
    if (exported) return true;
    const use = new RegExp(`\\$\\{?[#!]?${name}\\b`);
    if (use.test(this.file.text)) return true;
    const mention = new RegExp(`\\b${name}\\b`);
    for (const { text } of this.context.scripts.values()) if (mention.test(text)) return true;
    return false;
  }

  /** A fork's build.sh may read more than that of the branch. */
  #isReadByBuild(name: string): boolean {
    return new RegExp(`\\b${name}\\b`).test(this.context.subStageFiles.buildScript);
  }

  #report(span: Span, message: string, fixes: readonly Fix[]): Report {
    return { message, file: this.file.path, range: this.#lines.range(span), fixes };
  }

  #replace(span: Span, text: string, title: string): Fix {
    const range = this.#lines.range(span);
    return { title, edits: [{ kind: 'replace', file: this.file.path, range, text }], preferred: true };
  }
}

function meantName(name: string, known: ReadonlySet<string>): string | undefined {
  const guess = guessedName(name);
  return guess !== undefined && known.has(guess) ? guess : nearestName(name, known);
}

function isKnown(name: string): boolean {
  return configVariables.some((variable) => variable.name === name);
}
