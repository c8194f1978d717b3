import assert from 'node:assert/strict';
import { binfmtProblem, diskProblem, problemOfError } from '../../../../src/build/engine/engine-errors';
import type { EngineAction } from '../../../../src/build/engine/engine-errors';

function kind(error: unknown, action: EngineAction): string {
  const problem = problemOfError(error, { action, endpoint: 'unix:///x.sock', containerName: 'mine' });
  assert.ok(problem.message.length > 0 && problem.wayOut.length > 0);
  return problem.kind;
}

function nodeError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

/** As docker-modem makes them of the engine's answers. */
function answer(status: number, text: string): Error {
  return Object.assign(new Error(`(HTTP code ${status}) unexpected - ${text} `), { statusCode: status });
}

describe('an error of the engine', () => {
  it('is told by what it means', () => {
    assert.equal(kind(nodeError('ENOENT'), 'connect'), 'no-engine');
    assert.equal(kind(nodeError('ECONNREFUSED'), 'connect'), 'no-engine');
    assert.equal(kind(nodeError('ECONNREFUSED'), 'follow'), 'engine-lost');
    assert.equal(kind(nodeError('EACCES'), 'connect'), 'no-permission');
    assert.equal(kind(nodeError('ECONNRESET'), 'follow'), 'engine-lost');
    assert.equal(kind(new Error('socket hang up'), 'build-image'), 'engine-lost');
    assert.equal(kind(new Error('self-signed certificate'), 'connect'), 'no-engine');
    assert.equal(
      kind(answer(409, 'Conflict. The container name "/mine" is already in use by container "1"'), 'create'),
      'name-taken',
    );
    const podman =
      'container create: creating container storage: the container name "mine" is already in use by 1';
    assert.equal(kind(answer(500, podman), 'create'), 'name-taken');
    assert.equal(
      kind(answer(500, 'OCI runtime create failed: unable to apply caps: operation not permitted'), 'start'),
      'privileged-refused',
    );
    assert.equal(
      kind(answer(403, 'privileged mode is incompatible with user namespaces'), 'create'),
      'privileged-refused',
    );
    assert.equal(kind(answer(403, 'authorization denied by plugin'), 'build-image'), 'no-permission');
    assert.equal(
      kind(answer(500, 'mkdir /var/lib/docker/x: no space left on device'), 'create'),
      'disk-full',
    );
    assert.equal(kind(answer(500, 'something new'), 'create'), 'engine-refused');
    assert.equal(kind('no error at all', 'create'), 'engine-refused');
  });

  it('names the way out of user namespaces, which privileged containers cannot have', () => {
    const refusal = answer(400, 'privileged mode is incompatible with user namespaces.');
    const context = { action: 'create', endpoint: 'unix:///docker.sock' } as const;
    assert.match(problemOfError(refusal, context).wayOut, /userns-remap.* \/etc\/docker\/daemon\.json/);
  });

  it('knows the socket of Podman by its name', () => {
    const context = { action: 'connect', endpoint: 'unix:///run/podman/podman.sock' } as const;
    assert.match(problemOfError(nodeError('ENOENT'), context).wayOut, /enable --now podman\.socket/);
    assert.match(problemOfError(nodeError('EACCES'), context).wayOut, /`sudo pigen/);
  });

  it('names the way out of a taken name', () => {
    const problem = problemOfError(answer(409, 'is already in use'), {
      action: 'create',
      endpoint: 'unix:///x.sock',
      containerName: 'pigen_work',
    });
    assert.match(problem.wayOut, /docker rm -f -v pigen_work/);
  });
});

describe("a line of pi-gen's log", () => {
  it('tells of missing emulation', () => {
    assert.equal(
      binfmtProblem(
        'No fallback mechanism found. Ensure your OS has binfmt_misc support enabled and configured.',
      )?.kind,
      'no-binfmt',
    );
    assert.equal(
      binfmtProblem("chroot: failed to run command '/bin/true': Exec format error")?.kind,
      'no-binfmt',
    );
    assert.equal(
      binfmtProblem('./00-run.sh: line 3: ./tool: cannot execute binary file: Exec format error'),
      undefined,
    );
    assert.equal(binfmtProblem('armhf: ok'), undefined);
  });

  it('tells of a full disk', () => {
    assert.equal(diskProblem('dpkg: error: failed to write (No space left on device)')?.kind, 'disk-full');
    assert.equal(diskProblem('there is space left on the device'), undefined);
  });
});
