import assert from 'node:assert/strict';
import { closing } from '../../../src/cli/build-output';
import { passed } from './passed';

describe('the last words on a build', () => {
  const wordsOn = (name: string, stage?: { readonly exportImage: boolean }) =>
    closing({ ...passed, logFile: `/tree/deploy/${name}` }, { workingFolder: '/tree' }, stage).split('\n')[0];

  it('count the results of a whole build, and of a try that was to export', () => {
    assert.equal(wordsOn('build-docker.log'), 'Build finished: 0 files in the results.');
    assert.equal(
      wordsOn('build-docker-stage1.log', { exportImage: true }),
      'Build finished: 0 files in the results.',
    );
  });

  it('say of a try that it passed, where it is taken up again as well', () => {
    assert.equal(wordsOn('build-docker-stage1.log', { exportImage: false }), 'The stage passed.');
    assert.equal(wordsOn('build-docker-stage1.log'), 'The stage passed.');
  });
});
