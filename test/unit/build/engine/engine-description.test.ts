import assert from 'node:assert/strict';
import { identityOf } from '../../../../src/build/engine/engine-description';

describe('what an engine says of itself', () => {
  const docker = { ID: 'ABCD', Name: 'box', DockerRootDir: '/var/lib/docker' };
  const podman = { ...docker, BuildahVersion: '1.28.2' };

  it('tells it from another one of the same machine', () => {
    assert.equal(identityOf(docker), identityOf({ ...docker }));
    assert.notEqual(identityOf(docker), identityOf({ ...docker, DockerRootDir: '/srv/docker' }));
    assert.notEqual(identityOf(docker), identityOf({ ...docker, ID: 'EFGH' }));
    assert.equal(identityOf({}), '');
  });

  it("tells that it is the same one, though Podman's ID is another each time", () => {
    assert.equal(identityOf(podman), identityOf({ ...podman, ID: 'EFGH' }));
    assert.notEqual(identityOf(podman), identityOf({ ...podman, Name: 'other' }));
  });
});
