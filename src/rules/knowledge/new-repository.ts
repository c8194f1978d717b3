import { isApt } from '../../shell/standard-input';
import { commandsDeep } from '../../shell/queries';
import type { PlacedCommand } from '../../shell/queries';
import { invocationOf } from '../../shell/shell-invocation';
import { placeOf } from '../../shell/place-at';
import { writtenPaths } from '../../shell/written-paths';
import type { Span } from '../../pigen/text';
import type { Stage, Step } from '../../pigen/tree/stage-tree';
import type { ScriptFile, TreeContext } from '../rule';

/** A package list that apt reads before it knows what a source offers that a script has added. */
export interface UnreadRepository {
  readonly list: Step;
  /** The script that adds the source, and where. */
  readonly script: ScriptFile;
  readonly span: Span;
}

/**
 * The first package list of a stage behind a script that adds an apt source, where nothing in the stage reads the sources
 * again: neither before the list nor later, when the author would have had something else in mind.
 */
export function unreadRepository(
  stage: Stage,
  { scripts, dataFiles }: TreeContext,
): UnreadRepository | undefined {
  let added: Pick<UnreadRepository, 'script' | 'span'> | undefined;
  let found: UnreadRepository | undefined;
  for (const step of stage.subStages.flatMap(({ steps }) => steps)) {
    if (step.skipped !== undefined) continue;
    if (step.kind === 'packages' || step.kind === 'packages-nr') {
      const hasNames = (dataFiles.get(step.path)?.packages.words.length ?? 0) > 0;
      if (added !== undefined && hasNames) found ??= { list: step, ...added };
      continue;
    }
    const script = scripts.get(step.path);
    if (script === undefined || (added === undefined && !namesSources(script))) continue;
    if (mayReadSources(script)) {
      added = undefined;
      found = undefined;
    } else if (found === undefined) added ??= additionIn(script);
  }
  return found;
}

function namesSources({ text }: ScriptFile): boolean {
  return text.includes('/apt/sources.list');
}

/** Whether a script may run `apt-get update`, itself or by something of which nothing is known. */
function mayReadSources(file: ScriptFile): boolean {
  if (/\bupdate\b|add-apt-repository|apt-add-repository/.test(file.text)) return true;
  for (const { command } of commandsDeep(file.script)) {
    if (command.name === undefined) continue;
    const name = invocationOf(command)?.nameWord.literal;
    // A program of one's own, or a downloaded installer, may do anything.
    if (
      name === undefined ||
      name.includes('/') ||
      /^(?:bash|sh|source|\.|eval|chroot|make|python3?)$/.test(name)
    )
      return true;
  }
  return false;
}

function additionIn(file: ScriptFile): Pick<UnreadRepository, 'script' | 'span'> | undefined {
  if (!namesSources(file)) return undefined;
  for (const placed of commandsDeep(file.script)) {
    if (adds(placed)) return { script: file, span: placed.script.toFileSpan(placed.command.span) };
  }
  return undefined;
}

/** Programs by which a source comes in; `sed -i` and `rm` change what apt knows already. */
const writers = new Set(['>', 'tee', 'install', 'cp', 'mv', 'ln']);

function adds({ script, command }: PlacedCommand): boolean {
  const invocation = invocationOf(command);
  if (invocation !== undefined && isApt(invocation)) return false;
  if (invocation === undefined || invocation.name === 'true' || invocation.name === ':') return false;
  if (invocation.name === 'install' && invocation.arguments.some(({ text }) => /^-[a-zA-Z]*d/.test(text)))
    return false;
  // What a condition decides is not sure to happen.
  if (command.ancestors.some(({ type }) => conditions.has(type))) return false;
  return writtenPaths(command).some(({ by, variable, rest, span }) => {
    if (!writers.has(by)) return false;
    const inImage = placeOf(script, span) === 'chroot' ? variable === undefined : variable === 'ROOTFS_DIR';
    return inImage && /^\/etc\/apt\/sources\.list(?:$|\.d(?:\/|$))/.test(rest);
  });
}

const conditions = new Set([
  'if_statement',
  'case_statement',
  'list',
  'function_definition',
  'while_statement',
]);
