import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  readBuildDockerScript,
  usualBuildDockerScript,
} from '../../../../src/build/plan/build-docker-script';
import type { BuildDockerScript } from '../../../../src/build/plan/build-docker-script';
import { branches } from '../../../../src/pigen/branches';
import { analyseScript } from '../../../../src/shell/analyse-script';
import type { BashParser } from '../../../../src/shell/bash-parser';
import { loadParser } from '../../shell/parser';

const root = path.join(import.meta.dirname, '../../../..');
const nothing: BuildDockerScript = {
  baseImage: 'nothing',
  imageTag: 'nothing',
  containerName: 'nothing',
  startLine: 'nothing',
  runOptions: 'nothing',
};

describe('build-docker.sh', () => {
  let parser: BashParser;
  before(async () => {
    parser = await loadParser();
  });
  after(() => {
    parser.dispose();
  });

  const read = (text: string, machine = 'x86_64') =>
    readBuildDockerScript(analyseScript(parser, text, 'host'), machine, nothing);

  it('tells base image, tag, name and start line', async () => {
    const text = await readFile(`${root}/test/fixtures/pi-gen/build-docker.sh`, 'utf8');
    const script = read(text);
    assert.equal(script.baseImage, 'i386/debian:trixie');
    assert.equal(read(text, 'aarch64').baseImage, 'debian:trixie');
    assert.equal(script.imageTag, 'pi-gen-tiny');
    assert.equal(script.containerName, 'pigen_work');
    assert.deepEqual(
      script.startLine
        .trim()
        .split('\n')
        .map((line) => line.trim()),
      [
        '(mount binfmt_misc -t binfmt_misc /proc/sys/fs/binfmt_misc || true) &&',
        'cd /pi-gen; ./build.sh ${BUILD_OPTS} &&',
        'rsync -av work/*/build.log deploy/',
      ],
    );
    assert.equal(script.runOptions, '');
  });

  it('tells options of its own, and of two calls that which starts anew', async () => {
    const script = read(await readFile(`${root}/test/fixtures/build-docker/two-calls.sh`, 'utf8'));
    assert.equal(
      script.runOptions,
      "'--cap-add=ALL' '-v' '/dev:/dev' '--volume' '/lib/modules:/lib/modules'",
    );
    assert.equal(script.startLine, 'cd /pi-gen; ./build.sh');
    assert.equal(script.baseImage, undefined);
    assert.equal(script.containerName, 'mine');
  });

  it('leaves to the usual what cannot be read', () => {
    const script = read('exec ./somewhere-else.sh "$@"\n');
    assert.deepEqual(script, nothing);
  });

  it('is known for every branch', () => {
    for (const { name, release } of branches) {
      const usual = usualBuildDockerScript(name, 'x86_64');
      assert.ok(usual.baseImage?.includes(release) === true || name === 'jessie', name);
      assert.equal(usual.runOptions !== '', /^(?:bullseye|buster)/.test(name), name);
    }
    assert.equal(usualBuildDockerScript('bookworm', 'armv7l').baseImage, 'debian:bookworm');
    assert.equal(usualBuildDockerScript(undefined, 'x86_64').baseImage, 'i386/debian:trixie');
  });
});
