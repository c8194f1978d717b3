import type { Fix } from '../../pigen/finding';
import { baseName, folderOf, isAbsolute, joinPath } from '../../pigen/files/path';
import { upstreamFolder } from '../../pigen/tree/stage-list';
import type { Stage, StageList, StageListEntry, StageTree } from '../../pigen/tree/stage-tree';
import { nearestName } from '../knowledge/nearest-name';
import type { Report, Rule, TreeContext } from '../rule';

export const stageListRule: Rule = {
  name: 'stage-list',
  severity: 'error',
  summary:
    'A stage list that names a folder which is not there, or runs stages in an order that was not meant.',
  page: {
    why: `build.sh runs the folders of \`STAGE_LIST\` in its order. Without one it takes the glob \`stage*\`, which the shell sorts by letters:
\`stage10\` before \`stage2\`, and \`stage-app\` before \`stage0\`. A folder that the list does not name is not built. Links are
followed (\`realpath\`): a stage that is named through one runs under the name of the folder behind it.`,
    build: `A folder that is not there: \`pushd: …: No such file or directory\`, and the build fails when its turn comes, maybe after an hour. A
wrong order, or a \`SKIP\` in the stage before: \`copy_previous\` copies from the stage before in the list, skipped or not, and fails
where that was never built: \`Previous stage rootfs not found\`. A stage that is named twice runs twice, the second time on the root
file system that it has made, and its image is made again.`,
    fix: 'Correct the name in the list; the quick fix puts in the nearest one. Number stages with as many digits: `stage02`, `stage10`.',
    silent: [
      'stage0 to stage5 in a repository without pi-gen',
      'lists that only bash or GitHub can tell, or that are set under a condition',
      'absolute paths, which may be those of the build container',
      'stages that another config, or a workflow, names',
      '`SKIP` in stages behind which nothing else is built, or before a stage that makes its root file system itself',
    ],
    bad: { tree: 'bad-names', show: 'config' },
    good: { tree: 'good-lists', show: 'config' },
  },
  aboutSurroundings: true,

  *checkTree(context: TreeContext): Iterable<Report> {
    const { tree } = context;
    for (const list of tree.stageLists) {
      if (list.source === 'config') yield* checkEntries(list, tree);
      yield* checkRepeats(list);
    }
    if (tree.stageList.source === 'default') {
      yield* checkOrder(tree);
      yield* checkFirst(context);
    }
    yield* checkUnlisted(tree);
    yield* checkSkippedBases(context);
  },
};

function* checkEntries(list: StageList, tree: StageTree): Iterable<Report> {
  const { file } = list;
  if (file === undefined || list.conditional === true) return;
  const names = tree.stages.filter(({ role }) => role === 'stage').map(({ name }) => name);
  const listed = new Set(list.entries.map(({ path, text }) => baseName(path ?? text)));
  for (const entry of list.entries) {
    if (!isMissing(entry)) continue;
    const name = baseName(entry.text);
    const free = names.filter((other) => !listed.has(other));
    const near = nearestName(name, free.filter(isListable));
    // In a repository without pi-gen the folder may be one of the pi-gen that it is used with.
    if (near === undefined && tree.layout === 'stages') continue;
    const split = near === undefined ? free.find((other) => listable(other) === name) : undefined;
    yield {
      message: `There is no folder ${entry.text}: build.sh stops when its turn comes. ${adviceFor(near, split)}`,
      file,
      ...(entry.range === undefined ? {} : { range: entry.range }),
      severity: tree.layout === 'pi-gen' ? 'error' : 'warning',
      fixes: near === undefined ? [] : [...nameFix(file, entry, near)],
    };
  }
}

/** build.sh runs each word of the list, and knows nothing of those before it. */
function* checkRepeats({ file, entries, conditional }: StageList): Iterable<Report> {
  if (conditional === true) return;
  const seen = new Set<string>();
  for (const { path, link, range } of entries) {
    if (path === undefined) continue;
    const isRepeat = seen.has(path);
    seen.add(path);
    const named = link ?? path;
    if (!isRepeat) continue;
    const through = link === undefined ? '' : `, through the link ${baseName(link)}`;
    yield {
      message: `${baseName(path)} is in the stage list twice${through}: pi-gen runs its steps again on the root file system that they have made, and makes its image again. Name it once.`,
      file: file ?? named,
      ...(range === undefined ? {} : { range }),
      severity: 'warning',
    };
  }
}

/** build.sh takes each word of the list for a stage (`for STAGE_DIR in $STAGE_LIST`). */
function isListable(name: string): boolean {
  return !/[\s*?[]/.test(name);
}

function listable(name: string): string {
  return name.replaceAll(/\s+/g, '-');
}

function adviceFor(near: string | undefined, split: string | undefined): string {
  if (near !== undefined) return `Is ${near} meant?`;
  return split === undefined
    ? 'Correct the name, or make the stage.'
    : `The list is split at blanks, so it cannot name "${split}" either: rename that folder to ${listable(split)}.`;
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

/** `stage-app` comes before `stage0`: to the shell a hyphen, a dot and a capital come before a small letter, and the first two before digits. */
function* checkFirst({ tree, scripts }: TreeContext): Iterable<Report> {
  // A tree without a config is built with one from elsewhere (-c), which may have a list.
  if (tree.configs.length === 0) return;
  const stages = tree.stages.filter(({ position, role }) => position !== undefined && role === 'stage');
  const base = stages.findIndex(({ name }) => name === 'stage0');
  const first = stages[0];
  if (base <= 0 || first?.prerun === undefined || first.skip) return;
  if (scripts.get(first.prerun.path)?.text.includes('copy_previous') !== true) return;
  yield {
    message: `Without a STAGE_LIST build.sh runs stages in the order of the shell, and so ${first.name} before stage0: it has no stage to copy, and the build fails with "Previous stage rootfs not found". Set STAGE_LIST, with ${first.name} behind the stages that it builds on.`,
    file: first.path,
    severity: 'warning',
  };
}

function isNumberedBefore(a: Stage, b: Stage): boolean {
  const numbers = [a, b].map(({ name }) => /^stage-?(\d+)/.exec(name)?.[1]);
  const [first, second] = numbers;
  return first !== undefined && second !== undefined && Number(first) < Number(second);
}

function* checkUnlisted(tree: StageTree): Iterable<Report> {
  const lists = tree.stageLists.filter(({ source }) => source !== 'default');
  // Without build.sh's own list nothing says which one will hold.
  if (tree.stageList.source === 'none') return;
  const isOpen = lists.some(
    ({ entries, conditional }) => conditional === true || entries.some((one) => one.unknown),
  );
  if (isOpen) return;
  const listed = new Set(tree.stageLists.flatMap(({ entries }) => entries.map(({ path }) => path)));
  // A misspelt entry has a finding of its own.
  if (lists.some(({ entries }) => entries.some((entry) => isMissing(entry)))) return;
  const isDefault = tree.stageList.source === 'default';
  const texts = [...tree.configs, ...tree.workflows].map(({ text }) => text);
  for (const { name, path, role, skip } of tree.stages) {
    if (role !== 'stage' || skip || listed.has(path) || upstreamFolder.test(name)) continue;
    // What only holds sub-stages for others looks like a stage.
    if (tree.stages.some(({ subStages }) => subStages.some(({ target = '' }) => folderOf(target) === path)))
      continue;
    // A sub-stage with a prerun.sh looks like a stage too.
    if (tree.stages.some((other) => other.path === folderOf(path))) continue;
    if (texts.some((text) => text.includes(name))) continue;
    yield {
      message: isDefault
        ? `Without a STAGE_LIST build.sh runs the folders called stage*, so ${name} is not built. Rename it, or set STAGE_LIST.`
        : `No stage list names ${name}, so it is not built. Add it to STAGE_LIST where it belongs.`,
      file: path,
      severity: 'information',
    };
  }
}

/** Stages that are passed over and whose root file system the next one copies. */
function* checkSkippedBases(context: TreeContext): Iterable<Report> {
  const { tree, scripts } = context;
  const { stageList } = tree;
  if (stageList.source === 'none' || stageList.conditional === true) return;
  for (const [i, { path }] of stageList.entries.entries()) {
    const stage = tree.stages.find((one) => one.path === path);
    const following = stageList.entries[i + 1]?.path;
    const next = tree.stages.find((one) => one.path === following);
    if (stage?.skip !== true || next === undefined || next.skip || next.prerun === undefined) continue;
    const prerun = scripts.get(next.prerun.path);
    if (prerun?.text.includes('copy_previous') !== true) continue;
    const file = joinPath(stage.path, 'SKIP');
    // A SKIP that git does not have is put there for a while, with the stage built before.
    const isForAll = context.isTracked(file);
    const effect = `pi-gen passes over ${stage.name}, but ${next.name} copies its root file system: a build that starts from nothing fails with "Previous stage rootfs not found"`;
    yield {
      message: isForAll
        ? `${effect}. Leave ${stage.name} out of STAGE_LIST, or remove its SKIP.`
        : `${effect}. That is well only as long as work/ still has it from an earlier build.`,
      file,
      severity: isForAll ? 'warning' : 'information',
    };
  }
}
