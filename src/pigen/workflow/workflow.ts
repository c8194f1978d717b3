import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Document, Node, Pair, Scalar, YAMLMap } from 'yaml';
import type { FileError, FileSystem } from '../files/file-system';
import { readText } from '../files/read-text';
import type { StageListWord } from '../tree/stage-list';
import { LineIndex } from '../text';
import type { TextRange } from '../text';

/** The value of an input of the action. */
export interface WorkflowInput {
  readonly name: string;
  readonly nameRange: TextRange;
  /** Undefined where it holds a `${{ … }}` expression, or is no scalar: nothing static can be said of it. */
  readonly value: string | undefined;
  /** As written, quotes included; the key's where there is no value. */
  readonly valueRange: TextRange;
}

/** A step that uses pi-gen-action, or a fork of it. */
export interface PiGenActionStep {
  /** `usimd/pi-gen-action@v1`. */
  readonly uses: string;
  readonly usesRange: TextRange;
  /** What stands under `with:`, in its order. */
  readonly inputs: readonly WorkflowInput[];
  /** The words of `stage-list`; undefined where the step names none. */
  readonly stageList: readonly StageListWord[] | undefined;
  /** The `<<` under `with:`, by which YAML would take in another map. */
  readonly mergeKey?: TextRange;
}

/** A variable that a workflow, a job or a step sets. */
export interface WorkflowVariable {
  readonly name: string;
  readonly nameRange: TextRange;
}

/** A file of `.github/workflows`, or a composite action. */
export interface WorkflowFile {
  readonly path: string;
  readonly text: string;
  readonly steps: readonly PiGenActionStep[];
  /** What any `env:` of it sets, in its order. */
  readonly environment: readonly WorkflowVariable[];
  /** The first thing that makes it no YAML; its steps are then what could be read all the same. */
  readonly broken: { readonly message: string; readonly range: TextRange } | undefined;
}

const workflowLimit = 1024 * 1024;

/** Reads a workflow; answers a FileError where the file cannot be read. */
export async function readWorkflow(fs: FileSystem, path: string): Promise<WorkflowFile | FileError> {
  const text = await readText(fs, path, workflowLimit);
  return typeof text === 'string' ? parseWorkflow(path, text) : text;
}

/** Finds the steps of pi-gen-action in a workflow's text. Never throws. */
export function parseWorkflow(path: string, text: string): WorkflowFile {
  const lines = new LineIndex(text);
  try {
    const documents = parseAllDocuments(text, { prettyErrors: false, logLevel: 'silent' });
    if (!Array.isArray(documents)) return { path, text, steps: [], environment: [], broken: undefined };
    const error = documents.flatMap((document) => document.errors)[0];
    const finder = new StepFinder(text, lines);
    for (const document of documents) finder.read(document);
    return {
      path,
      text,
      steps: finder.steps,
      environment: finder.environment,
      broken: error && {
        message: error.message,
        range: lines.range({ start: error.pos[0], end: error.pos[1] }),
      },
    };
  } catch (error) {
    // yaml gives up on such things as a deep nesting that overflows its stack.
    const message = error instanceof Error ? error.message : String(error);
    const range = lines.range({ start: 0, end: 0 });
    return { path, text, steps: [], environment: [], broken: { message, range } };
  }
}

/** The value of an input of the last character-for-character name; undefined where absent or not static. */
export function inputValue(step: PiGenActionStep, name: string): string | undefined {
  return step.inputs.find((input) => input.name === name)?.value;
}

/** What `uses:` says of pi-gen-action, or of a fork of it. */
export const actionName = /^[^/\s]+\/pi-gen-action(?:\/[^@\s]*)?@\S+$/;

class StepFinder {
  readonly steps: PiGenActionStep[] = [];
  readonly environment: WorkflowVariable[] = [];
  #document: Document | undefined;

  constructor(
    private readonly text: string,
    private readonly lines: LineIndex,
  ) {}

  read(document: Document): void {
    this.#document = document;
    this.#search(document.contents);
  }

  /**
   * Steps stand under `jobs.*.steps` in a workflow and under `runs.steps` in a composite action: a list named `steps`. What an
   * alias repeats is read where it stands.
   */
  #search(node: unknown): void {
    if (isSeq(node)) {
      for (const item of node.items) this.#search(item);
    } else if (isMap(node)) {
      const uses = this.#named(pairOf(node, 'uses')?.value);
      if (isScalar(uses) && typeof uses.value === 'string' && actionName.test(uses.value.trim())) {
        this.steps.push(this.#read(node, uses.value.trim(), uses));
      }
      const variables = pairOf(node, 'env')?.value;
      for (const { key } of isMap(variables) ? variables.items : []) {
        if (isScalar(key)) this.environment.push({ name: scalarText(key), nameRange: this.#range(key) });
      }
      for (const pair of node.items) this.#search(pair.value);
    }
  }

  /** The node that an alias (`*name`) stands for; other nodes as they are. */
  #named(node: unknown): unknown {
    return isAlias(node) && this.#document !== undefined ? node.resolve(this.#document) : node;
  }

  #read(step: YAMLMap, uses: string, usesNode: Scalar): PiGenActionStep {
    const given = this.#named(pairOf(step, 'with')?.value);
    const pairs = isMap(given) ? given.items : [];
    const mergeKey = pairs.map(({ key }) => key).find((key) => isScalar(key) && key.value === '<<');
    const inputs = pairs.filter(({ key }) => key !== mergeKey).flatMap((pair) => this.#input(pair));
    const list = isMap(given) ? this.#named(pairOf(given, 'stage-list')?.value) : undefined;
    return {
      uses,
      usesRange: this.#range(usesNode),
      inputs,
      stageList: isScalar(list) ? this.#words(list) : undefined,
      ...(isScalar(mergeKey) && { mergeKey: this.#range(mergeKey) }),
    };
  }

  #input(pair: Pair): WorkflowInput[] {
    const { key } = pair;
    const value = this.#named(pair.value);
    if (!isScalar(key)) return [];
    const text = isScalar(value) ? scalarText(value) : undefined;
    const nameRange = this.#range(key);
    return [
      {
        name: scalarText(key),
        nameRange,
        value: text?.includes('${{') === true ? undefined : text,
        valueRange: isScalar(value) && value.range ? this.#range(value) : nameRange,
      },
    ];
  }

  /** Splits as pi-gen-action does, at white space; an expression and what hangs on it is one word. */
  #words(list: Scalar): readonly StageListWord[] {
    const [start, end] = list.range ?? [0, 0];
    const quoted = list.type === 'QUOTE_DOUBLE' || list.type === 'QUOTE_SINGLE';
    const header = list.type === 'BLOCK_FOLDED' || list.type === 'BLOCK_LITERAL';
    const first = header
      ? this.lines.lineStart(this.lines.position(start).line + 1)
      : start + (quoted ? 1 : 0);
    const source = this.text.slice(first, quoted ? end - 1 : end);
    const words: StageListWord[] = [];
    for (const found of source.matchAll(/(?:\$\{\{.*?\}\}|\S)+/gs)) {
      const from = first + found.index;
      words.push({
        text: found[0],
        value:
          found[0].includes('${{') || (list.type === 'QUOTE_DOUBLE' && found[0].includes('\\'))
            ? undefined
            : found[0],
        range: this.lines.range({ start: from, end: from + found[0].length }),
      });
    }
    return words;
  }

  #range(node: Node): TextRange {
    const [start, end] = node.range ?? [0, 0];
    return this.lines.range({ start, end });
  }
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === name);
}

/** A scalar as GitHub hands it to an action: always a string. */
function scalarText(scalar: Scalar): string {
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '');
}
