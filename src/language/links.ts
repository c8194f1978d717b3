import type { FileSystem } from '../pigen/files/file-system';
import { folderOf, joinPath, resolvePath } from '../pigen/files/path';
import type { Span } from '../pigen/text';
import { programsOf } from '../shell/queries';
import { baseOf, mentionsIn } from './mentions';
import { fileOf } from './tree-entries';
import type { TreeFile } from './tree-file';
import { wordPaths } from './word-paths';

/** A stretch of a text that leads to a file. */
export interface Link {
  /** In the file's text. */
  readonly span: Span;
  /** Absolute path of a file that is there. */
  readonly target: string;
}

/**
 * The files that a text names and that are there: stages of a list, `files/…`, what is sourced, steps, patches of a series.
 * In source order. Rejects only as the file system does when aborted.
 */
export async function linksIn(file: TreeFile, fs: FileSystem): Promise<readonly Link[]> {
  const entries = mentionsIn(file).flatMap(({ span, entry }) => {
    const target = fileOf(entry);
    return target === undefined ? [] : [{ span, target }];
  });
  const named = [...pathsIn(file), ...patchesIn(file)];
  const checked = await Promise.all(
    named.map(async (link) => ((await fs.stat(link.target))?.kind === 'file' ? [link] : [])),
  );
  // A link to a file goes before one to a stage that its path passes through.
  const files = checked.flat();
  const others = entries.filter(
    ({ span }) => !files.some((link) => link.span.start < span.end && span.start < link.span.end),
  );
  return [...files, ...others].sort((a, b) => a.span.start - b.span.start);
}

function pathsIn(file: TreeFile): readonly Link[] {
  if (file.script === undefined || file.role === 'config') return [];
  const found: Link[] = [];
  for (const program of programsOf(file.script)) {
    if (program.place !== 'host') continue;
    for (const word of wordPaths(program)) {
      const base = baseOf(file, word);
      const [first] = word.parts.slice(base?.passed);
      const last = word.parts.at(-1);
      if (base === undefined || base.ofWork || !word.whole || first === undefined || last === undefined)
        continue;
      // A lone word may be a file beside the script by chance; one of the whole machine is none of the tree's.
      if (word.parts.length === 1 && word.variable === undefined && !last.name.includes('.')) continue;
      if (word.absolute && base.passed === 0) continue;
      const path = word.parts
        .slice(base.passed)
        .map(({ name }) => name)
        .join('/');
      found.push({
        span: program.toFileSpan({ start: first.span.start, end: last.span.end }),
        target: resolvePath(base.path, path),
      });
    }
  }
  return found;
}

function patchesIn({ role, path, text }: TreeFile): readonly Link[] {
  if (role !== 'series') return [];
  return [...text.matchAll(/^[ \t]*([^\s#]+)/gm)].map(({ 0: line, 1: name = '', index }) => {
    const end = index + line.length;
    return { span: { start: end - name.length, end }, target: joinPath(folderOf(path), name) };
  });
}
