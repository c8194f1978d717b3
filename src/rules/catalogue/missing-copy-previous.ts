import { joinPath } from '../../pigen/files/path';
import type { FixEdit } from '../../pigen/finding';
import { findNearMiss } from '../../pigen/tree/near-miss';
import { mountsStages } from '../../pigen/tree/own-build-scripts';
import type { OtherEntry, Stage, StageTree } from '../../pigen/tree/stage-tree';
import type { Span } from '../../pigen/text';
import { findPrerunFault, touchesRootfs } from '../knowledge/prerun';
import type { PrerunFault } from '../knowledge/prerun';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import { readShebang } from '../knowledge/shebang';

export const missingCopyPrevious: Rule = {
  name: 'missing-copy-previous',
  severity: 'error',
  summary: 'A stage that never gets the root file system of the stage before it.',
  page: {
    why: `Every stage works in a root file system of its own. \`run_stage\` in build.sh does not make it: the stage's \`prerun.sh\` does, by
calling \`copy_previous\` (scripts/common), which copies the result of the stage before it in the stage list. build.sh runs
\`prerun.sh\` only where it exists under exactly this name and is executable.`,
    build: `The stage starts without a root file system. Its first step fails:

\`\`\`
realpath: /pi-gen/work/NAME/STAGE/rootfs/proc: No such file or directory
…
Unable to chroot/chdir to [/pi-gen/work/NAME/STAGE/rootfs/]
\`\`\`

or a host script fills a \`rootfs\` folder that holds nothing else, which ends as an image that does not boot.`,
    fix: `Give the stage the usual \`prerun.sh\`, executable:

\`\`\`bash
#!/bin/bash -e

if [ ! -d "\${ROOTFS_DIR}" ]; then
	copy_previous
fi
\`\`\`

The quick fixes write it, rename a misspelt one, add the call to a script that lacks it, correct its name, turn the test round, or
take away the line that makes the folder before the test.`,
    silent: [
      'the first stage of the list, and every `prerun.sh` that bootstraps, rsyncs `PREV_ROOTFS_DIR`, unpacks an image or hands over to another script',
      '`export-image` and `export-noobs`',
      "folders called like pi-gen's own stages in a repository without pi-gen: they are copied over the upstream ones",
      'stages of host scripts that never touch the root file system, and stages with a `SKIP` file',
      'stages that no stage list names, in a pi-gen tree: they never run',
      'folders that only hold sub-stages, where no list names them and nothing marks them as a stage: they may be meant to be copied into one',
      'trees whose stages are qcow2 images (`USE_QCOW2=1`, the default of the buster branch): build.sh puts each on top of the one before',
    ],
    bad: { tree: 'bad-no-prerun', show: 'stage-app' },
    good: { tree: 'good-usual', show: 'stage-app/prerun.sh' },
  },
  aboutSurroundings: true,

  *checkTree(context: TreeContext): Iterable<Report> {
    for (const stage of context.tree.stages) {
      const { prerun } = stage;
      const file = prerun && context.scripts.get(prerun.path);
      // pi-gen's own copies or bootstraps, whichever it is.
      if (file?.upstream === true || !isJudged(stage, context)) continue;
      if (prerun === undefined) {
        yield reportMissing(stage);
        continue;
      }
      // Where it is not executable, not-executable says so: one cause, one finding.
      if (prerun.executeBit.disk === false || prerun.executeBit.index === false) continue;
      const fault = file && judge(file);
      if (file !== undefined && fault !== undefined) yield reportFault(file, fault);
    }
  },
};

/** Whether a stage needs a rootfs that its own prerun.sh has to copy. */
function isJudged(stage: Stage, context: TreeContext): boolean {
  const { tree } = context;
  if (stage.role === 'export' || stage.overlay || stage.skip || mountsStages(tree)) return false;
  return isLater(stage, tree) && needsRootfs(stage, context);
}

/** In the stage list, but not first; or in a repository of stages without a list, where another stage surely comes before. */
export function isLater(stage: Stage, tree: StageTree): boolean {
  const places = tree.stageLists.map((list) => list.entries.findIndex(({ path }) => path === stage.path));
  if (stage.position !== undefined) places.push(stage.position);
  const named = places.filter((place) => place >= 0);
  if (named.length > 0) return named.every((place) => place > 0);
  return tree.layout === 'stages' && tree.stageList.source === 'none' && isSurelyStage(stage);
}

/** A folder of sub-stages that nothing else marks as a stage may as well be copied into one, or be put aside. */
function isSurelyStage(stage: Stage): boolean {
  const { name, prerun, skip, skipImages, exportImage, exportNoobs } = stage;
  if (/^stage/i.test(name) || prerun !== undefined || findStrayPrerun(stage) !== undefined) return true;
  return skip || skipImages || exportImage || exportNoobs;
}

/** Whether what a stage does needs a root file system. */
export function needsRootfs(stage: Stage, context: TreeContext): boolean {
  if (stage.exportImage && !stage.skipImages) return true;
  const steps = stage.subStages.filter(({ skip }) => !skip).flatMap((subStage) => subStage.steps);
  if (steps.some(({ kind }) => kind !== 'run')) return true;
  return steps.some(({ path }) => {
    const file = context.scripts.get(path);
    return file !== undefined && touchesRootfs(file.script);
  });
}

/** Only bash, and dash, are read as shell here. */
function judge(file: ScriptFile): PrerunFault | undefined {
  const interpreter = readShebang(file.text)?.interpreter;
  if (interpreter !== undefined && !['bash', 'sh', 'dash'].includes(interpreter)) return undefined;
  return findPrerunFault(file.script);
}

const usualBlock = 'if [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nfi\n';

const effect =
  'so the stage starts without the root file system of the stage before it, and its first step fails or fills an empty folder';

/** Where a misnamed or misplaced prerun.sh of the stage lies. */
export function findStrayPrerun(stage: Stage): OtherEntry | undefined {
  if (stage.prerun !== undefined) return undefined;
  const near = stage.others.find(
    ({ name, kind }) => kind === 'file' && findNearMiss(name, 'file', 'stage')?.suggestion === 'prerun.sh',
  );
  return (
    near ??
    stage.subStages
      .flatMap(({ others }) => others)
      .find(({ name, kind }) => kind === 'file' && name === 'prerun.sh')
  );
}

/** Whether missing-copy-previous speaks of this stage's stray prerun.sh, so that ignored-file need not. */
export function isStrayPrerunReported(stage: Stage, context: TreeContext): boolean {
  return stage.prerun === undefined && isJudged(stage, context);
}

function reportMissing(stage: Stage): Report {
  const target = joinPath(stage.path, 'prerun.sh');
  const stray = findStrayPrerun(stage);
  if (stray !== undefined) {
    const problem =
      stray.name === 'prerun.sh'
        ? 'pi-gen runs prerun.sh from the stage folder only, not from a sub-stage'
        : `pi-gen looks for prerun.sh in exactly this spelling and ignores ${stray.name}`;
    return {
      message: `${problem}, ${effect}. ${stray.name === 'prerun.sh' ? `Move it to ${stage.name}` : 'Rename it'}, and keep it executable.`,
      file: stray.path,
      fixes: [
        {
          title: stray.name === 'prerun.sh' ? `Move it to ${stage.name}/prerun.sh` : 'Rename it to prerun.sh',
          edits: [
            { kind: 'rename', from: stray.path, to: target },
            { kind: 'make-executable', file: target },
          ],
          preferred: true,
        },
      ],
    };
  }
  return {
    message: `${stage.name} has no prerun.sh, ${effect}. Add an executable prerun.sh that calls copy_previous.`,
    file: stage.path,
    fixes: [
      {
        title: 'Add a prerun.sh that copies the previous stage',
        edits: [
          {
            kind: 'create',
            file: target,
            text: `#!/bin/bash -e\n\n${usualBlock}`,
            executable: true,
          },
        ],
        preferred: true,
      },
    ],
  };
}

function reportFault(file: ScriptFile, fault: PrerunFault): Report {
  switch (fault.kind) {
    case 'none':
      return {
        message: `This prerun.sh never calls copy_previous, ${effect}. Call it where the rootfs is not there yet.`,
        file: file.path,
        fixes: [{ title: 'Add the test and copy_previous', edits: [addBlock(file)], preferred: true }],
      };
    case 'misspelt':
      return {
        message: `pi-gen has no function "${fault.written}", so the build fails here with "command not found" and the stage gets no root file system. It is called copy_previous.`,
        file: file.path,
        span: fault.call,
        fixes: [
          {
            title: 'Correct it to copy_previous',
            edits: [replace(file, fault.call, 'copy_previous')],
            preferred: true,
          },
        ],
      };
    case 'inverted':
      return {
        message: `This test is the wrong way round: copy_previous runs only where the rootfs is there already, ${effect}. Negate the test.`,
        file: file.path,
        span: fault.test,
        fixes: [
          {
            title: 'Turn the test round',
            edits: [replace(file, fault.change.span, fault.change.text)],
            preferred: true,
          },
        ],
      };
    case 'made-before':
      return {
        message: `This makes the rootfs folder before the test below looks for it, so copy_previous never runs and the stage works in an empty root file system. Move it behind the test; copy_previous makes the folder by itself.`,
        file: file.path,
        span: fault.command,
        fixes:
          fault.line === undefined
            ? []
            : [{ title: 'Remove this line', edits: [replace(file, fault.line, '')], preferred: true }],
      };
  }
}

/** Behind the shebang and what follows it without a gap: comments and `set`. */
function addBlock(file: ScriptFile): FixEdit {
  const shebang = readShebang(file.text);
  if (shebang === undefined) return replace(file, { start: 0, end: 0 }, `#!/bin/bash -e\n\n${usualBlock}\n`);
  let end = file.lines.lineEnd(0);
  for (let line = 1; line < file.lines.lineCount; line++) {
    const text = file.text.slice(file.lines.lineStart(line), file.lines.lineEnd(line));
    if (!/^(?:#|set )/.test(text)) break;
    end = file.lines.lineEnd(line);
  }
  const alone = file.text.slice(end).trim() === '';
  return alone
    ? replace(file, { start: end, end: file.text.length }, `\n\n${usualBlock}`)
    : replace(file, { start: end, end }, `\n\n${usualBlock.trimEnd()}`);
}

function replace(file: ScriptFile, span: Span, text: string): Extract<FixEdit, { kind: 'replace' }> {
  return { kind: 'replace', file: file.path, range: file.lines.range(span), text };
}
