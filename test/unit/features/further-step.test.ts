import assert from 'node:assert/strict';
import { furtherStep } from '../../../src/features/build/further-step';

describe('what leads further', () => {
  it('from a lost engine is to attach to the build, unless no container of it is left', () => {
    assert.equal(furtherStep('engine-lost', true), 'attach');
    assert.equal(furtherStep('engine-lost', false), 'check-environment');
  });

  it('from an engine that cannot be built on is to name another', () => {
    for (const kind of ['no-engine', 'bad-endpoint', 'no-permission', 'rootless-engine'] as const) {
      assert.equal(furtherStep(kind, false), 'engine-setting', kind);
    }
  });
});
