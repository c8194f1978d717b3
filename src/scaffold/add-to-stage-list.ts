import type { ConfigAssignment } from '../pigen/config/config-assignment';
import { LineIndex } from '../pigen/text';
import type { Span } from '../pigen/text';
import { parseWorkflow } from '../pigen/workflow/workflow';

export interface TextEdit {
  /** UTF-16 offsets into the text. */
  readonly span: Span;
  readonly text: string;
}

/** What adding a stage to a stage list comes to. */
export type StageListChange =
  | { readonly kind: 'change'; readonly edits: readonly TextEdit[]; readonly text: string }
  | {
      readonly kind: 'unchanged';
      /** present: it is named already; default: there is no list; unreadable: only bash could tell what the list is. */
      readonly reason: 'present' | 'default' | 'unreadable';
      /** For the user: why nothing was changed, and what to do. */
      readonly message: string;
    };

/**
 * Adds a stage to the end of a config's STAGE_LIST.
 *
 * @param assignments what the parser reads in `text`
 * @param stage its name, or its path as the config is to name it; must pass validateStageName part by part
 */
export function addToConfig(
  text: string,
  assignments: readonly ConfigAssignment[],
  stage: string,
): StageListChange {
  const lists = assignments.filter((assignment) => assignment.name === 'STAGE_LIST');
  const last = lists.at(-1);
  if (last === undefined) {
    return unchanged(
      'default',
      'The config sets no STAGE_LIST: pi-gen then runs every folder of its tree whose name begins with "stage", sorted by name.',
    );
  }
  const written = text.slice(last.valueSpan.start, last.valueSpan.end);
  if (
    lists.some((list) => names(list.literal ?? '', stage)) ||
    names(written.replaceAll(/["']/g, ' '), stage)
  ) {
    return unchanged('present', `STAGE_LIST names ${stage} already.`);
  }
  // Quotes within a word (`"${BASE_DIR}"/stage0`), or one that is never closed.
  const oddQuotes = /["']/.test(written) && !/["']$/.test(written);
  if (oddQuotes || last.parts === undefined || lists.some((list) => list.conditional)) {
    return unchanged(
      'unreadable',
      `STAGE_LIST is written in a way that cannot be extended safely; add ${stage} to it by hand.`,
    );
  }
  return change(text, [appendWord(written, last.valueSpan, stage)]);
}

function appendWord(written: string, span: Span, stage: string): TextEdit {
  const quote = written.at(-1);
  if (written.length > 1 && (quote === '"' || quote === "'") && !written.endsWith(`\\${quote}`)) {
    const at = span.end - 1;
    const separator = /["'\s]$/.test(written.slice(0, -1)) ? '' : ' ';
    return { span: { start: at, end: at }, text: separator + stage };
  }
  // One bare word: with a second one it needs quotes. A `\ ` in it would change its meaning inside them.
  return { span, text: written === '' ? `"${stage}"` : `"${written.replaceAll('\\', '')} ${stage}"` };
}

/**
 * Adds a stage to every `stage-list` of pi-gen-action in a workflow; layout and comments stay as they are.
 *
 * @param stage its path relative to the repository's root, `./stage-x`
 */
export function addToWorkflow(text: string, stage: string): StageListChange {
  const lines = new LineIndex(text);
  const { steps } = parseWorkflow('', text);
  if (!steps.some((step) => step.inputs.some((input) => input.name === 'stage-list'))) {
    return unchanged(
      'default',
      'No step of this workflow gives pi-gen-action a stage-list: it then builds stage0 stage1 stage2.',
    );
  }
  const edits: TextEdit[] = [];
  let readable = false;
  for (const { stageList } of steps) {
    const last = stageList?.at(-1);
    if (stageList === undefined || last?.range === undefined) continue;
    readable = true;
    if (stageList.some((word) => same(word.text, stage))) continue;
    const at = lines.offset(last.range.end);
    // Two steps may share their inputs, by an alias.
    if (edits.some(({ span }) => span.start === at)) continue;
    edits.push({ span: { start: at, end: at }, text: ` ${stage}` });
  }
  if (edits.length > 0) return change(text, edits);
  return readable
    ? unchanged('present', `stage-list names ${stage} already.`)
    : unchanged('unreadable', `stage-list is an expression; add ${stage} to it by hand.`);
}

function unchanged(
  reason: 'present' | 'default' | 'unreadable',
  message: string,
): Extract<StageListChange, { kind: 'unchanged' }> {
  return { kind: 'unchanged', reason, message };
}

function change(text: string, edits: readonly TextEdit[]): StageListChange {
  let changed = text;
  for (const { span, text: inserted } of [...edits].sort((a, b) => b.span.start - a.span.start)) {
    changed = changed.slice(0, span.start) + inserted + changed.slice(span.end);
  }
  return { kind: 'change', edits, text: changed };
}

function names(list: string, stage: string): boolean {
  return list.split(/\s+/).some((word) => same(word, stage));
}

/** `./stage-x`, `stage-x/` and `stage-x` are one folder. */
function same(a: string, b: string): boolean {
  const plain = (path: string): string => path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  return plain(a) === plain(b);
}
