import { joinPath } from '../pigen/files/path';
import { fileStart, LineIndex } from '../pigen/text';
import type { TextRange } from '../pigen/text';
import type { Stage } from '../pigen/tree/stage-tree';
import type { Clue, Place } from './failure-class';
import { findWord, lineRange } from './scene';
import type { Scene } from './scene';
import { placeOfMessage, placeOfWords } from './script-lines';

type Locate = (clue: Clue, scene: Scene) => Promise<Place | undefined>;

/** For causes outside the stage tree: the machine, the network, the container. */
export const nowhere: Locate = () => Promise.resolve(undefined);

/** The open step as a whole. */
export const atStep: Locate = (_clue, scene) => Promise.resolve(scene.stepPlace());

/** The line that a message of bash names, else the command of the open script that holds one of the words. */
export function atMessageOr(...words: readonly string[]): Locate {
  return async (clue, scene) => (await placeOfMessage(clue.text, scene)) ?? placeOfWords(words, scene);
}

/** The command of the open script that holds one of the words. */
export function atWords(...words: readonly string[]): Locate {
  return (_clue, scene) => placeOfWords(words, scene);
}

/** The command of the open script that names what the message names, in the group `name`. */
export const atName: Locate = async (clue, scene) => {
  const name = clue.match.groups?.['name'] ?? '';
  return (await placeOfMessage(clue.text, scene)) ?? placeOfWords([name.replace(/\/+$/, ''), name], scene);
};

/** The package's line in the open NN-packages, or the command of a script that names it. */
export const atPackage: Locate = (clue, scene) => {
  const name = clue.match.groups?.['name'] ?? '';
  // apt leaves out the architecture that the file may name, and adds it where there are several.
  const words = [name, name.replace(/:.*$/, '')];
  const kind = scene.frame?.kind;
  return kind === 'packages' || kind === 'packages-nr' ? scene.lineWith(words) : placeOfWords(words, scene);
};

/** prerun.sh of the open stage, or the stage where it has none. */
export const atPrerun: Locate = (_clue, scene) => {
  const stage = scene.stage?.stage;
  return Promise.resolve(
    stage === undefined ? scene.stepPlace() : { file: stage.prerun?.path ?? stage.path, range: fileStart },
  );
};

/** The line of config that the message names, in the groups `line` and `words`. */
export const atConfigLine: Locate = async (clue, scene) => {
  const { line, words = '' } = clue.match.groups ?? {};
  const number = Number(line) - 1;
  // `/config` may be any file: that of the tree whose line holds the word that bash complains about.
  const word = /^[^\s:]+/.exec(words)?.[0] ?? '';
  let found: Place | undefined;
  for (const { path } of scene.tree?.configs ?? []) {
    const text = await scene.readText(path);
    if (text === undefined) continue;
    const lines = new LineIndex(text);
    if (number < 0 || number >= lines.lineCount) continue;
    const place = { file: path, range: lineRange(lines, text, number) };
    if (text.slice(lines.lineStart(number), lines.lineEnd(number)).includes(word)) return place;
    found ??= place;
  }
  return found;
};

/** Where config or a workflow sets one of these variables: the value. `inputs` are what pi-gen-action calls them. */
export function atSetting(variables: readonly string[], inputs: readonly string[] = []): Locate {
  return (_clue, scene) => Promise.resolve(settingPlace(scene, variables, inputs));
}

export function settingPlace(
  scene: Scene,
  variables: readonly string[],
  inputs: readonly string[],
): Place | undefined {
  for (const { path, text, assignments } of scene.tree?.configs ?? []) {
    const assignment = assignments.findLast(({ name }) => variables.includes(name));
    if (assignment !== undefined)
      return { file: path, range: new LineIndex(text).range(assignment.valueSpan) };
  }
  const input = inputPlace(scene, inputs);
  if (input !== undefined) return input;
  const [config] = scene.tree?.configs ?? [];
  return config && { file: config.path, range: fileStart };
}

function inputPlace(scene: Scene, names: readonly string[]): Place | undefined {
  for (const { path, steps } of scene.tree?.workflows ?? []) {
    for (const { inputs, usesRange } of steps) {
      const input = inputs.find(({ name }) => names.includes(name));
      if (input !== undefined) return { file: path, range: input.valueRange };
      if (names.length > 0) return { file: path, range: usesRange };
    }
  }
  return undefined;
}

/** The input of pi-gen-action in the workflow of the tree. */
export function atInput(...names: readonly string[]): Locate {
  return (_clue, scene) => Promise.resolve(inputPlace(scene, names));
}

/** A file of the tree's own, where there is a pi-gen tree: the line that holds the text, else the file. */
export function atTreeFile(relative: string, text?: string): Locate {
  return async (_clue, scene) => {
    const { tree } = scene;
    if (tree?.layout !== 'pi-gen') return undefined;
    const file = joinPath(tree.root, relative);
    const content = await scene.readText(file);
    if (content === undefined) return undefined;
    return { file, range: rangeOf(content, text) };
  };
}

function rangeOf(content: string, text: string | undefined): TextRange {
  const at = text === undefined ? -1 : content.indexOf(text);
  if (at < 0) return fileStart;
  const lines = new LineIndex(content);
  return lineRange(lines, content, lines.position(at).line);
}

/** A stage of the tree by the name of its folder in the work folder, in the group `stage`. */
export function stageNamed(clue: Clue, scene: Scene): Stage | undefined {
  const name = clue.match.groups?.['stage'];
  return scene.tree?.stages.find((stage) => stage.name === name);
}

/** The first line that holds one of the words in the steps of the open stage that came before, newest first. */
export async function placeInStage(words: readonly string[], scene: Scene): Promise<Place | undefined> {
  const stage = scene.stage?.stage;
  const steps = stage?.subStages.flatMap((subStage) => subStage.steps) ?? [];
  for (const { path, kind } of steps.toReversed()) {
    if (kind === 'patches') continue;
    const text = await scene.readText(path);
    if (text === undefined) continue;
    for (const word of words) {
      const at = findWord(text, word) ?? -1;
      if (at < 0) continue;
      const lines = new LineIndex(text);
      return { file: path, range: lineRange(lines, text, lines.position(at).line) };
    }
  }
  return undefined;
}
