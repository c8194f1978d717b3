import type { Fix } from '../pigen/finding';
import { baseName, folderOf, isAbsolute } from '../pigen/path';
import { upstreamFolder } from '../pigen/stage-list';
import type { Stage, StageList, StageListEntry, StageTree } from '../pigen/stage-tree';
import { nearestName } from './nearest-name';
import type { Report, Rule, TreeContext } from './rule';

export const stageListRule: Rule = {
  name: 'stage-list',
  severity: 'error',
  summary:
    'A stage list that names a folder which is not there, or runs stages in an order that was not meant.',
  page: {
    why: `build.sh runs the folders of \`STAGE_LIST\` in its order. Without one it takes the glob \`stage*\`, which the shell sorts by letters:
\`stage10\` before \`stage2\`. A folder that the list does not name is not built.`,
    build: `A folder that is not there: \`pushd: …: No such file or directory\`, and the build fails when its turn comes, maybe after an hour. A
wrong order: \`copy_previous\` copies from the stage before in the list, and fails where there is none.`,
    fix: 'Correct the name in the list; the quick fix puts in the nearest one. Number stages with as many digits: `stage02`, `stage10`.',
    silent: [
      'stage0 to stage5 in a repository without pi-gen',
      'lists that only bash or GitHub can tell, or that are set under a condition',
      'absolute paths, which may be those of the build container',
      'stages that another config, or a workflow, names',
    ],
    bad: { tree: 'bad-names', show: 'config' },
    good: { tree: 'good-lists', show: 'config' },
  },
  aboutSurroundings: true,

  *checkTree({ tree }: TreeContext): Iterable<Report> {
    for (const list of tree.stageLists) if (list.source === 'config') yield* checkEntries(list, tree);
    if (tree.stageList.source === 'default') yield* checkOrder(tree);
    yield* checkUnlisted(tree);
  },
};

function* checkEntries(list: StageList, tree: StageTree): Iterable<Report> {
  const { file } = list;
  if (file === undefined || list.conditional === true) return;
  const names = tree.stages.filter(({ role }) => role === 'stage').map(({ name }) => name);
  const listed = new Set(list.entries.map(({ text }) => baseName(text)));
  for (const entry of list.entries) {
    if (!isMissing(entry)) continue;
    const name = baseName(entry.text);
    const near = nearestName(
      name,
      names.filter((other) => !listed.has(other)),
    );
    // In a repository without pi-gen the folder may be one of the pi-gen that it is used with.
    if (near === undefined && tree.layout === 'stages') continue;
    yield {
      message: `There is no folder ${entry.text}: build.sh stops when its turn comes. ${near === undefined ? 'Correct the name, or make the stage.' : `Is ${near} meant?`}`,
      file,
      ...(entry.range === undefined ? {} : { range: entry.range }),
      severity: tree.layout === 'pi-gen' ? 'error' : 'warning',
      fixes: near === undefined ? [] : [...nameFix(file, entry, near)],
    };
  }
}

function isMissing({ path, upstream, unknown, text }: StageListEntry): boolean {
  return (
    path === undefined && !upstream && unknown !== true && !isAbsolute(text) && !/[*?[$~]|\.\./.test(text)
  );
}

function* nameFix(file: string, { text, range }: StageListEntry, near: string): Iterable<Fix> {
  if (range === undefined || range.end.column - range.start.column !== text.length) return;
  const name = text.slice(0, text.length - baseName(text).length) + near;
  yield {
    title: `Change ${text} to ${name}`,
    edits: [{ kind: 'replace', file, range, text: name }],
    preferred: true,
  };
}

/** The glob's order where numbers say another one. */
function* checkOrder(tree: StageTree): Iterable<Report> {
  const stages = tree.stages.filter(({ position, role }) => position !== undefined && role === 'stage');
  for (const [i, stage] of stages.entries()) {
    const next = stages.slice(i + 1).find((other) => isNumberedBefore(other, stage));
    if (next === undefined) continue;
    yield {
      message: `Without a STAGE_LIST build.sh runs stages in the order of the shell, and so ${stage.name} before ${next.name}. Set STAGE_LIST, or number stages with as many digits.`,
      file: stage.path,
      severity: 'warning',
    };
  }
}

function isNumberedBefore(a: Stage, b: Stage): boolean {
  const numbers = [a, b].map(({ name }) => /^stage-?(\d+)/.exec(name)?.[1]);
  const [first, second] = numbers;
  return first !== undefined && second !== undefined && Number(first) < Number(second);
}

function* checkUnlisted(tree: StageTree): Iterable<Report> {
  const lists = tree.stageLists.filter(({ source }) => source !== 'default');
  if (tree.stageList.source === 'none' || tree.stageList.source === 'default') return;
  const isOpen = lists.some(
    ({ entries, conditional }) => conditional === true || entries.some((one) => one.unknown),
  );
  if (isOpen) return;
  const listed = new Set(lists.flatMap(({ entries }) => entries.map(({ path }) => path)));
  // A misspelt entry has a finding of its own.
  if (lists.some(({ entries }) => entries.some((entry) => isMissing(entry)))) return;
  const texts = [...tree.configs, ...tree.workflows].map(({ text }) => text);
  for (const { name, path, role, skip } of tree.stages) {
    if (role !== 'stage' || skip || listed.has(path) || upstreamFolder.test(name)) continue;
    // A sub-stage with a prerun.sh looks like a stage too.
    if (tree.stages.some((other) => other.path === folderOf(path))) continue;
    if (texts.some((text) => text.includes(name))) continue;
    yield {
      message: `No stage list names ${name}, so it is not built. Add it to STAGE_LIST where it belongs.`,
      file: path,
      severity: 'information',
    };
  }
}
