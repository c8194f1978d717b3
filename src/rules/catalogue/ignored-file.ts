import type { Fix, FixEdit } from '../../pigen/finding';
import { findNearMiss } from '../../pigen/tree/near-miss';
import { folderOf, isWithin, joinPath } from '../../pigen/files/path';
import type { OtherEntry, Stage, SubStage } from '../../pigen/tree/stage-tree';
import { parseStepName, postrunName, prerunName, stageMarkers } from '../../pigen/tree/step-names';
import { findStrayPrerun, isStrayPrerunReported } from './missing-copy-previous';
import { mentions } from '../knowledge/mentions';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';

export const ignoredFile: Rule = {
  name: 'ignored-file',
  severity: 'warning',
  summary: 'A file whose name or place is nearly right, so that pi-gen never looks at it.',
  page: {
    why: `\`run_stage\` and \`run_sub_stage\` in build.sh ask for fixed names: \`prerun.sh\`, \`SKIP\`, \`SKIP_IMAGES\`, \`EXPORT_IMAGE\` and
\`EXPORT_NOOBS\` in a stage, \`SKIP\` and \`00-\` to \`99-\` with \`debconf\`, \`packages-nr\`, \`packages\`, \`patches\`, \`run.sh\` and
\`run-chroot.sh\` in the folders below it. Whatever has another name, or lies in another folder, is not looked at; nor is a
link that leads nowhere in the build container, which has the pi-gen tree, or each stage of a repository, and nothing around it.`,
    build: 'Nothing: no word in the log, and what the file says is missing in the image.',
    fix: `Rename the file to the name that pi-gen looks for, or move it to the folder where pi-gen looks. The quick fix renames it where the
right name is free.`,
    silent: [
      'README, LICENSE, dotfiles, and what was put aside: `00-run.sh.bak`, `00-packages.disabled`, `_EXPORT_IMAGE`',
      'helpers that a script of the same stage names',
      'folders of a stage, whatever their name: each is a sub-stage; and what is to be copied over pi-gen’s own, in a folder such as `export-image`',
      'files of other tools in a folder that holds no step, such as `ansible/packages`',
    ],
    bad: { tree: 'bad-names', show: 'stage-app/00-service' },
    good: { tree: 'good-helpers', show: 'stage-app/00-service' },
  },
  aboutSurroundings: true,

  *checkTree(context: TreeContext): Iterable<Report> {
    const stages = new Set(context.tree.stages.map(({ path }) => path));
    for (const stage of context.tree.stages) {
      // A sub-stage with a prerun.sh looks like a stage too; what lies in it is judged as a sub-stage's.
      if (stages.has(folderOf(stage.path))) continue;
      // Where the whole stage lacks its rootfs for it, missing-copy-previous reports the file.
      const stray = isStrayPrerunReported(stage, context) ? findStrayPrerun(stage)?.path : undefined;
      const reports = [
        ...checkLinks(stage, context),
        ...checkStage(stage, context),
        ...stage.subStages.flatMap((sub) => [...checkSubStage(stage, sub, context)]),
      ];
      yield* reports.filter(({ file }) => file !== stray);
    }
  },
};

/**
 * Links to what a build container does not have: build-docker.sh copies the tree into it, pi-gen-action mounts each stage alone.
 * run_stage and run_sub_stage ask whether there is a folder, or a file, and pass over a link that leads nowhere.
 */
function* checkLinks(stage: Stage, { tree }: TreeContext): Iterable<Report> {
  const isCopied = tree.layout === 'pi-gen' && isWithin(tree.root, stage.path);
  const boundary = isCopied ? tree.root : stage.path;
  const where = isCopied ? 'the pi-gen tree' : `the stage ${stage.name}`;
  for (const { name, path, target } of [
    ...stage.subStages,
    ...stage.subStages.flatMap(({ steps }) => steps),
  ]) {
    if (target === undefined || isWithin(boundary, target)) continue;
    yield {
      message: `${name} is a link that leads out of ${where}, and a build container has nothing around that: pi-gen passes over it there without a word, and nothing of it reaches the image. Put what it leads to inside ${where}.`,
      file: path,
      fixes: [],
    };
  }
  for (const { name, path, broken } of [
    ...stage.others,
    ...stage.subStages.flatMap(({ others }) => others),
  ]) {
    if (broken !== true || !/^\d\d-/.test(name)) continue;
    yield {
      message: `${name} is a link that leads nowhere: pi-gen passes over it without a word, and nothing of it reaches the image. Correct the link, or remove it.`,
      file: path,
      fixes: [],
    };
  }
}

function* checkStage(stage: Stage, context: TreeContext): Iterable<Report> {
  for (const other of stage.others) {
    if (other.kind === 'other' || isNamed(other.name, stage, context)) continue;
    if (parseStepName(other.name) !== undefined) {
      yield misplacedStep(other, stage);
      continue;
    }
    if (other.kind === 'file' && other.name === postrunName) {
      yield misplacedPostrun(other);
      continue;
    }
    const near = findNearMiss(other.name, other.kind, 'stage');
    if (near === undefined) continue;
    // `packages`, `run.sh` without a number lie in the stage folder for reasons of their own.
    if (parseStepName(near.suggestion) !== undefined) {
      if (/^\d/.test(other.name)) yield misplacedStep(other, stage);
      continue;
    }
    yield nearMiss(other, near.suggestion, near.reason, namesOf(stage));
  }
}

function misplacedPostrun({ path }: OtherEntry): Report {
  return {
    message: `pi-gen looks for ${postrunName} beside build.sh only, where it runs once, when all images are made: this one never runs. What the stage needs last goes into a sub-stage of its own, such as 99-finish/00-run.sh.`,
    file: path,
    fixes: [],
  };
}

function misplacedStep(other: OtherEntry, stage: Stage): Report {
  const [only, second] = stage.subStages.filter(({ name }) => name !== 'files');
  const isFree =
    second === undefined && only !== undefined && !only.steps.some(({ name }) => name === other.name);
  const example = isFree ? only.name : '00-name';
  const shown = `${stage.name}/${example}/${other.name}`;
  const to = joinPath(joinPath(stage.path, example), other.name);
  const move: FixEdit[] = [{ kind: 'rename', from: other.path, to }];
  if (parseStepName(other.name)?.form.kind === 'run') move.push({ kind: 'make-executable', file: to });
  return {
    message: `${other.name} lies in the stage folder, where pi-gen looks for no steps, so it never runs. Move it into a sub-stage: ${shown}.`,
    file: other.path,
    // What is there in the sub-stage may run before or after it: that is for the author to say.
    fixes: isFree ? [{ title: `Move it to ${shown}`, edits: move }] : [],
  };
}

function* checkSubStage(stage: Stage, subStage: SubStage, context: TreeContext): Iterable<Report> {
  const taken = new Set([...subStage.steps, ...subStage.others].map(({ name }) => name));
  for (const other of subStage.others) {
    if (other.kind === 'other') {
      if (parseStepName(other.name) !== undefined) yield brokenLink(other);
      continue;
    }
    if (other.kind === 'folder' && other.name === 'files') {
      yield* checkFilesFolder(other, subStage, stage, context);
      continue;
    }
    // What is to be copied over one of pi-gen's own folders lies in a folder of its name.
    const isCopied = /^(?:stage[0-5]|export-image|export-noobs)$/.test(subStage.name);
    if (other.kind === 'file' && (other.name === prerunName || isStageMarker(other.name))) {
      if (isCopied) continue;
      yield misplacedInSubStage(other, stage);
      continue;
    }
    const near = findNearMiss(other.name, other.kind, 'sub-stage');
    if (near === undefined || isNamed(other.name, stage, context)) continue;
    if (!isMeantAsStep(other, subStage)) continue;
    yield nearMiss(other, near.suggestion, near.reason, taken);
  }
}

/** `run_sub_stage` asks `[ -f … ]` and `[ -x … ]`, which are false for a link without a target. */
function brokenLink(other: OtherEntry): Report {
  return {
    message: `${other.name} is no file but a link to something that is not there, so pi-gen passes over it, and nothing of it reaches the image. Correct the link, or put the file itself here.`,
    file: other.path,
    fixes: [],
  };
}

function isStageMarker(name: string): boolean {
  return stageMarkers.includes(name) && name !== 'SKIP';
}

/** A folder of another tool is a sub-stage to pi-gen too; what lies there is a step gone wrong only beside real ones, or with a number. */
function isMeantAsStep(other: OtherEntry, subStage: SubStage): boolean {
  if (/^\d/.test(other.name)) return true;
  if (other.kind === 'folder') return false;
  return subStage.steps.length > 0 || /^\d\d/.test(subStage.name);
}

function* checkFilesFolder(
  folder: OtherEntry,
  subStage: SubStage,
  stage: Stage,
  context: TreeContext,
): Iterable<Report> {
  for (const { name, kind } of context.filesFolders.get(folder.path) ?? []) {
    const step = parseStepName(name);
    if (kind === 'other' || step === undefined || (step.form.entry === 'folder') !== (kind === 'folder'))
      continue;
    if (isNamed(name, stage, context) || copiesAllFiles(stage, context)) continue;
    yield {
      message: `${name} lies in files/, where pi-gen looks for no steps, so it never runs. Move it up into ${subStage.name}.`,
      file: joinPath(folder.path, name),
      fixes: [],
    };
  }
}

function misplacedInSubStage(other: OtherEntry, stage: Stage): Report {
  const target = joinPath(stage.path, other.name);
  const isPrerun = other.name === prerunName;
  const taken = isPrerun ? stage.prerun !== undefined : namesOf(stage).has(other.name);
  const move: FixEdit[] = [{ kind: 'rename', from: other.path, to: target }];
  if (isPrerun) move.push({ kind: 'make-executable', file: target });
  return {
    message: `pi-gen looks for ${other.name} in the stage folder only, so it has no effect in a sub-stage. Move it to ${stage.name}.`,
    file: other.path,
    fixes: taken ? [] : [{ title: `Move it to ${stage.name}/${other.name}`, edits: move }],
  };
}

function nearMiss(other: OtherEntry, suggestion: string, reason: string, taken: ReadonlySet<string>): Report {
  const isStep = parseStepName(suggestion) !== undefined;
  const effect = isStep ? 'Nothing in it reaches the image.' : 'As it is, it has no effect.';
  return {
    message: `pi-gen ignores ${other.name}: ${reason}. ${effect} Rename it to ${suggestion}.`,
    file: other.path,
    fixes: taken.has(suggestion) ? [] : [renameFix(other, suggestion)],
  };
}

function renameFix(other: OtherEntry, suggestion: string): Fix {
  const to = joinPath(folderOf(other.path), suggestion);
  const edits: FixEdit[] = [{ kind: 'rename', from: other.path, to }];
  if (suggestion === prerunName || parseStepName(suggestion)?.form.kind === 'run') {
    edits.push({ kind: 'make-executable', file: to });
  }
  return { title: `Rename it to ${suggestion}`, edits, preferred: keepsItsPlace(other.name, suggestion) };
}

/** A number that the author did not write, or that has too many digits, is a guess. */
function keepsItsPlace(name: string, suggestion: string): boolean {
  if (parseStepName(suggestion) === undefined) return true;
  const digits = /^\d+/.exec(name)?.[0] ?? '';
  return digits.length === 1 || digits.length === 2;
}

function namesOf(stage: Stage): ReadonlySet<string> {
  const names = [...stage.subStages, ...stage.others].map(({ name }) => name);
  if (stage.prerun !== undefined) names.push(prerunName);
  if (stage.skip) names.push('SKIP');
  if (stage.skipImages) names.push('SKIP_IMAGES');
  if (stage.exportImage) names.push('EXPORT_IMAGE');
  if (stage.exportNoobs) names.push('EXPORT_NOOBS');
  return new Set(names);
}

function scriptsOf(stage: Stage, context: TreeContext): readonly ScriptFile[] {
  const steps = stage.subStages.flatMap((subStage) => subStage.steps);
  const paths = [stage.prerun?.path, ...steps.map(({ path }) => path)];
  return paths.flatMap((path) => (path === undefined ? [] : (context.scripts.get(path) ?? [])));
}

/** Whether a script of the stage uses the file, as it does a helper or a list of its own. */
function isNamed(name: string, stage: Stage, context: TreeContext): boolean {
  return scriptsOf(stage, context).some(({ script }) => mentions(script, name));
}

/** Whether a script of the stage takes the `files` folder as a whole into the image. */
function copiesAllFiles(stage: Stage, context: TreeContext): boolean {
  return scriptsOf(stage, context).some(({ script }) =>
    ['files', 'files/', 'files/.', 'files/*', './files', './files/', './files/.', './files/*'].some((name) =>
      mentions(script, name),
    ),
  );
}
