import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Bench, engineAt, fixtures, secret } from './bench';

describe('a build that fails', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  it('names the step, masks secrets, and still brings the log', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-failing') });
    const { result, events, log } = await bench.build(prepared);
    assert.equal(result.outcome, 'failed');
    assert.equal(result.exitCode, 2);
    assert.equal(result.problem, undefined);
    const step = `${fixtures}/stages/stage-failing/00-install/00-run.sh`;
    assert.deepEqual(result.failures[0]?.step, { path: step, kind: 'run' });
    assert.deepEqual(events.slice(-2), [
      { event: 'failed', failures: result.failures },
      { event: 'ended', exitCode: 2, cancelled: false },
    ]);
    const open = events.findLast((event) => event.event === 'step-began');
    assert.equal(open?.event === 'step-began' && open.path, step);
    assert.match(log, /about to fail, knowing \*\*\*/);
    assert.ok(!(log + JSON.stringify(events)).includes(secret));
    assert.ok(result.artifacts.some(({ file }) => file === `${bench.tree}/deploy/build.log`));
    assert.match(await readFile(`${bench.tree}/deploy/build.log`, 'utf8'), /Build failed/);
    assert.equal(await bench.hasContainer(prepared.plan.container.name), false);
  });

  it('tells a nested on_chroot by the lines that it prints', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-nested') });
    const { result, events } = await bench.build(prepared);
    const written = events.filter((event) => event.event === 'line');
    // Of its two streams an engine under load may bring either first; each of them is in order.
    const lines = written.filter(({ stream }) => stream === 'stderr').map(({ text }) => text);
    const rootfs = '/pi-gen/work/tiny/stage-nested/rootfs';
    const at = lines.indexOf(`realpath: ${rootfs}/proc: No such file or directory`);
    assert.deepEqual(lines.slice(at, at + 7), [
      ...['proc', 'dev', 'dev/pts', 'sys', 'run', 'tmp'].map(
        (place) => `realpath: ${rootfs}/${place}: No such file or directory`,
      ),
      `Unable to chroot/chdir to [${rootfs}/]`,
    ]);
    assert.ok(written.some(({ text }) => /^\[\d\d:\d\d:\d\d\] Build failed$/.test(text)));
    const [failure] = result.failures;
    assert.equal(failure?.class, 'nested-on-chroot');
    const script = `${fixtures}/stages/stage-nested/00-install/00-run-chroot.sh`;
    assert.deepEqual(failure.step, { path: script, kind: 'run-chroot' });
    assert.equal(failure.finding?.file, script);
    assert.equal(failure.finding.range.start.line, 2);
  });

  it('names the step of the Dockerfile where the image cannot be made', async () => {
    await bench.folder.write(
      'broken/Dockerfile',
      'ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN echo "last words" && exit 7\n',
    );
    const prepared = await bench.prepare();
    const plan = { ...prepared.plan, treeRoot: `${bench.folder.path}/broken` };
    const { result, events } = await bench.build({ ...prepared, plan });
    assert.equal(result.outcome, 'failed');
    assert.equal(result.exitCode, undefined);
    assert.equal(result.problem?.kind, 'image-build');
    assert.match(result.problem.message, /RUN echo "last words" && exit 7/);
    assert.match(result.problem.message, /last words/);
    assert.deepEqual(events.at(-1), { event: 'ended', exitCode: null, cancelled: false });
  });

  it('tells of a base image that cannot be fetched', async () => {
    const settings = bench.settings({ baseImage: 'registry.invalid/nothing:none' });
    const { result } = await bench.build(await bench.prepare({ settings }));
    assert.equal(result.problem?.kind, 'base-image');
  });

  it('shows no secret in what the engine refuses', async () => {
    const settings = bench.settings({ mounts: [`/nowhere:${secret}`] });
    const { result, events, log } = await bench.build(await bench.prepare({ settings }));
    assert.match(result.problem?.message ?? '', /refused: .*\*\*\*/);
    assert.ok(!JSON.stringify([result, events, log]).includes(secret));
  });

  it('names a file that cannot be sent', async () => {
    const prepared = await bench.prepare();
    const plan = { ...prepared.plan, treeRoot: `${bench.folder.path}/nowhere` };
    const { result } = await bench.build({ ...prepared, plan });
    assert.equal(result.problem?.kind, 'unreadable-file');
    assert.match(result.problem.message, /nowhere/);
  });

  it('says that no engine is there', async () => {
    const engine = await engineAt(`unix://${bench.folder.path}/no.sock`);
    const { result, events } = await bench.build(await bench.prepare(), { engine });
    assert.equal(result.problem?.kind, 'no-engine');
    assert.match(result.problem.message, /no\.sock/);
    assert.deepEqual(
      events.map((event) => event.event),
      ['failed', 'ended'],
    );
  });
});
