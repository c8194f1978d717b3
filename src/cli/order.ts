import { parseArgs, styleText } from 'node:util';
import { findTree, discoverTrees } from '../pigen/tree/discover';
import type { OrderItem } from '../pigen/tree/order';
import { orderOf } from '../pigen/tree/order';
import type { StageTree } from '../pigen/tree/stage-tree';
import { Core } from './core';
import { shownPath } from '../pigen/files/path';
import { formatOf, pathFrom } from './options';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

/** `pigen order [PATH]`. */
export async function runOrder(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { format: { type: 'string' } },
  });
  const format = formatOf(values.format);
  if (positionals.length > 1) throw new UsageError('order takes one PATH.');
  const path = pathFrom(terminal, positionals[0] ?? '.');
  const core = new Core();
  try {
    const orders = [];
    for (const root of await rootsOf(core, path, terminal)) {
      const tree = await core.loadTree(root, terminal.signal);
      orders.push({ tree, items: orderOf(tree) });
    }
    if (format === 'json') {
      const trees = orders.map(({ tree, items }) => treeJson(tree, items, terminal.workingFolder));
      await terminal.write(`${JSON.stringify({ version: 1, trees })}\n`);
    } else {
      for (const { tree, items } of orders) await terminal.write(pretty(tree, items, terminal));
    }
    return 0;
  } finally {
    core.dispose();
  }
}

async function rootsOf(core: Core, path: string, terminal: Terminal): Promise<readonly string[]> {
  const enclosing = await findTree(core.fileSystem, path, { signal: terminal.signal });
  if (enclosing !== undefined) return [enclosing.path];
  const below = await discoverTrees(core.fileSystem, path, { signal: terminal.signal });
  if (below.length > 0) return below.map((tree) => tree.path);
  const shown = shownPath(path, terminal.workingFolder);
  if ((await core.fileSystem.stat(path)) === undefined)
    throw new UsageError(`${shown}: there is no such file or folder.`);
  throw new UsageError(
    `${shown}: no pi-gen stage here. A stage is a folder with a prerun.sh, or with sub-folders that hold steps such as 00-run.sh or 00-packages.`,
  );
}

function treeJson(tree: StageTree, items: readonly OrderItem[], workingFolder: string): object {
  return {
    root: shownPath(tree.root, workingFolder),
    layout: tree.layout,
    branch: tree.branch ?? null,
    stageList: {
      source: tree.stageList.source,
      file: tree.stageList.file === undefined ? null : shownPath(tree.stageList.file, workingFolder),
    },
    items: items.map((item) => ({
      position: item.position ?? null,
      stage: item.stage ?? null,
      subStage: item.subStage ?? null,
      name: item.name,
      kind: item.kind,
      place: item.place ?? null,
      path: item.path === undefined ? null : shownPath(item.path, workingFolder),
      passedOver: item.passedOver ?? null,
      reason: item.reason ?? null,
      exported: item.exported,
    })),
  };
}

const sources = {
  config: 'stage list from',
  workflow: 'stage list from',
  default: 'all stage* folders, in the order of the shell',
  none: 'no stage list found: in the order of their names',
} as const;

function pretty(tree: StageTree, items: readonly OrderItem[], terminal: Terminal): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    terminal.colour ? styleText(style, text, { validateStream: false }) : text;
  const { source, file } = tree.stageList;
  const from = file === undefined ? '' : ` ${shownPath(file, terminal.workingFolder)}`;
  const lines = [
    `${paint('bold', shownPath(tree.root, terminal.workingFolder))} (${sources[source]}${from})`,
  ];
  const width = String(items.length).length;
  let stage: string | undefined;
  let subStage: string | undefined;
  for (const item of items) {
    if (item.stage !== stage) {
      stage = item.stage;
      subStage = undefined;
      if (stage !== undefined) lines.push(paint('bold', `  ${stage}${item.exported ? '  → image' : ''}`));
    }
    if (item.kind === 'upstream-stage') {
      lines.push(`    ${paint('dim', item.reason ?? "pi-gen's own stage, not in this repository")}`);
      continue;
    }
    if (item.subStage !== subStage && item.subStage !== undefined) lines.push(`    ${item.subStage}`);
    subStage = item.subStage;
    const indent = item.stage === undefined ? '  ' : item.subStage === undefined ? '    ' : '      ';
    const number = item.position === undefined ? '-'.padStart(width) : String(item.position).padStart(width);
    const line = `${indent}${number}  ${(item.place ?? '').padEnd(6)}  ${item.name}`;
    lines.push(item.reason === undefined ? line : paint('dim', `${line}  (${item.reason})`));
  }
  return `${lines.join('\n')}\n`;
}
