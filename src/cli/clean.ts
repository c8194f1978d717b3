import { parseArgs } from 'node:util';
import { listOurs, openCleanUpEngine, readableSize, removeOurs } from '../build/clean-up/clean-up';
import type { CleanUpItem } from '../build/clean-up/clean-up';
import { enginesInUse } from '../build/clean-up/engines-in-use';
import type { EnginesInUse } from '../build/clean-up/engines-in-use';
import { BuildProblemError } from '../build/build-problem';
import { discoverTrees, findTree } from '../pigen/tree/discover';
import { joinPath } from '../pigen/files/path';
import { cloneStore } from './clone-store';
import { Core } from './core';
import { endpointOf, engineOptions, requestOf } from './engine-option';
import type { EngineOptions } from './engine-option';
import { formatOf } from './options';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

const options = {
  format: { type: 'string' },
  ...engineOptions,
  all: { type: 'boolean' },
  force: { type: 'boolean' },
} as const;

/** `pigen clean [NAME…]`: lists, and removes only what is named or asked for with `--all`. */
export async function runClean(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args: [...words], allowPositionals: true, options });
  const format = formatOf(values.format);
  const core = new Core();
  try {
    const { signal } = terminal;
    const deployFolders = await deployFoldersOf(core, terminal);
    const { engines, usual, problems } = await enginesOf(core, values, deployFolders, terminal);
    const listed = await listOurs({ engines, clones: cloneStore(terminal), deployFolders, signal });
    const ours = listed.items;
    for (const { message } of [...problems, ...listed.problems])
      terminal.complain(`${message} Its containers, volumes and images are left out.`);
    const several = engines.length > 1;
    const picked =
      values.all === true
        ? ours.filter(({ engine }) => engine === undefined || engine === usual)
        : pick(ours, positionals);
    if (values.all === true) tellLeft(ours, usual, terminal);
    const kept = values.force === true ? [] : picked.filter(({ inUse }) => inUse);
    const removed = picked.filter((item) => !kept.includes(item));
    const failures = await removeOurs(removed, signal);
    const gone = removed.filter((item) => !failures.some((failure) => failure.item === item));
    if (format === 'json') {
      const items = ours.map((item) => ({ ...itemJson(item), removed: gone.includes(item) }));
      await terminal.write(`${JSON.stringify({ version: 1, items })}\n`);
    } else {
      await terminal.write(pretty(picked.length > 0 ? gone : ours, picked.length > 0, several));
    }
    for (const { name } of kept) terminal.complain(`not removed: ${name} is in use; --force removes it too`);
    for (const { item, reason } of failures) terminal.complain(`not removed: ${item.name}: ${reason}`);
    return kept.length + failures.length === 0 ? 0 : 1;
  } finally {
    core.dispose();
  }
}

/** The one that is named, or all that may hold something of ours: clones and logs can be cleaned up where none answers. */
async function enginesOf(
  core: Core,
  options: EngineOptions,
  deployFolders: readonly string[],
  terminal: Terminal,
): Promise<EnginesInUse> {
  const { signal } = terminal;
  if (options.engine === undefined && options.context === undefined)
    return enginesInUse(requestOf(core, {}, terminal), deployFolders, signal);
  try {
    const endpoint = await endpointOf(core, options, terminal);
    const engine = await openCleanUpEngine(endpoint, signal);
    return { engines: [engine], usual: endpoint.label, problems: [] };
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    return { engines: [], usual: undefined, problems: [error.problem] };
  }
}

/** Others may build on an engine that is not the usual one: it is cleaned only where it is named. */
function tellLeft(ours: readonly CleanUpItem[], usual: string | undefined, terminal: Terminal): void {
  for (const other of new Set(ours.map(({ engine }) => engine))) {
    if (other === undefined || other === usual) continue;
    const count = ours.filter(({ engine }) => engine === other).length;
    terminal.complain(`left: ${count} on ${other}; --all --engine ${other} removes what is there`);
  }
}

async function deployFoldersOf(core: Core, { workingFolder, signal }: Terminal): Promise<readonly string[]> {
  const around = await findTree(core.fileSystem, workingFolder, { signal });
  const trees =
    around === undefined ? await discoverTrees(core.fileSystem, workingFolder, { signal }) : [around];
  return trees.map(({ path }) => joinPath(path, 'deploy'));
}

function pick(ours: readonly CleanUpItem[], names: readonly string[]): readonly CleanUpItem[] {
  const picked = names.map((name) => {
    const found = ours.filter((item) => item.name === name || item.id === name);
    if (found.length === 0)
      throw new UsageError(
        `There is nothing of ours by the name '${name}'. 'pigen clean' lists what there is.`,
      );
    const engines = [...new Set(found.map(({ engine }) => engine))];
    if (engines.length > 1)
      throw new UsageError(
        `Several engines hold something by the name '${name}': say with --engine which is meant: ${engines.join(', ')}.`,
      );
    return found;
  });
  return [...new Set(picked.flat())];
}

function itemJson({ kind, engine, id, name, bytes, detail, inUse }: CleanUpItem): object {
  return { kind, engine: engine ?? null, id, name, bytes: bytes ?? null, detail, inUse };
}

/** @param several each is told with its engine */
function pretty(items: readonly CleanUpItem[], removed: boolean, several: boolean): string {
  if (items.length === 0) return removed ? '' : 'There is nothing of ours to clean up.\n';
  const lines = items.map(({ kind, engine, name, bytes, detail, inUse }) =>
    [
      removed ? 'removed' : '',
      kind.padEnd(9),
      readableSize(bytes).padStart(9),
      ` ${name} (${detail}${inUse ? ', in use' : ''}${several && engine !== undefined ? `, on ${engine}` : ''})`,
    ]
      .filter((part) => part !== '')
      .join(' '),
  );
  const hint = removed
    ? []
    : [
        several
          ? "Remove with 'pigen clean NAME…', or all that is not in use of one engine with --all and --engine."
          : "Remove with 'pigen clean NAME…', or all that is not in use with --all.",
      ];
  return `${[...lines, ...hint].join('\n')}\n`;
}
