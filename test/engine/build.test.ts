import assert from 'node:assert/strict';
import { cp, readFile, stat } from 'node:fs/promises';
import type { BuildEvent } from '../../src/build/build-event';
import { runBuild } from '../../src/build/session/run-build';
import { stepDurations } from '../../src/build/timeline/build-timeline';
import { readTimelines } from '../../src/build/timeline/timeline-store';
import { Bench, fixtures, realTree, secret } from './bench';
import type { Told } from './bench';
import { StageBench } from './stage-bench';

const kindsOf = (events: readonly BuildEvent[]) => events.map((event) => event.event);
const linesOf = (events: readonly BuildEvent[]) =>
  events.flatMap((event) => (event.event === 'line' ? [event.text] : []));

/** Every step ends after all that began inside it, and before what began around it. */
function assertNested(events: readonly BuildEvent[]): void {
  const open: string[] = [];
  for (const event of events) {
    if (event.event === 'step-began') open.push(event.containerPath);
    if (event.event === 'step-ended') assert.equal(event.containerPath, open.pop());
  }
  assert.deepEqual(open, []);
}

function assertMasked(told: Told): void {
  assert.ok(!told.log.includes(secret));
  assert.ok(!JSON.stringify([told.events, told.result]).includes(secret));
}

describe('a build', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  it('makes the image, tells its steps in order, and leaves nothing behind', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-good') });
    let volumes: readonly string[] = [];
    const told = await bench.build(prepared, {
      onEvent: async (event) => {
        if (event.event === 'step-began' && event.kind === 'tree') {
          volumes = await bench.anonymousVolumes(prepared.plan.container.name);
        }
      },
    });
    assert.deepEqual(told.result.failures, []);
    assert.equal(told.result.outcome, 'succeeded');
    assert.equal(told.result.exitCode, 0);
    assert.deepEqual(told.events.at(-1), { event: 'ended', exitCode: 0, cancelled: false });
    assert.equal(kindsOf(told.events)[0], 'image-step');
    assertNested(told.events);

    const began = told.events.flatMap((event) => (event.event === 'step-began' ? [event] : []));
    const own = began.filter((step) => step.stage === 'stage-good').map((step) => [step.kind, step.path]);
    const stage = `${fixtures}/stages/stage-good`;
    assert.deepEqual(own, [
      ['stage', stage],
      ['prerun', `${stage}/prerun.sh`],
      ['sub-stage', `${stage}/00-own`],
      ['packages', `${stage}/00-own/00-packages`],
      ['run', `${stage}/00-own/00-run.sh`],
      ['run-chroot', `${stage}/00-own/00-run-chroot.sh`],
    ]);
    assert.equal(began[0]?.kind, 'tree');
    assert.equal(began[0].path, bench.tree);
    assert.ok(linesOf(told.events).includes('hello from the repository'));

    const names = told.result.artifacts.map(({ file }) => file.slice(`${bench.tree}/deploy/`.length));
    assert.ok(names.includes('build.log'), names.join());
    assert.ok(names.some((name) => name.endsWith('-good.img')));
    for (const { file, bytes } of told.result.artifacts) assert.equal((await stat(file)).size, bytes);
    assert.deepEqual(
      told.events.flatMap((event) => (event.event === 'artifact' ? [event.file] : [])),
      told.result.artifacts.map(({ file }) => file),
    );
    assert.match(await readFile(`${bench.tree}/deploy/build.log`, 'utf8'), /Begin \/pi-gen\/stage-good/);

    for (const line of linesOf(told.events)) assert.ok(told.log.includes(line), line);
    assert.match(told.log, /Build finished/);
    assertMasked(told);
    assert.equal(told.result.containerLeft, undefined);
    assert.equal(await bench.hasContainer(prepared.plan.container.name), false);
    assert.equal(volumes.length, 2);
    for (const volume of volumes) assert.equal(await bench.hasVolume(volume), false);

    const sizes = told.events.flatMap((event) => (event.event === 'stage-size' ? [event] : []));
    assert.deepEqual(
      sizes.map(({ stage: name }) => name),
      realTree === undefined ? ['stage0', 'stage1', 'stage-good'] : ['stage-base', 'stage-good'],
    );
    const [ground, ...others] = sizes;
    assert.equal(ground?.added, ground?.total);
    // The small tree has no dpkg.
    assert.equal((ground?.packages ?? 0) > 50, realTree !== undefined, String(ground?.packages));
    for (const { added } of others) assert.ok(added > 0 && added < 50_000_000, String(added));
    const { builds, problem } = await readTimelines(told.result.logFile);
    assert.equal(problem, undefined);
    assert.deepEqual(
      builds.map(({ outcome, whole, sizes: kept }) => [outcome, whole, kept.length]),
      [['succeeded', true, sizes.length]],
    );
    const steps = began.filter(({ kind }) => !['tree', 'stage', 'sub-stage'].includes(kind));
    assert.deepEqual(
      [...stepDurations(builds[0]!).keys()].toSorted(),
      [...new Set(steps.map(({ containerPath }) => containerPath))].toSorted(),
    );
  });

  it('has the names of the folders behind links for stages, and those of the links for sub-stages and steps', async () => {
    for (const name of ['parts', 'shared', 'stage-kiosk']) {
      await cp(`${fixtures}/trees/linked-stages/${name}`, `${bench.tree}/${name}`, {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
    const base = realTree === undefined ? ['stage0', 'stage1'] : [`${fixtures}/real-base/stage-base`];
    const prepared = await bench.prepare({ configFile: await bench.configOf([...base, 'stage-kiosk']) });
    assert.equal(prepared.order?.at(-1)?.name, 'real-kiosk');
    const { events, result } = await bench.build(prepared);
    assert.equal(result.outcome, 'succeeded');
    const stage = `${bench.tree}/parts/real-kiosk`;
    assert.deepEqual(
      events.flatMap((event) =>
        event.event === 'step-began' && event.stage === 'real-kiosk'
          ? [[event.path, event.containerPath]]
          : [],
      ),
      [
        '',
        '/prerun.sh',
        '/00-own',
        '/00-own/00-run.sh',
        '/00-own/01-run.sh',
        '/01-common',
        '/01-common/00-run.sh',
      ].map((name) => [`${stage}${name}`, `/pi-gen/parts/real-kiosk${name}`]),
    );
    assert.ok(events.some((event) => event.event === 'stage-size' && event.stage === 'real-kiosk'));
    assert.ok(result.artifacts.some(({ file }) => file.endsWith('-kiosk.img')));
    const stages = new StageBench(bench);
    for (const name of ['stage-kiosk', 'real-kiosk'])
      assert.equal((await stages.prepare(prepared, name)).stage.path, stage);
  });

  it('reads the stages of a repository that has no pi-gen', async () => {
    const repository = `${bench.folder.path}/repository`;
    const stage = await readFile(`${fixtures}/stages/stage-good/prerun.sh`);
    await bench.folder.write('repository/stage-mine/prerun.sh', stage, 0o755);
    await bench.folder.write('repository/stage-mine/00-x/00-run-chroot.sh', 'echo "built from afar"\n');
    await bench.folder.write('repository/stage-mine/EXPORT_IMAGE', 'IMG_SUFFIX=-mine\n');
    const base = realTree === undefined ? 'stage0 stage1' : `${fixtures}/real-base/stage-base`;
    const config = await readFile(await bench.config(), 'utf8');
    await bench.folder.write('repository/config', `${config}STAGE_LIST="${base} ./stage-mine"\n`);
    const prepared = await bench.prepare({ repositoryRoot: repository });
    const told = await bench.build(prepared);
    assert.deepEqual(told.result.failures, []);
    assert.ok(linesOf(told.events).includes('built from afar'));
    const steps = told.events.flatMap((event) => (event.event === 'step-began' ? [event.path] : []));
    assert.ok(steps.includes(`${repository}/stage-mine/00-x/00-run-chroot.sh`));
    const image = told.result.artifacts.find(({ file }) => file.endsWith('-mine.img'));
    assert.ok(image?.file.startsWith(`${repository}/deploy/`));
    assertMasked(told);
  });

  it('keeps the container on request', async () => {
    const settings = bench.settings({ keepContainer: true });
    const prepared = await bench.prepare({ configFile: await bench.config('stage-failing'), settings });
    const { result } = await bench.build(prepared);
    assert.equal(result.outcome, 'failed');
    assert.equal(result.containerLeft, settings.containerName);
    assert.equal(await bench.hasContainer(settings.containerName), true);
    const again = await bench.build(prepared);
    assert.equal(again.result.problem?.kind, 'name-taken');
    assert.match(again.result.failures[0]?.fix ?? '', new RegExp(settings.containerName));
    assert.equal(await bench.hasContainer(settings.containerName), true);
    await bench.engine.remove(settings.containerName);
  });

  it('takes loud output whole, in bounded memory', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-loud') });
    let peak = 0;
    let next = 1;
    const logFile = `${bench.folder.path}/loud.log`;
    const before = process.memoryUsage().rss;
    const result = await runBuild(prepared.plan, bench.engine, {
      signal: new AbortController().signal,
      logFile,
      secrets: prepared.secrets,
      onEvent: (event) => {
        if (event.event !== 'line') return;
        const number = /^line (\d+) with an é and a 😀 in it/.exec(event.text)?.[1];
        if (number === undefined) return;
        assert.equal(Number(number), next++);
        if (next % 1000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
      },
    });
    assert.equal(result.outcome, 'succeeded');
    assert.equal(next, 300_001);
    assert.ok((await stat(logFile)).size > 25_000_000);
    assert.ok(peak - before < 150 * 1024 * 1024, `${(peak - before) / 1024 / 1024} MB`);
  });
});
