import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lutimes, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ComparisonReader } from '../../../../src/build/afterwards/comparison';

const script = fileURLToPath(
  new URL('../../../../src/build/afterwards/container/compare-stage.sh', import.meta.url),
);

describe('the script that compares two stages', () => {
  let work: string;

  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'pi-gen-compare-'));
    await writeFile(join(work, 'build.log'), '[00:00:00] Begin /pi-gen/one\n[00:00:01] Begin /pi-gen/two\n');
    for (const stage of ['one', 'two']) await mkdir(join(work, stage, 'rootfs'), { recursive: true });
  });
  afterEach(async () => {
    await rm(work, { recursive: true });
  });

  async function file(stage: string, name: string, seconds: number): Promise<void> {
    const path = join(work, stage, 'rootfs', name);
    await writeFile(path, 'text');
    await utimes(path, seconds, seconds);
  }

  async function link(stage: string, name: string, target: string, seconds: number): Promise<void> {
    const path = join(work, stage, 'rootfs', name);
    await symlink(target, path);
    await lutimes(path, seconds, seconds);
  }

  async function changes(): Promise<readonly string[]> {
    const { stdout } = await promisify(execFile)('bash', [script, work, 'two']);
    const reader = new ComparisonReader();
    for (const record of stdout.split('\0')) reader.push(record);
    return reader.end()?.entries.map(({ path, change }) => `${change} ${path}`) ?? [];
  }

  it('leaves out what rsync copied within the second in which it was made', async () => {
    await file('one', 'same', 1000.25);
    await file('two', 'same', 1000.75);
    await link('one', 'link', 'same', 1000.25);
    await link('two', 'link', 'same', 1000.75);
    assert.deepEqual(await changes(), []);
  });

  it('tells of files that were written again, and of links that lead elsewhere', async () => {
    await file('one', 'again', 1000);
    await file('two', 'again', 1001);
    await link('one', 'link', 'here', 1000);
    await link('two', 'link', 'away', 1000);
    await link('one', 'strange\tname', 'to\t//there', 1000);
    assert.deepEqual(await changes(), ['changed again', 'changed link', 'removed strange\tname']);
  });
});
