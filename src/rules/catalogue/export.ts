import type { Fix } from '../../pigen/finding';
import { findNearMiss } from '../../pigen/tree/near-miss';
import { staticValue } from '../../pigen/config/config';
import { joinPath } from '../../pigen/files/path';
import { isSince } from '../../pigen/release';
import { inputValue } from '../../pigen/workflow/workflow';
import type { Stage, StageTree } from '../../pigen/tree/stage-tree';
import type { Report, Rule, TreeContext } from '../rule';

export const exportRule: Rule = {
  name: 'export',
  severity: 'warning',
  summary: 'Stages that end up in no image, or images that are exported wrongly.',
  page: {
    why: `\`run_stage\` (build.sh) exports an image of a stage that holds the file \`EXPORT_IMAGE\`, unless it holds \`SKIP_IMAGES\` too. Where the
stage is skipped with \`SKIP\`, it is exported all the same. \`EXPORT_IMAGE\` sets the suffix of the file’s name, \`IMG_SUFFIX\`.`,
    build: `The build ends well with an empty \`deploy/\`, or with the image of an earlier stage, which lacks what the later ones do. Two images
with one suffix have one name: the second replaces the first. \`EXPORT_NOOBS\`, from bookworm on: a bundle without a kernel version and
with an empty boot part.`,
    fix: `Put a file \`EXPORT_IMAGE\` with \`IMG_SUFFIX="-name"\` into the last stage; the quick fix does. Put \`SKIP_IMAGES\` into stages whose images
are not wanted.`,
    silent: [
      'workflows with pi-gen-action, which exports the last stage itself (export-last-stage-only)',
      'lists that only bash can tell, and repositories without a list, but for `SKIP` beside `EXPORT_IMAGE`',
      'trees of pi-gen without a config, which are built with one from elsewhere (`-c`)',
      'workflows, Makefiles and scripts at the root that make an EXPORT_IMAGE themselves',
      'an `IMG_SUFFIX` with variables',
      'stages that are to be copied over those of pi-gen',
      '`EXPORT_NOOBS` before bookworm, with `USE_QEMU=1`, and with an export-noobs of one’s own',
    ],
    bad: { tree: 'bad-exports', show: 'config' },
    good: { tree: 'good-exports', show: 'config' },
  },
  aboutSurroundings: true,

  *checkTree(context: TreeContext): Iterable<Report> {
    yield* checkNoobs(context);
    yield* checkSkipped(context.tree);
    const stages = listedStages(context.tree);
    if (stages === undefined) return;
    yield* checkLast(context, stages);
    yield* checkSuffixes(stages, context);
  },
};

/** NOOBS bundles of releases for which there is no NOOBS. */
function* checkNoobs({ tree, release, scripts }: TreeContext): Iterable<Report> {
  if (!isSince(release, 'bookworm')) return;
  // build.sh makes none for QEMU; a fork may have brought its export-noobs up to date.
  if (tree.configs.some((file) => staticValue(file, 'USE_QEMU') === '1')) return;
  const isOwn = [...scripts.values()].some(
    ({ stage, upstream, text }) => stage?.name === 'export-noobs' && !upstream && text.includes('firmware'),
  );
  if (isOwn) return;
  for (const stage of tree.stages) {
    if (stage.role !== 'stage' || !stage.exportNoobs || !stage.exportImage || stage.skipImages) continue;
    const file = joinPath(stage.path, 'EXPORT_NOOBS');
    yield {
      message: `There is no NOOBS for ${release ?? 'this release'}: pi-gen's export-noobs still looks for the boot partition on /boot and for the kernel of an older release, and makes a bundle that nothing can install. Remove EXPORT_NOOBS.`,
      file,
      fixes: [{ title: 'Remove EXPORT_NOOBS', edits: [{ kind: 'delete', file }], preferred: true }],
    };
  }
}

/** The stages of the list that decides, in its order; undefined where it is not sure which they are. */
function listedStages({ stageList, stages }: StageTree): readonly Stage[] | undefined {
  const { source, entries, conditional } = stageList;
  if (source === 'none' || source === 'workflow' || conditional === true) return undefined;
  if (entries.some((entry) => entry.unknown === true || (entry.path === undefined && !entry.upstream))) {
    return undefined;
  }
  return stages.filter(({ position, role }) => position !== undefined && role === 'stage');
}

function* checkLast({ tree, subStageFiles }: TreeContext, stages: readonly Stage[]): Iterable<Report> {
  // Where the action builds the tree, it makes the last stage export.
  if (exportsLastItself(tree) || subStageFiles.makesExportImage) return;
  // A tree without a config is built with one from elsewhere (-c), which may name further stages.
  if (tree.stageList.source === 'default' && tree.configs.length === 0) return;
  const last = stages.at(-1);
  // Of a list that ends in pi-gen's own stages, pi-gen says what is exported.
  if (last === undefined || last.overlay || last.position !== tree.stageList.entries.length - 1) return;
  if (last.exportImage || last.skipImages || last.skip) return;
  // ignored-file reports a misspelt marker.
  const misspelt = last.others.map(({ name, kind }) => findNearMiss(name, kind, 'stage')?.suggestion);
  if (misspelt.includes('EXPORT_IMAGE')) return;
  const isUpstream = tree.stageList.entries.some(({ upstream }) => upstream);
  const earlier = stages.filter(({ exportImage, skipImages }) => exportImage && !skipImages);
  const before = earlier.at(-1);
  const effect =
    before !== undefined
      ? `the newest image is that of ${before.name}, without what the later stages do`
      : isUpstream
        ? 'only stages of pi-gen before it may be exported, without what it does'
        : 'no stage does, so the build ends with an empty deploy folder';
  yield {
    message: `${last.name} is the last stage of the list and has no EXPORT_IMAGE: ${effect}. Put a file EXPORT_IMAGE into it.`,
    file: last.path,
    fixes: [exportFix(last)],
  };
}

function exportsLastItself({ workflows }: StageTree): boolean {
  const steps = workflows.flatMap((workflow) => workflow.steps);
  return steps.some((step) => inputValue(step, 'export-last-stage-only') !== 'false');
}

function exportFix(stage: Stage): Fix {
  const suffix = stage.name.replace(/^stage[-_]?/, '') || stage.name;
  return {
    title: `Add EXPORT_IMAGE to ${stage.name}`,
    edits: [
      {
        kind: 'create',
        file: joinPath(stage.path, 'EXPORT_IMAGE'),
        text: `IMG_SUFFIX="-${suffix}"\n`,
        executable: false,
      },
    ],
  };
}

function* checkSkipped(tree: StageTree): Iterable<Report> {
  const { source, entries, conditional } = tree.stageList;
  if ((source === 'workflow' || source === 'none') && exportsLastItself(tree)) return;
  // SKIP means something in a stage of the list alone, so who put it there has the stage in a list.
  const isOpen = source === 'none' || conditional === true || entries.some(({ unknown }) => unknown === true);
  for (const stage of tree.stages) {
    if (stage.role !== 'stage' || (stage.position === undefined && !isOpen)) continue;
    if (!stage.skip || !stage.exportImage || stage.skipImages) continue;
    const file = joinPath(stage.path, 'SKIP_IMAGES');
    yield {
      message: `${stage.name} holds SKIP and EXPORT_IMAGE: pi-gen does not build it, but exports an image of it all the same, and fails where it was never built. Put a file SKIP_IMAGES beside them.`,
      file: joinPath(stage.path, 'EXPORT_IMAGE'),
      fixes: [
        {
          title: 'Add SKIP_IMAGES',
          edits: [{ kind: 'create', file, text: '', executable: false }],
          preferred: true,
        },
      ],
    };
  }
}

function* checkSuffixes(stages: readonly Stage[], { dataFiles, tree }: TreeContext): Iterable<Report> {
  const seen = new Map<string, Stage>();
  for (const stage of stages) {
    if (!stage.exportImage || stage.skipImages) continue;
    const path = joinPath(stage.path, 'EXPORT_IMAGE');
    const file = dataFiles.get(path);
    const mayBeForQemu = tree.configs.some(({ assignments }) =>
      assignments.some(({ name, literal }) => name === 'USE_QEMU' && literal !== '0'),
    );
    const suffix = file && suffixIn(mayBeForQemu ? file.text : withoutQemu(file.text));
    if (suffix === undefined) continue;
    const other = seen.get(suffix);
    seen.set(suffix, stage);
    if (other === undefined) continue;
    yield {
      message: `The images of ${other.name} and ${stage.name} have the same suffix "${suffix}" and so the same name: the second replaces the first. Give each IMG_SUFFIX of its own, or put SKIP_IMAGES into one of them.`,
      file: path,
      related: [
        {
          file: joinPath(other.path, 'EXPORT_IMAGE'),
          range: { start: { line: 0, column: 0 }, end: { line: 0, column: 0 } },
          message: `The suffix of ${other.name}`,
        },
      ],
    };
  }
}

/** pi-gen's own EXPORT_IMAGE files have a suffix more where USE_QEMU is set. */
function withoutQemu(text: string): string {
  return text.replace(/^if \[ "\$\{USE_QEMU\}" = "1" \]; then\n[^\n]*\nfi$/m, '');
}

/** The suffix where the file does nothing but set it to a plain value; an empty file leaves the one of the stage before. */
function suffixIn(text: string): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => !/^[ \t]*(?:#|$)/.test(line));
  const found = /^[ \t]*(?:export[ \t]+)?IMG_SUFFIX=(["']?)([\w.-]*)\1[ \t]*$/.exec(lines[0] ?? '');
  return lines.length === 1 ? found?.[2] : undefined;
}
