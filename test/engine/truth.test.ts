import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { rules } from '../../src/rules/index';
import { newChecker } from '../rules/harness';
import { truthOf, writeMended } from '../rules/truth';
import type { Look, TruthOfFinding, TruthOfTree } from '../rules/truth';
import { Bench, fixtures, realTree } from './bench';

const run = promisify(execFile);

interface Case {
  readonly name: string;
  readonly truth: TruthOfTree;
  /** The finding that is left in the tree; undefined: none. */
  readonly finding: TruthOfFinding | undefined;
}

/** `TRUTH=RULE,RULE` builds the trees of these rules alone. */
const chosen = process.env['TRUTH']?.split(',');

const trees = rules.flatMap(({ name }) => {
  const truth = truthOf(name);
  return truth?.kind === 'trees' && (chosen === undefined || chosen.includes(name)) ? truth.trees : [];
});

/** What a build shows by what it leaves behind, and where that is kept of it. */
const shown = ['image', 'host', 'deploy'] as const;

const buildable = ({ findings }: TruthOfTree): readonly TruthOfFinding[] =>
  findings.filter(
    (finding) => finding.fails !== undefined || shown.some((kind) => finding[kind] !== undefined),
  );

const caseName = ({ rule, tree }: TruthOfTree, finding?: TruthOfFinding): string =>
  `${rule}.${tree}.${finding === undefined ? 'mended' : finding.at.replaceAll(/[^\w.-]/g, '_')}`;

const cases: readonly Case[] = trees.flatMap((truth) => [
  ...buildable(truth).map((finding) => ({ name: caseName(truth, finding), truth, finding })),
  { name: caseName(truth), truth, finding: undefined },
]);

interface Outcome {
  readonly status: number;
  readonly log: string;
  /** Where what was kept of it is. */
  readonly folder: string;
}

describe('what the rules call an error', function () {
  this.timeout(realTree === undefined ? 900_000 : 3_600_000);
  let bench: Bench;
  let results: string;

  before(async () => {
    bench = await Bench.create();
    const stage = `${bench.folder.path}/stage-truth`;
    await cp(`${fixtures}/truth/stage-truth`, stage, { recursive: true });
    await cp(`${fixtures}/truth/base-stage`, `${stage}/00-cases/files/base-stage`, { recursive: true });
    const checker = newChecker(bench.parser);
    for (const one of cases) await writeCase(one, `${stage}/00-cases/files/cases/${one.name}`);
    checker.dispose();

    const base = realTree === undefined ? ['stage0', 'stage1'] : [`${fixtures}/real-base/stage-base`];
    const { result } = await bench.build(
      await bench.prepare({ configFile: await bench.configOf([...base, stage]) }),
    );
    assert.deepEqual(result.failures, []);
    assert.equal(result.outcome, 'succeeded');
    const archive = result.artifacts.find(({ file }) => file.endsWith('/truth.tar'));
    assert.ok(archive);
    results = `${bench.folder.path}/results`;
    await mkdir(results);
    await run('tar', ['-C', results, '-xf', archive.file]);

    async function writeCase({ truth, finding }: Case, folder: string): Promise<void> {
      const tree = `${folder}/tree`;
      await mkdir(folder, { recursive: true });
      await writeMended(truth, finding?.at, tree, checker);
      // Those of the tree around it take their places.
      for (const name of ['build.sh', 'scripts', 'stage0', 'stage1', 'stage2']) {
        await rm(`${tree}/${name}`, { recursive: true, force: true });
      }
      const looks = finding === undefined ? truth.findings : [finding];
      for (const kind of shown) {
        const paths = looks.flatMap((look) => pathsOf(look[kind]));
        if (paths.length > 0) await writeFile(`${folder}/${kind}`, paths.map((name) => `${name}\n`).join(''));
      }
      await writeFile(`${folder}/programs`, truth.programs.join(' '));
    }
  });

  after(() => bench.dispose());

  it('is not to be found in the pi-gen that builds', async () => {
    const checker = newChecker(bench.parser);
    const { findings } = await checker.checkTree(bench.tree, { includeUpstream: true });
    checker.dispose();
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error'),
      [],
    );
  });

  async function outcomeOf(name: string): Promise<Outcome> {
    const folder = `${results}/${name}`;
    const status = Number(await readFile(`${folder}/status`, 'utf8'));
    const log = await readFile(`${folder}/log`, 'utf8');
    return { status, log, folder };
  }

  for (const truth of trees) {
    describe(`${truth.rule}/${truth.tree}`, () => {
      for (const finding of buildable(truth)) {
        it(`${finding.at} ${finding.fails === undefined ? 'makes it wrong' : 'makes the build fail'}`, async () => {
          const { status, log, folder } = await outcomeOf(caseName(truth, finding));
          if (finding.fails !== undefined) {
            assert.ok(log.includes(finding.fails), `"${finding.fails}" is not said:\n${endOf(log)}`);
            assert.notEqual(status, 0, endOf(log));
            return;
          }
          assert.equal(status, 0, endOf(log));
          for (const kind of shown)
            assert.deepEqual(await untrue(finding[kind], `${folder}/${kind}`), [], kind);
        });
      }

      it('is built and right when mended', async () => {
        const { status, log, folder } = await outcomeOf(caseName(truth));
        assert.equal(status, 0, endOf(log));
        for (const finding of buildable(truth)) {
          for (const kind of shown) {
            const all = pathsOf(finding[kind]);
            assert.deepEqual(await untrue(finding[kind], `${folder}/${kind}`), all, finding.at);
          }
        }
      });
    });
  }
});

const endOf = (log: string): string => log.split('\n').slice(-25).join('\n');

function pathsOf({ missing = [], present = [], holds = {}, lacks = {} }: Look = {}): readonly string[] {
  return [...missing, ...present, ...Object.keys(holds), ...Object.keys(lacks)];
}

/** The paths of which a look says what is not so. */
async function untrue(look: Look = {}, root: string): Promise<readonly string[]> {
  const { missing = [], present = [], holds = {}, lacks = {} } = look;
  const paths: string[] = [];
  for (const name of missing) if (await isThere(`${root}/${name}`)) paths.push(name);
  for (const name of present) if (!(await isThere(`${root}/${name}`))) paths.push(name);
  for (const [name, text] of Object.entries(holds))
    if (!(await textOf(name)).includes(text)) paths.push(name);
  for (const [name, text] of Object.entries(lacks)) if ((await textOf(name)).includes(text)) paths.push(name);
  return paths;

  async function textOf(name: string): Promise<string> {
    return readFile(`${root}/${name}`, 'utf8').catch(() => '');
  }
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
