import assert from 'node:assert/strict';
import { imageBuildProblem } from '../../../../src/build/engine/image-build-problem';

describe('a failed image build', () => {
  it('is told with its step and last lines', () => {
    const problem = imageBuildProblem(
      "The command '/bin/sh -c false' returned a non-zero code: 1",
      'RUN false',
      ['last words'],
    );
    assert.equal(problem.kind, 'image-build');
    assert.match(problem.message, /step "RUN false" failed/);
    assert.match(problem.message, /last words/);
  });

  it('hints at the network where apt failed', () => {
    assert.match(
      imageBuildProblem('code: 100', 'RUN apt-get -y update', []).wayOut,
      /pi-gen\.docker\.network/,
    );
  });

  it('is told apart from a base image for another processor, as Docker and Podman say it', () => {
    const step = 'RUN apt-get -y update';
    for (const [message, line] of [
      [
        "The command '/bin/sh -c apt-get -y update' returned a non-zero code: 1",
        'exec /bin/sh: exec format error',
      ],
      [`building at STEP "${step}": while running runtime: exit status 1`, 'exec /bin/sh: exec format error'],
      ['code: 1', 'standard_init_linux.go:228: exec user process caused: exec format error'],
    ] as const) {
      const { kind: told, wayOut } = imageBuildProblem(message, step, [line]);
      assert.equal(told, 'no-binfmt');
      assert.match(wayOut, /tonistiigi\/binfmt/);
    }
    const own = imageBuildProblem('code: 126', 'RUN ./tool', ['/bin/sh: 1: ./tool: Exec format error']);
    assert.equal(own.kind, 'image-build');
  });

  it('is told apart from a base image that cannot be had, and from a full disk', () => {
    const missing = 'pull access denied for i386/none, repository does not exist or may require docker login';
    assert.equal(imageBuildProblem(missing, 'FROM i386/none', []).kind, 'base-image');
    const lookup = 'Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host';
    assert.equal(imageBuildProblem(lookup, 'FROM x', []).kind, 'base-image');
    assert.equal(imageBuildProblem('code: 1', 'RUN x', ['cp: No space left on device']).kind, 'disk-full');
  });
});
