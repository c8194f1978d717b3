// npm run bench: how fast, as ratios against a peer in the same run or against a stated limit. Fails where a limit is broken.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { findShellCheck } from '../../src/shellcheck/find-shellcheck';
import { measureActivation } from './activation';
import { measureBigTree } from './big-tree';
import { measureEditorLog, measureExplain } from './explain';
import { measureIdle } from './idle';
import { measureLeaks } from './leaks';
import { measureLogRate } from './log-rate';
import { measureRecheck } from './recheck';
import { measureStageLoop } from './stage-loop';
import type { Base } from './stage-loop';
import { makeBigTree, makePiGenSizedTree } from './trees';
import { measureWholeBuild } from './whole-build';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly detail: string;
}

const piGenRepository = 'https://github.com/RPi-Distro/pi-gen.git';

/** Stages that are tried again, on a Docker engine that answers. */
async function stageTries(): Promise<readonly Figure[]> {
  return onPiGen(async (tree) => {
    const { bases, firstStep, whole, warm } = await measureStageLoop(tree);
    const told = ({ megabytes, files }: Base): string => `${megabytes} MB in ${files} files`;
    const started = 'pigen build --stage as a process, until the stage’s first step';
    return [
      {
        name: `${started}, base of 330 MB`,
        value: firstStep.small,
        unit: 's',
        limit: 1.5,
        detail: `median; ${told(bases.small)}`,
      },
      {
        name: `${started}, base of 1.7 GB`,
        value: firstStep.big,
        unit: 's',
        limit: 1.5,
        detail: `median; ${told(bases.big)}`,
      },
      {
        name: 'a try of a stage / the same with copy_previous, base of 1.7 GB',
        value: warm.kept / warm.copied,
        unit: '×',
        limit: 0.1,
        detail: `${warm.kept.toFixed(2)} s against ${warm.copied.toFixed(2)} s, in a process that stays, as an editor’s and that of --watch`,
      },
      {
        name: 'the same as pigen build --stage, which starts anew for each',
        value: whole.kept / whole.copied,
        unit: '×',
        limit: 0.1,
        detail: `${whole.kept.toFixed(2)} s against ${whole.copied.toFixed(2)} s, from its start to its end; some 0.2 s are Node’s start and the parser’s loading`,
      },
      {
        name: 'a stage watched, from a save to pi-gen’s verdict on the line / a container that runs nothing but the step',
        value: warm.verdict / warm.bare,
        unit: '×',
        limit: 4,
        detail: `${warm.verdict.toFixed(2)} s against ${warm.bare.toFixed(2)} s, base of 1.7 GB`,
      },
    ];
  });
}

/** A whole build, on a Docker engine that answers, as root: build-docker.sh may have to register an emulator. */
async function wholeBuilds(): Promise<readonly Figure[]> {
  return onPiGen(async (tree) => {
    const { own, peer } = await measureWholeBuild(tree);
    return [
      {
        name: 'a whole build / the same tree’s build-docker.sh, as processes',
        value: own / peer,
        unit: '×',
        limit: 1.03,
        detail: `${own.toFixed(1)} s against ${peer.toFixed(1)} s: six stages of up to 1.7 GB, one image`,
      },
    ];
  });
}

/** Calls with the pi-gen of PI_GEN_DIR, or with a clone that goes afterwards. */
async function onPiGen<Value>(measure: (tree: string) => Promise<Value>): Promise<Value> {
  const temporary = await mkdtemp(path.join(os.tmpdir(), 'pigen-bench-'));
  try {
    return await measure(process.env['PI_GEN_DIR'] ?? (await clonePiGen(path.join(temporary, 'pi-gen'))));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The two trees: pi-gen as it is, whose own scripts are not judged, and one of that size with nothing but scripts of one's own. */
async function checksAgainstShellCheck(): Promise<readonly Figure[]> {
  const temporary = await mkdtemp(path.join(os.tmpdir(), 'pigen-bench-'));
  try {
    const real = process.env['PI_GEN_DIR'] ?? (await clonePiGen(path.join(temporary, 'pi-gen')));
    const own = await makePiGenSizedTree(path.join(temporary, 'own'));
    const different = await makeBigTree(path.join(temporary, 'different'), 10);
    return [
      await checkAgainstShellCheck(real, { kind: 'the real pi-gen', limit: 0.3 }),
      await checkAgainstShellCheck(own, { kind: 'a tree of that size, all of them one’s own', limit: 0.6 }),
      // No two are alike: what is the same is given to ShellCheck once. Programs in heredocs come on top.
      await checkAgainstShellCheck(different, {
        kind: 'a tree of ten stages',
        limit: 2.5,
        runsShellCheck: true,
      }),
    ];
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function clonePiGen(folder: string): Promise<string> {
  try {
    await run('git', ['clone', '--quiet', '--depth', '1', piGenRepository, folder]);
    return folder;
  } catch {
    throw new Error('The bench needs a pi-gen tree, and cannot clone one: name one in PI_GEN_DIR.');
  }
}

interface Comparison {
  readonly kind: string;
  readonly limit: number;
  /** pigen runs ShellCheck, too. */
  readonly runsShellCheck?: boolean;
}

async function checkAgainstShellCheck(
  tree: string,
  { kind, limit, runsShellCheck = false }: Comparison,
): Promise<Figure> {
  const scripts = await scriptsBelow(tree);
  // npm puts a wrapper of the same name first on the PATH.
  const found = await findShellCheck({ asked: undefined, environment: process.env });
  if (found.kind !== 'found')
    throw new Error('The bench needs ShellCheck as a peer: install `shellcheck`, then run it again.');
  const option = runsShellCheck ? ['--shellcheck', found.binary.path] : ['--no-shellcheck'];
  const own = (): Promise<unknown> =>
    run(process.execPath, [path.join(root, 'dist/cli.js'), 'check', ...option, tree]).catch(exitOne);
  const peer = (): Promise<unknown> =>
    run(found.binary.path, ['-f', 'json1', '-s', 'bash', ...scripts]).catch(exitOne);
  const [ours, theirs] = await alternately(own, peer, 7);
  return {
    name: `pigen check${runsShellCheck ? ' with ShellCheck' : ''} / ShellCheck, as processes`,
    value: ours / theirs,
    unit: '×',
    limit,
    detail: `${ours.toFixed(0)} ms against ${theirs.toFixed(0)} ms, ${scripts.length} scripts of ${kind}`,
  };
}

/** Both tools end with 1 where they find something, which is no failure here. */
function exitOne(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 1) throw error;
}

/** Medians of two jobs, run in turns so that both meet the same machine. Milliseconds. */
async function alternately(
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
  rounds: number,
): Promise<readonly [number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    times[0].push(await timed(first));
    times[1].push(await timed(second));
  }
  return [median(times[0]), median(times[1])];
}

async function timed(job: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await job();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function scriptsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sh') && !entry.parentPath.includes('.git'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

async function bundleSize(): Promise<Figure> {
  let bytes = 0;
  for (const name of [
    'extension.js',
    'features.js',
    'dockerode.js',
    'web-tree-sitter.wasm',
    'tree-sitter-bash.wasm',
  ]) {
    bytes += (await stat(path.join(root, 'dist', name))).size;
  }
  return {
    name: 'bundle of the extension, parser included',
    value: bytes / 1024 / 1024,
    unit: 'MiB',
    limit: 3,
    detail: 'code, engine client and both WebAssembly files',
  };
}

async function explainFigures(): Promise<readonly Figure[]> {
  const { mebibytes, seconds, memory, growth } = await measureExplain(path.join(root, 'dist/cli.js'));
  const editor = await measureEditorLog();
  return [
    {
      name: `pigen explain on a log of ${mebibytes} MiB`,
      value: seconds,
      unit: 's',
      limit: 10,
      detail: 'as a process',
    },
    { name: 'its memory at most', value: memory, unit: 'MiB', limit: 150, detail: 'resident' },
    {
      name: 'its growth, four times the log',
      value: growth,
      unit: '×',
      limit: 4.4,
      detail: 'time against that for a quarter of the log; 4 is linear',
    },
    {
      name: `a log of ${editor.mebibytes} MiB, read for the editor`,
      value: editor.seconds,
      unit: 's',
      limit: 10,
      detail: 'outline, folding, links and lens of the largest log that VS Code hands out',
    },
    {
      name: 'its turns',
      value: editor.longTurn,
      unit: 'ms',
      limit: 100,
      detail: 'for which the extension host does nothing else, 99 of 100 of them',
    },
  ];
}

async function recheckFigures(): Promise<readonly Figure[]> {
  const recheck = await measureRecheck();
  return [
    {
      name: 're-check of a 2,000-line script after one edit, p95',
      value: recheck.p95,
      unit: 'ms',
      limit: 16,
      detail: `median ${recheck.median.toFixed(1)} ms, worst ${recheck.worst.toFixed(1)} ms of ${recheck.edits} edits`,
    },
  ];
}

async function treeFigures(): Promise<readonly Figure[]> {
  const big = await measureBigTree(path.join(root, 'dist/cli.js'));
  return [
    {
      name: `pigen check on ${big.stages} stages`,
      value: big.seconds,
      unit: 's',
      limit: 10,
      detail: '10,000 scripts, as a process',
    },
    { name: 'its memory at most', value: big.memory, unit: 'MiB', limit: 400, detail: 'resident' },
    {
      name: 'its growth, four times the stages',
      value: big.growth,
      unit: '×',
      limit: 4.4,
      detail: 'time against that for a quarter of the stages; 4 is linear',
    },
    {
      name: 're-check of that tree after one edit, p95',
      value: big.editP95,
      unit: 'ms',
      limit: 100,
      detail: `median ${big.editMedian.toFixed(1)} ms; the edited file's rules and the tree's`,
    },
  ];
}

async function activationFigures(): Promise<readonly Figure[]> {
  const activation = await measureActivation(root);
  return [
    {
      name: 'activate in the host, median',
      value: activation.own,
      unit: 'ms',
      limit: 50,
      detail: `${activation.rounds} fresh hosts; an extension that does nothing: ${activation.empty.toFixed(1)} ms`,
    },
  ];
}

async function idleFigures(): Promise<readonly Figure[]> {
  const idle = await measureIdle(root);
  return [
    {
      name: 'processor that an idle editor with that tree open takes',
      value: Math.max(0, idle.own - idle.empty) * 100,
      unit: '%',
      limit: 1,
      detail: `the extension host ${(idle.own * 100).toFixed(2)} %, less what it takes with an extension that does nothing: ${(idle.empty * 100).toFixed(2)} %`,
    },
  ];
}

async function leakFigures(): Promise<readonly Figure[]> {
  const { rounds, own, empty } = await measureLeaks(root);
  return [
    {
      name: 'memory that stays of each time a script is opened, edited and closed',
      value: Math.max(0, own.bytes - empty.bytes) / 1024,
      unit: 'KiB',
      limit: 2,
      detail: `the second half of ${rounds} rounds: ${(own.bytes / 1024).toFixed(2)} KiB a round, less what stays with an extension that does nothing: ${(empty.bytes / 1024).toFixed(2)} KiB`,
    },
    {
      name: 'closed documents that are still held after them',
      value: own.documents,
      unit: 'documents',
      limit: empty.documents,
      detail: `of ${rounds}; with an extension that does nothing: ${empty.documents}`,
    },
  ];
}

async function logFigures(): Promise<readonly Figure[]> {
  const log = await measureLogRate();
  return [
    {
      name: 'one million log lines through a session, against the engine’s stream alone',
      value: log.ratio,
      unit: '×',
      // 0.8 of the stream's rate.
      limit: 1.25,
      detail: `${log.own.toFixed(0)} ms against ${log.peer.toFixed(0)} ms; none of ${log.lines} lines lost`,
    },
    {
      name: 'its memory’s growth after the first tenth',
      value: log.growth,
      unit: 'MiB',
      limit: 64,
      detail: 'resident, at most',
    },
  ];
}

/** What is measured, part by part: `npm run bench -- recheck size` measures these two alone. */
const parts: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  shellcheck: checksAgainstShellCheck,
  explain: explainFigures,
  recheck: recheckFigures,
  tree: treeFigures,
  activation: activationFigures,
  idle: idleFigures,
  leaks: leakFigures,
  size: async () => [await bundleSize()],
  log: logFigures,
  stages: stageTries,
  build: wholeBuilds,
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) {
    throw new Error(`There is no part '${unknown}', only: ${Object.keys(parts).join(', ')}.`);
  }
  let isOver = false;
  for (const [part, measure] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(part)) continue;
    for (const { name, value, unit, limit, detail } of await measure()) {
      const isWithin = value <= limit;
      console.log(
        `${isWithin ? 'ok  ' : 'OVER'}  ${name}: ${value.toFixed(2)} ${unit} (limit ${limit} ${unit}; ${detail})`,
      );
      isOver ||= !isWithin;
    }
  }
  process.exitCode = isOver ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
