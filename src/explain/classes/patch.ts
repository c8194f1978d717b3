import { baseName, folderOf, joinPath } from '../../pigen/files/path';
import { fileStart, LineIndex } from '../../pigen/text';
import type { Clue, FailureClass, Place } from '../failure-class';
import { atStep } from '../places';
import { lineRange } from '../scene';
import type { Scene } from '../scene';

interface PatchFile {
  readonly path: string;
  readonly text: string;
}

/** The patch that quilt said last it was applying, or that the message names. */
async function openPatch(clue: Clue, scene: Scene): Promise<PatchFile | undefined> {
  const applying = scene.lines
    .filter(({ line }) => line <= clue.line)
    .findLast(({ text }) => text.startsWith('Applying patch '));
  const name = clue.match.groups?.['name'] ?? applying?.text.slice('Applying patch '.length).trim();
  if (name === undefined) return undefined;
  // A part of a log may hold no step; quilt says the whole path.
  const folder = scene.local?.path ?? scene.paths.find(folderOf(name))?.path;
  if (folder === undefined) return undefined;
  const path = joinPath(folder, baseName(name));
  const text = await scene.readText(path);
  return text === undefined ? undefined : { path, text };
}

function atLine({ path, text }: PatchFile, line: number): Place {
  const lines = new LineIndex(text);
  if (line < 0 || line >= lines.lineCount) return { file: path, range: fileStart };
  return { file: path, range: lineRange(lines, text, line) };
}

/** The hunk that failed first: the head of that hunk of that file in the patch. */
async function atHunk(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const patch = await openPatch(clue, scene);
  if (patch === undefined) return scene.stepPlace();
  const before = scene.lines.filter(({ line }) => line <= clue.line);
  const failed = before.findIndex(({ text }) => /^Hunk #\d+ FAILED/.test(text));
  const number = Number(/^Hunk #(\d+)/.exec(before[failed]?.text ?? '')?.[1]);
  const target = before
    .slice(0, Math.max(failed, 0))
    .findLast(({ text }) => text.startsWith('patching file '))
    ?.text.slice('patching file '.length)
    .trim();
  return atLine(patch, hunkLine(patch.text, target, number));
}

/** 0-based; of the first line where there is no such hunk. */
function hunkLine(text: string, target: string | undefined, number: number): number {
  let inTarget = target === undefined;
  let count = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const file = /^\+\+\+ (\S+)/.exec(line)?.[1];
    if (file !== undefined) {
      // quilt applies with -p1: the first part of the name is not in the message.
      inTarget = target === undefined || file.endsWith(target);
      count = 0;
    } else if (line.startsWith('@@') && inTarget && ++count === number) {
      return index;
    }
  }
  return 0;
}

/** The patches of a stage, as quilt applies them. */
export const patchClasses: readonly FailureClass[] = [
  {
    name: 'patch-applied-before',
    signs: [' can be reverse-applied'],
    match: /^Patch (?<name>\S+) can be reverse-applied/,
    says: 'Patch 01-hosts.diff can be reverse-applied',
    certainty: 'certain',
    during: ['patches', 'outside'],
    cause:
      'The change that the patch makes is in the image already: the stage was built on a root file system that had been patched before.',
    fix: 'Build with CLEAN=1; where it is so in a clean build too, the patch is no longer needed.',
    locate: atHunk,
  },
  {
    name: 'patch-failed',
    signs: [' does not apply'],
    match: /^Patch (?<name>\S+) does not apply/,
    says: 'Patch 00-hostname.diff does not apply (enforce with -f)',
    certainty: 'certain',
    during: ['patches', 'outside'],
    cause:
      'A hunk of the patch does not fit the file of the image: that has changed since the patch was made, or it was applied before.',
    fix: 'Make the patch anew against the current file (a file EDIT beside it makes pi-gen stop for it); for a stage that is built again, set CLEAN=1.',
    follows: ['patches'],
    locate: atHunk,
  },
  {
    name: 'patches',
    signs: ['malformed patch at line '],
    match: /malformed patch at line (?<line>\d+)/,
    says: 'patch: **** malformed patch at line 7:',
    certainty: 'certain',
    during: ['patches', 'outside'],
    cause: 'The patch cannot be read at its line {line}: a hunk has more or fewer lines than its head says.',
    fix: 'Make the patch anew with quilt or diff -u in the place of editing it by hand.',
    locate: async (clue, scene) => {
      const patch = await openPatch(clue, scene);
      const line = Number(clue.match.groups?.['line']) - 1;
      return patch === undefined ? scene.stepPlace() : atLine(patch, line);
    },
  },
  {
    name: 'patches',
    signs: ["can't find file to patch at input line "],
    match: /can't find file to patch at input line (?<line>\d+)/,
    says: "can't find file to patch at input line 3",
    certainty: 'certain',
    during: ['patches', 'outside'],
    cause: 'The patch changes a file that the image does not have.',
    fix: 'Correct the path in the patch: below the first folder it begins with rootfs/. Or install what brings the file before this step.',
    locate: async (clue, scene) => {
      const patch = await openPatch(clue, scene);
      const line = Number(clue.match.groups?.['line']) - 1;
      if (patch === undefined) return scene.stepPlace();
      const lines = patch.text.split('\n');
      // patch gives the line behind the head that names the file.
      const head = lines.slice(0, line + 1).findLastIndex((text) => text.startsWith('+++ '));
      return atLine(patch, head < 0 ? line : head);
    },
  },
  {
    name: 'patches',
    signs: ['No series file found', 'File series fully applied', ' not found', 'does not exist'],
    match:
      /(?:^No series file found|^File series .* not found|^Patch (?<missing>\S+) (?:does not exist|is not in series)|^(?<target>\S+): No such file)/,
    says: 'Patch 02-hosts.diff does not exist; applied patch would be empty',
    certainty: 'certain',
    during: ['patches'],
    cause:
      'The file series, which tells quilt the patches and their order, is missing or names a patch that is not there.',
    fix: 'Add a file called series with the name of each patch on its own line, and correct the names in it.',
    locate: async (clue, scene) => {
      const folder = scene.local?.path;
      const name = clue.match.groups?.['missing'];
      if (folder === undefined || name === undefined) return atStep(clue, scene);
      const path = joinPath(folder, 'series');
      const text = await scene.readText(path);
      if (text === undefined) return scene.stepPlace();
      const line = text.split('\n').findIndex((entry) => entry.trim().startsWith(baseName(name)));
      return atLine({ path, text }, Math.max(line, 0));
    },
  },
];
