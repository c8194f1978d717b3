import { branches } from '../../pigen/branches';
import type { ConfigFile } from '../../pigen/config/config';
import type { ConfigAssignment } from '../../pigen/config/config-assignment';
import { configVariables } from '../../pigen/config/config-variables';
import type { Fix } from '../../pigen/finding';
import { relativePath } from '../../pigen/files/path';
import { isSecretName } from '../../pigen/config/secrets';
import { LineIndex } from '../../pigen/text';
import { programsOf, walk } from '../../shell/queries';
import type { Script } from '../../shell/script';
import { setVariablesAround } from '../../shell/set-variables';
import type { Report, ScriptFile, TreeContext } from '../rule';

/** Variables of one's own that scripts use, and that build.sh, which exports its own alone, does not hand on to them. */
export function* unexportedVariables(file: ConfigFile, context: TreeContext): Iterable<Report> {
  const { tree } = context;
  const lines = new LineIndex(file.text);
  // What exports them elsewhere, a wrapper or a fork, is not known.
  if (tree.buildScripts === undefined || mayExportAll(file)) return;
  const own = new Map<string, ConfigAssignment>();
  for (const assignment of file.assignments) {
    const { name, exported } = assignment;
    if (
      exported ||
      configVariables.some((variable) => variable.name === name) ||
      mayBeExportedByPiGen(name) ||
      ofEnvironment.has(name) ||
      namesWord(tree.buildScripts, name)
    )
      continue;
    if (!own.has(name)) own.set(name, assignment);
  }
  for (const { name } of tree.configs.flatMap(({ assignments }) => assignments.filter((one) => one.exported)))
    own.delete(name);
  for (const [name, { span }] of own) {
    const user = userOf(name, context);
    if (user === undefined) continue;
    const at = { start: span.start, end: span.start + name.length };
    yield {
      message: `build.sh does not export ${name}, so ${relativePath(tree.root, user.path)}, which uses it, does not get this value. Write export ${name}=….`,
      file: file.path,
      range: lines.range(at),
      severity: 'warning',
      fixes: exportFix(file, name, at.start, lines),
    };
  }
}

function exportFix(file: ConfigFile, name: string, at: number, lines: LineIndex): readonly Fix[] {
  const place = lines.position(at);
  // Behind a `declare` or another command it would be one of its words.
  if (file.text.slice(lines.lineStart(place.line), at).trim() !== '') return [];
  const range = { start: place, end: place };
  return [
    {
      title: `Export ${name}`,
      edits: [{ kind: 'replace', file: file.path, range, text: 'export ' }],
      preferred: true,
    },
  ];
}

/** `set -a`, or anything that may do more than assign. */
function mayExportAll(file: ConfigFile): boolean {
  return /\bset\s+-\w*a|allexport|^\s*(?:source|\.)\s|\beval\b|PIGEN_DOCKER_OPTS/m.test(file.text);
}

/** A script that uses a variable and does not set it itself. */
function userOf(name: string, context: TreeContext): ScriptFile | undefined {
  for (const file of context.scripts.values()) {
    if (!file.text.includes(name)) continue;
    const around = setVariablesAround(file.script, context.sourcedFiles.finderFor(file));
    if (around.more || around.names.has(name)) continue;
    if (usesVariable(file.script, name)) return file;
  }
  return undefined;
}

/** Passwords and keys in a config that git hands to everyone. */
export function* committedSecrets(file: ConfigFile, context: TreeContext): Iterable<Report> {
  const lines = new LineIndex(file.text);
  if (!context.isTracked(file.path)) return;
  for (const { name, literal, span } of file.assignments) {
    if (literal === undefined || !isSecretName(name) || isPlaceholder(literal)) continue;
    const at = { start: span.start, end: span.start + name.length };
    // The password of an image's users is often meant to be known.
    const isOfUser = !name.startsWith('WPA') && /PASS(?:WD|WORD)?$/.test(name);
    const effect = isOfUser
      ? 'everyone who has the repository knows this password of every image'
      : 'everyone who has the repository has this secret, also after it is removed here';
    yield {
      message: `git has this file, and ${name} in it: ${effect}. Keep it in a file that git ignores, and source that here or give it to build.sh with -c.`,
      file: file.path,
      range: lines.range(at),
      severity: isOfUser ? 'information' : 'warning',
    };
  }
}

/** What a login or a container brings along in the environment: bash exports it with whatever value it is given. */
const ofEnvironment: ReadonlySet<string> = new Set([
  ...['HOME', 'HOSTNAME', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'SHELL', 'TERM', 'USER'],
]);

/** Whether some branch of pi-gen exports it. */
function mayBeExportedByPiGen(name: string): boolean {
  return branches.some(({ exportedVariables }) => exportedVariables.includes(name));
}

function namesWord(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}

/** Whether a program, or one inside it, expands a variable that none of them sets. */
function usesVariable(script: Script, name: string): boolean {
  for (const program of programsOf(script)) {
    if (program.variables.names.has(name) || program.variables.more || program.variables.sourced.length > 0)
      return false;
  }
  for (const program of programsOf(script)) {
    for (const node of walk(program.root)) {
      if (node.type !== 'simple_expansion' && node.type !== 'expansion') continue;
      const inside = program.text.slice(node.start, node.end);
      if (new RegExp(`^\\$\\{?${name}(?!\\w)`).test(inside)) return true;
    }
  }
  return false;
}

/** What nobody takes for a secret. */
function isPlaceholder(value: string): boolean {
  if (value.trim().length < 4 || /^[<[({].*[>\])}]$/.test(value)) return true;
  return /^(?:raspberry|password|passw0rd|changeme|change[-_ ]me|secret|example|none|null|true|false|todo|your.*|my.*|x+|\*+|\.+|pass(?:word)?\d*|test.*|dummy.*)$/i.test(
    value,
  );
}
