import type { Fix, FixEdit } from '../../pigen/finding';
import type { HostExpansion, Script } from '../../shell/script';
import { escapesIn } from './on-chroot-block';
import { holds, textOf } from './programs';
import type { ScriptFile } from '../rule';
import { shorten } from './shorten';

export interface HostNames {
  /** pi-gen exports it, so that it is set inside the chroot as well. */
  readonly isExported: (name: string) => boolean;
  /** Set by the script around the heredoc. */
  readonly setByHost: ReadonlySet<string>;
}

/**
 * How to keep the build host from replacing a part of an unquoted heredoc: by quoting the terminator, where nothing else in
 * the body needs the host, and by a backslash.
 *
 * @param bad the parts of the body that are not meant for the host
 */
export function expansionFixes(
  file: ScriptFile,
  program: Script,
  expansion: HostExpansion,
  bad: ReadonlySet<HostExpansion>,
  names: HostNames,
): readonly Fix[] {
  // In a heredoc inside another program a backslash would have to pass several shells.
  if (program.parent?.parent !== undefined) return [];
  const quote = quoteTerminator(file, program, bad, names);
  const escape = escapeExpansion(file, program, expansion, names);
  return [
    ...(quote === undefined ? [] : [{ ...quote, preferred: true }]),
    ...(escape === undefined ? [] : [{ ...escape, preferred: quote === undefined }]),
  ];
}

function quoteTerminator(
  file: ScriptFile,
  program: Script,
  bad: ReadonlySet<HostExpansion>,
  names: HostNames,
): Fix | undefined {
  const { heredoc, parent } = program;
  if (heredoc === undefined || parent === undefined) return undefined;
  const needsHost = program.hostExpansions.some(
    (expansion) => !isSameInside(program, expansion, bad, names) && !isComment(program, expansion),
  );
  // A heredoc that is quoted itself would get a line break that the host's shell takes away now.
  const joinsLines =
    program.heredocs.some(({ quoted }) => quoted) && /\\\r?\n/.test(textOf(parent, heredoc.body));
  if (needsHost || joinsLines || heredoc.delimiter.includes("'")) return undefined;
  const quoted = `'${heredoc.delimiter}'`;
  const escapes = escapesIn(parent.text, heredoc.body);
  return {
    title: `Quote the terminator: ${heredoc.stripsTabs ? '<<-' : '<<'} ${quoted}`,
    edits: [
      {
        kind: 'replace',
        file: file.path,
        range: file.lines.range(parent.toFileSpan(heredoc.word)),
        text: quoted,
      },
      ...escapes.map((span): FixEdit => ({
        kind: 'replace',
        file: file.path,
        range: file.lines.range(parent.toFileSpan(span)),
        text: '',
      })),
    ],
  };
}

/** Whether the chroot's shell makes the same of it, or makes of it what was meant. */
function isSameInside(
  program: Script,
  expansion: HostExpansion,
  bad: ReadonlySet<HostExpansion>,
  { isExported, setByHost }: HostNames,
): boolean {
  if (bad.has(expansion)) {
    const used = textOf(program, expansion.span).match(/\$\{?([A-Za-z_]\w*)/g) ?? [];
    return used.every((text) => !setByHost.has(text.replace(/^\$\{?/, '')));
  }
  const { name } = expansion;
  return name !== undefined && isExported(name) && !setByHost.has(name);
}

function isComment(program: Script, { span }: HostExpansion): boolean {
  return program.comments.some((comment) => holds(comment, span));
}

function escapeExpansion(
  file: ScriptFile,
  program: Script,
  { span }: HostExpansion,
  { setByHost }: HostNames,
): Fix | undefined {
  const written = textOf(program, span);
  if (written.includes('\\')) return undefined;
  const edits: FixEdit[] = [];
  for (const found of written.matchAll(/`|\$(?:\{?([A-Za-z_]\w*)|(?=[0-9{(@*#?!$-]))/g)) {
    // The value of the host's variable is what is wanted inside.
    if (found.index > 0 && setByHost.has(found[1] ?? '')) continue;
    const at = program.toFile(span.start + found.index);
    edits.push({
      kind: 'replace',
      file: file.path,
      range: file.lines.range({ start: at, end: at }),
      text: '\\',
    });
  }
  const shown = shorten(written, 30);
  return { title: `Leave it to the chroot's shell: \\${shown.replaceAll(/\s+/g, ' ')}`, edits };
}
