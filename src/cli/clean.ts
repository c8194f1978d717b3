import { parseArgs } from 'node:util';
import { listOurs, openCleanUpEngine, readableSize, removeOurs } from '../build/clean-up/clean-up';
import type { CleanUpEngine, CleanUpItem } from '../build/clean-up/clean-up';
import { BuildProblemError } from '../build/build-problem';
import { discoverTrees, findTree } from '../pigen/tree/discover';
import { joinPath } from '../pigen/files/path';
import { cloneStore } from './clone-store';
import { Core } from './core';
import { endpointOf, engineOptions } from './engine-option';
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
    const ours = await listOurs({
      engine: await answeringEngine(core, values, terminal),
      clones: cloneStore(terminal),
      deployFolders: await deployFoldersOf(core, terminal),
      signal: terminal.signal,
    });
    const picked = values.all === true ? ours : pick(ours, positionals);
    const kept = values.force === true ? [] : picked.filter(({ inUse }) => inUse);
    const removed = picked.filter((item) => !kept.includes(item));
    const failures = await removeOurs(removed, terminal.signal);
    const gone = removed.filter((item) => !failures.some((failure) => failure.item === item));
    if (format === 'json') {
      const items = ours.map((item) => ({ ...itemJson(item), removed: gone.includes(item) }));
      await terminal.write(`${JSON.stringify({ version: 1, items })}\n`);
    } else {
      await terminal.write(pretty(picked.length > 0 ? gone : ours, picked.length > 0));
    }
    for (const { name } of kept) terminal.complain(`not removed: ${name} is in use; --force removes it too`);
    for (const { item, reason } of failures) terminal.complain(`not removed: ${item.name}: ${reason}`);
    return kept.length + failures.length === 0 ? 0 : 1;
  } finally {
    core.dispose();
  }
}

/** Undefined, and said so, where no engine answers: clones and logs can be cleaned up all the same. */
async function answeringEngine(
  core: Core,
  options: EngineOptions,
  terminal: Terminal,
): Promise<CleanUpEngine | undefined> {
  try {
    return await openCleanUpEngine(await endpointOf(core, options, terminal), terminal.signal);
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    terminal.complain(`${error.problem.message} Containers, volumes and images are left out.`);
    return undefined;
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
    return found;
  });
  return [...new Set(picked.flat())];
}

function itemJson({ kind, id, name, bytes, detail, inUse }: CleanUpItem): object {
  return { kind, id, name, bytes: bytes ?? null, detail, inUse };
}

function pretty(items: readonly CleanUpItem[], removed: boolean): string {
  if (items.length === 0) return removed ? '' : 'There is nothing of ours to clean up.\n';
  const lines = items.map(({ kind, name, bytes, detail, inUse }) =>
    [
      removed ? 'removed' : '',
      kind.padEnd(9),
      readableSize(bytes).padStart(9),
      ` ${name} (${detail}${inUse ? ', in use' : ''})`,
    ]
      .filter((part) => part !== '')
      .join(' '),
  );
  const hint = removed ? [] : ["Remove with 'pigen clean NAME…', or all that is not in use with --all."];
  return `${[...lines, ...hint].join('\n')}\n`;
}
