import type { Entry } from '../../pigen/files/file-system';
import type { Fix } from '../../pigen/finding';
import { editDistance } from '../../pigen/tree/near-miss';
import { joinPath } from '../../pigen/files/path';
import type { Stage, Step } from '../../pigen/tree/stage-tree';
import type { Span } from '../../pigen/text';
import { isPatchName } from '../inputs/data-file';
import type { DataFile } from '../inputs/data-file';
import type { Report, Rule, TreeContext } from '../rule';

export const patches: Rule = {
  name: 'patches',
  severity: 'error',
  summary:
    'A `NN-patches` folder whose `series` and patches do not fit together, or a patch that cannot be read.',
  page: {
    why: `\`run_sub_stage\` (build.sh) runs \`quilt push -a\` with \`NN-patches\` as its folder. quilt applies what the file \`series\` names, in
its order, and nothing else. Where a file \`EDIT\` lies there, build.sh starts an interactive shell first. All patch folders of a sub-stage
share what quilt keeps of its work in \`.pc\`, the folder that it works with included.`,
    build: `A patch that \`series\` names and that is not there: \`Patch … does not exist\`, and the build fails. Without a \`series\` quilt says
\`No series file found\`: the quilt of Debian trixie stops the build with it (0.68, status 1), that of bookworm and before lets build.sh
go on without the patches (0.66, status 2). Of two patch
folders in one sub-stage quilt applies the first only, and says of the second \`File series fully applied\`. A hunk whose lines do not
fit its numbers: \`malformed patch at line 7\` or \`unexpected end of file in patch\`.`,
    fix: `Name every patch in \`series\`, one a line; make patches with \`diff -u\` or quilt and do not edit them by hand. The quick fixes write
the \`series\`, add a patch to it, and remove \`EDIT\`. Give further patches of a sub-stage a sub-stage of their own.`,
    silent: [
      'comments and options (`-p1`) in `series`, patches whose line there is commented out, and patches in sub-folders',
      'files that are no patches by their name',
      'empty context lines that lost their blank, and text before and behind the hunks',
      'stages that are to be copied over those of pi-gen',
    ],
    bad: { tree: 'bad-series', show: 'stage-app/00-service/00-patches/series' },
    good: { tree: 'good-series', show: 'stage-app/00-service/00-patches/series' },
  },
  aboutSurroundings: true,

  *checkTree(context: TreeContext): Iterable<Report> {
    for (const stage of context.tree.stages) {
      for (const { steps } of stage.subStages) {
        const folders = steps.filter(({ kind }) => kind === 'patches');
        for (const step of folders) yield* checkFolder(step, stage, context);
        yield* checkFurther(folders, context);
      }
    }
    for (const file of context.dataFiles.values()) if (file.kind === 'patch') yield* checkHunks(file);
  },
};

function* checkFolder(step: Step, stage: Stage, context: TreeContext): Iterable<Report> {
  const { patchFolders, dataFiles } = context;
  const entries = patchFolders.get(step.path);
  if (entries === undefined) return;
  const files = entries.filter(({ kind }) => kind === 'file');
  const found = files.filter(({ name }) => isPatchName(name)).map(({ name }) => name);
  if (files.some(({ name }) => name === 'EDIT')) yield editLeft(step);
  const series = joinPath(step.path, 'series');
  const read = dataFiles.get(series);
  if (read !== undefined) {
    yield* checkSeries(read, entries, found, stage, context);
  } else if (!entries.some(({ name }) => name === 'series') && found.length > 0 && !stage.overlay) {
    yield noSeries(step, series, found, entries);
  }
}

/**
 * build.sh gives all patch folders of a sub-stage one place for quilt's notes (`SUB_STAGE_QUILT_PATCH_DIR`), and quilt reads
 * there which folder it has to do with (`.pc/.quilt_patches`), before it asks QUILT_PATCHES.
 */
function* checkFurther(folders: readonly Step[], { dataFiles }: TreeContext): Iterable<Report> {
  const named = (step: Step): boolean => {
    const series = dataFiles.get(joinPath(step.path, 'series'));
    return series !== undefined && namesIn(series.text).length > 0;
  };
  const [first, ...further] = folders.filter(named);
  if (first === undefined) return;
  for (const { path, name } of further) {
    yield {
      message: `quilt keeps to ${first.name}, the first patches of this sub-stage, so nothing of ${name} is applied, and the build goes on as if it were (unless CLEAN=1). Move it into a sub-stage of its own, or its patches into ${first.name}.`,
      file: path,
      severity: 'warning',
    };
  }
}

function editLeft({ path, name }: Step): Report {
  const file = joinPath(path, 'EDIT');
  return {
    message: `build.sh starts an interactive shell where it finds EDIT in ${name}, and the build waits for it or goes on with nothing done. Remove it before others build this stage.`,
    file,
    severity: 'warning',
    fixes: [{ title: 'Remove EDIT', edits: [{ kind: 'delete', file }], preferred: true }],
  };
}

function noSeries(step: Step, series: string, found: readonly string[], entries: readonly Entry[]): Report {
  const near = entries.find(
    ({ name }) => editDistance(name.toLowerCase().replace(/\.txt$/, ''), 'series', 2) <= 2,
  );
  const fix: Fix =
    near === undefined
      ? {
          title: 'Write a series that names the patches in the order of their names',
          edits: [
            {
              kind: 'create',
              file: series,
              text: found.map((name) => `${name}\n`).join(''),
              executable: false,
            },
          ],
          preferred: true,
        }
      : {
          title: `Rename ${near.name} to series`,
          edits: [{ kind: 'rename', from: joinPath(step.path, near.name), to: series }],
          preferred: true,
        };
  return {
    message: `${step.name} has no file called series, which tells quilt what to apply: the build stops with "No series file found", or with the quilt of an older Debian goes on without the patches. Name them in a file series, one a line.`,
    file: step.path,
    fixes: [fix],
  };
}

function* checkSeries(
  series: DataFile,
  entries: readonly Entry[],
  found: readonly string[],
  stage: Stage,
  { dataFiles, includesUpstream }: TreeContext,
): Iterable<Report> {
  const named = namesIn(series.text);
  const names = new Set(named.map(({ name }) => name));
  for (const { name, span } of named) {
    // A CR in a name is for line-endings; what lies deeper is not read.
    if (/[/\r\uFEFF]/.test(name) || stage.overlay || entries.some((entry) => entry.name === name)) continue;
    yield {
      message: `${name} is not in this folder: quilt stops with "Patch … does not exist", and the build fails. Add the patch, or correct the name.`,
      file: series.path,
      range: series.lines.range(span),
      fixes: [...nameFix(series, name, span, found, names)],
    };
  }
  if (series.text.includes('\r') || series.text.startsWith('\uFEFF')) return;
  const putAside = new Set(putAsideIn(series.text));
  for (const name of found) {
    if (names.has(name) || putAside.has(name)) continue;
    const patch = joinPath(series.path.slice(0, series.path.lastIndexOf('/')), name);
    // pi-gen itself has left one behind: stage2 of 2016.
    if (!includesUpstream && series.upstream && dataFiles.get(patch)?.upstream === true) continue;
    // Where the name is only misspelt, the finding above says so.
    if (named.some((other) => !found.includes(other.name) && isNear(other.name, name))) continue;
    yield {
      message: `series does not name ${name}, so quilt does not apply it. Add its name to series, or remove the file.`,
      file: patch,
      severity: 'warning',
      fixes: [appendFix(series, name)],
    };
  }
}

interface Named {
  readonly name: string;
  readonly span: Span;
}

/** The first word of each line that is no comment. */
function namesIn(text: string): readonly Named[] {
  return [...text.matchAll(/^[ \t]*([^#\s][^ \t\n]*)/gm)].map((found) => {
    const name = found[1] ?? '';
    const start = found.index + found[0].length - name.length;
    return { name, span: { start, end: start + name.length } };
  });
}

/** The first word of each comment: a patch whose line is commented out is left out on purpose. */
function putAsideIn(text: string): readonly string[] {
  return [...text.matchAll(/^[ \t]*#[# \t]*([^\s:;,]+)/gm)].flatMap(([, name]) => name ?? []);
}

function isNear(a: string, b: string): boolean {
  return editDistance(a.toLowerCase(), b.toLowerCase(), 2) <= 2;
}

function* nameFix(
  series: DataFile,
  name: string,
  span: Span,
  found: readonly string[],
  names: ReadonlySet<string>,
): Iterable<Fix> {
  const near = found.filter((other) => !names.has(other) && isNear(other, name));
  const [only] = near;
  if (only === undefined || near.length > 1) return;
  const range = series.lines.range(span);
  yield {
    title: `Change ${name} to ${only}`,
    edits: [{ kind: 'replace', file: series.path, range, text: only }],
    preferred: true,
  };
}

function appendFix(series: DataFile, name: string): Fix {
  const end = series.text.length;
  const before = series.text === '' || series.text.endsWith('\n') ? '' : '\n';
  return {
    title: `Add ${name} to the end of series`,
    edits: [
      {
        kind: 'replace',
        file: series.path,
        range: series.lines.range({ start: end, end }),
        text: `${before}${name}\n`,
      },
    ],
  };
}

const hunkHeader = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/** patch takes missing lines at the end for empty ones, if they are fewer than these. */
const missingAtEnd = 4;

/** Reads hunks as GNU patch does, and reports the first that it refuses. CRs and binary patches are passed over. */
function* checkHunks(file: DataFile): Iterable<Report> {
  if (file.text.includes('\r') || file.text.includes('GIT binary patch')) return;
  const lines = file.text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (let i = 0; i < lines.length; i++) {
    const header = hunkHeader.exec(lines[i] ?? '');
    if (header === null || !previousHeader(lines, i).startsWith('+++ ')) continue;
    let before = Number(header[1] ?? 1);
    let after = Number(header[2] ?? 1);
    const at = i;
    while (before > 0 || after > 0) {
      const line = lines[i + 1];
      if (line === undefined) {
        if (Math.max(before, after) >= missingAtEnd)
          yield malformed(file, at, 'the file ends before it does');
        return;
      }
      const sign = line.charAt(0);
      if (sign === '\\') {
        i++;
        continue;
      }
      if (!/^[-+ \t=]?$/.test(sign)) {
        yield malformed(file, i + 1, 'this line begins with neither a blank, + nor -');
        return;
      }
      if (sign !== '+') before--;
      if (sign !== '-') after--;
      if (before < 0 || after < 0) {
        yield malformed(file, i + 1, 'it has more lines of this kind than its header says');
        return;
      }
      i++;
    }
  }
}

/** The nearest line above that is no part of an earlier hunk’s numbers: the `+++` line, or an earlier hunk. */
function previousHeader(lines: readonly string[], at: number): string {
  for (let i = at - 1; i >= 0; i--) {
    const line = lines[i] ?? '';
    if (line.startsWith('+++ ')) return line;
    if (/^diff |^Index: /.test(line)) return '';
  }
  return '';
}

function malformed(file: DataFile, line: number, reason: string): Report {
  const span = { start: file.lines.lineStart(line), end: file.lines.lineEnd(line) };
  return {
    message: `patch cannot read this hunk (${reason}), so quilt stops and the build fails. Make the patch again with diff -u or quilt refresh.`,
    file: file.path,
    range: file.lines.range(span),
  };
}
