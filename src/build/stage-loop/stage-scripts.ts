import type { FileSystem } from '../../pigen/files/file-system';
import { readText } from '../../pigen/files/read-text';
import type { Place, Stage, SubStage } from '../../pigen/tree/stage-tree';
import { analyseScript } from '../../shell/analyse-script';
import type { BashParser } from '../../shell/bash-parser';
import type { Script } from '../../shell/script';

/** The scripts of a prerun.sh or a sub-stage, read but not run. */
export interface PartScripts {
  readonly scripts: readonly Script[];
  /** All texts of its steps, package lists among them. */
  readonly text: string;
}

export interface StageScripts {
  readonly stage: Stage;
  readonly prerun: Script | undefined;
  /** By name. */
  readonly subStages: ReadonlyMap<string, PartScripts>;
}

/** Reads what a stage runs. What cannot be read counts as empty: the build will tell. */
export async function readStageScripts(
  fs: FileSystem,
  parser: BashParser,
  stage: Stage,
): Promise<StageScripts> {
  const text = async (path: string): Promise<string> => {
    const found = await readText(fs, path);
    return typeof found === 'string' ? found : '';
  };
  const script = async (path: string, place: Place): Promise<Script> =>
    analyseScript(parser, await text(path), place);
  const part = async ({ steps }: SubStage): Promise<PartScripts> => {
    const files = steps.filter(({ kind }) => kind !== 'patches');
    const runs = files.filter(({ kind }) => kind === 'run' || kind === 'run-chroot');
    return {
      scripts: await Promise.all(runs.map(({ path, place }) => script(path, place))),
      text: (await Promise.all(files.map(({ path }) => text(path)))).join('\n'),
    };
  };
  return {
    stage,
    prerun: stage.prerun === undefined ? undefined : await script(stage.prerun.path, 'host'),
    subStages: new Map(
      await Promise.all(
        stage.subStages.map(async (subStage) => [subStage.name, await part(subStage)] as const),
      ),
    ),
  };
}

/** Whether a prerun.sh is the usual one and nothing else: `if [ ! -d "${ROOTFS_DIR}" ]; then copy_previous; fi`. */
export function isUsualPrerun(script: Script): boolean {
  const [whole, ...others] = script.root.children.filter(({ type }) => type !== 'comment' && type !== ';');
  if (whole?.type !== 'if_statement' || others.length > 0) return false;
  const branches = whole.children.some(({ type }) => type === 'elif_clause' || type === 'else_clause');
  const test = whole.children.find(({ field }) => field === 'condition');
  if (branches || test?.type !== 'test_command' || !testsForRootfs(script.text.slice(test.start, test.end))) {
    return false;
  }
  const [copy, ...more] = script.commands;
  return (
    more.length === 0 &&
    copy?.name?.literal === 'copy_previous' &&
    copy.arguments.length === 0 &&
    copy.assignments.length === 0 &&
    copy.redirects.length === 0
  );
}

/** The words of one `[ … ]`, which the syntax tree has set apart. */
function testsForRootfs(test: string): boolean {
  return /^\[\[?\s+!\s+-[de]\s+"?\$(?:ROOTFS_DIR|\{ROOTFS_DIR\})"?\s+\]\]?$/.test(test);
}

/** Whether a script names one of these variables anywhere but in its comments: in a heredoc or by `${!name}`, too. */
export function namesVariable(script: Script, names: readonly string[]): boolean {
  const { text, comments } = script;
  let at = 0;
  let code = '';
  for (const { start, end } of comments) {
    code += text.slice(at, start);
    at = end;
  }
  code += text.slice(at);
  return names.some((name) => hasWord(code, name));
}

/** Whether a text holds a word that is not part of a longer one. */
export function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = text.charAt(at - 1) + text.charAt(at + word.length);
    if (!/[\w-]/.test(around)) return true;
  }
  return false;
}

export function scriptsOf({ prerun, subStages }: StageScripts): readonly Script[] {
  const steps = [...subStages.values()].flatMap(({ scripts }) => scripts);
  return prerun === undefined ? steps : [prerun, ...steps];
}
