import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Bench, fixtures } from './bench';

const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');
const run = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly complaints: string;
}

/** GitHub cannot be reached by a test: git is told that a local repository stands behind its address. */
describe('pigen build --workflow, in a repository without pi-gen', () => {
  let bench: Bench;
  let repository: string;
  let environment: NodeJS.ProcessEnv;
  before(async () => {
    bench = await Bench.create();
    repository = `${bench.folder.path}/radio`;
    await cp(`${fixtures}/workflow-repository`, repository, { recursive: true });
    // The small pi-gen, whichever one the suite builds: what counts here is the way to it.
    const upstream = `${bench.folder.path}/upstream`;
    await cp(`${fixtures}/pi-gen`, upstream, { recursive: true });
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    for (const words of [
      ['init', '-q'],
      ['add', '-A'],
      ['commit', '-qm', 'tree'],
      ['branch', 'tiny'],
    ]) {
      await run('git', [...identity, ...words], { cwd: upstream });
    }
    environment = {
      ...process.env,
      XDG_CACHE_HOME: `${bench.folder.path}/cache`,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${pathToFileURL(upstream).href}.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/someone/pi-gen',
      RADIO_PASSWORD: 'correct horse',
      HUB: 'token of the hub',
    };
  });
  after(() => bench.dispose());

  async function build(...words: readonly string[]): Promise<Ended> {
    const { containerName } = bench.settings();
    const all = ['build', '--workflow', '.github/workflows/image.yml', '--network', 'host'];
    const options = { cwd: repository, env: environment, maxBuffer: 64 * 1024 * 1024 };
    return run(process.execPath, [cli, ...all, '--name', containerName, ...words], options).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout, complaints: stderr }),
      (error: unknown) => {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, output: stdout, complaints: stderr };
      },
    );
  }

  it('says what is missing before it builds: an expression, an entry, a clone', async () => {
    const expression = await build('--matrix', 'flavour=lite');
    assert.equal(expression.code, 2);
    assert.match(
      expression.complaints + expression.output,
      /The input hostname of image \(lite\) needs `github\.ref_name`[^]*--value 'github\.ref_name=…'/,
    );
    const entry = await build('--matrix', 'flavour=none');
    assert.equal(entry.code, 2);
    assert.match(entry.complaints, /It has: image \(lite\) \(--matrix flavour=lite\); image \(full\)/);
    const clone = await build('--value', 'github.ref_name=main');
    assert.equal(clone.code, 2);
    assert.match(clone.complaints, /https:\/\/github\.com\/someone\/pi-gen at tiny\. Add --clone/);
  });

  it('builds each entry of the matrix as the action would, with the pi-gen that the step names', async () => {
    const { code, output, complaints } = await build('--clone', '--value', 'github.ref_name=main');
    assert.equal(code, 0, output + complaints);
    assert.match(complaints, /cloning https:\/\/github\.com\/someone\/pi-gen at tiny/);

    // Only the last stage of each list becomes an image, whatever EXPORT_IMAGE files there are.
    const images = async (entry: string) =>
      (await readdir(`${repository}/deploy/${entry}`)).filter((name) => name.endsWith('.img'));
    assert.match((await images('image-lite')).join(), /^[\d-]+-radio-lite-radio\.img$/);
    assert.match((await images('image-full')).join(), /^[\d-]+-radio-full\.img$/);

    assert.match(output, /^\[image-lite\] radio-lite on main plays station one$/m);
    assert.match(output, /^\[image-full\] the player plays station one$/m);
    assert.doesNotMatch(output, /^\[image-lite\].*stage-player/m);
    const log = await readFile(`${repository}/deploy/image-lite/build-docker.log`, 'utf8');
    for (const text of [output, complaints, log]) assert.doesNotMatch(text, /correct horse|token of the hub/);
    assert.match(log, /^with \*\*\* and \*\*\*$/m);

    // Nothing of the repository was changed: the action removes and adds EXPORT_ files, in its checkout.
    assert.deepEqual((await readdir(`${repository}/images/stage-player`)).sort(), ['00-player', 'prerun.sh']);
    const cache = await readdir(`${bench.folder.path}/cache/pigen/clones`);
    assert.equal(cache.filter((name) => name.endsWith('.json')).length, 1);
  });
});
