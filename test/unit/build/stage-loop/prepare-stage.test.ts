import assert from 'node:assert/strict';
import path from 'node:path';
import type { Engine } from '../../../../src/build/engine/engine';
import { defaultBuildSettings } from '../../../../src/build/plan/build-plan';
import { prepareBuild } from '../../../../src/build/plan/prepare-build';
import type { PreparedBuild } from '../../../../src/build/plan/prepare-build';
import { Fingerprints } from '../../../../src/build/stage-loop/fingerprint';
import { prepareStage } from '../../../../src/build/stage-loop/prepare-stage';
import type { PreparedStageResult } from '../../../../src/build/stage-loop/prepare-stage';
import { NodeFileSystem } from '../../../../src/pigen/files/node-file-system';
import type { BashParser } from '../../../../src/shell/bash-parser';
import { loadParser } from '../../shell/parser';

const treeRoot = path.resolve(import.meta.dirname, '../../../fixtures/pi-gen').replaceAll('\\', '/');

describe('a try of a stage that is to export its image', () => {
  const fs = new NodeFileSystem();
  let parser: BashParser;
  let build: PreparedBuild;
  before(async () => {
    parser = await loadParser();
    const request = { treeRoot, settings: defaultBuildSettings, environment: {}, machine: 'x86_64' };
    const prepared = await prepareBuild(request, fs, parser);
    assert.ok(prepared.ok);
    build = prepared;
  });
  after(() => {
    parser.dispose();
  });

  function tried(stage: string, files: PreparedBuild['plan']['files'] = []): Promise<PreparedStageResult> {
    const plan = { ...build.plan, files: [...build.plan.files, ...files] };
    return prepareStage(
      { ...build, plan },
      { stage, from: { kind: 'stage' }, exportImage: true },
      {
        fs,
        parser,
        // Of an engine that holds nothing yet.
        engine: { findImage: () => Promise.resolve(undefined) } as unknown as Engine,
        fingerprints: new Fingerprints(),
        scripts: { tryStage: '', keptLayers: '' },
      },
    );
  }

  it('is refused where pi-gen would make no image of it', async () => {
    const refused = await tried('stage0');
    assert.ok(!refused.ok);
    assert.match(refused.problem.message, /stage0 holds no EXPORT_IMAGE/);
  });

  it('goes on where the stage holds EXPORT_IMAGE, or is given one as pi-gen-action does', async () => {
    assert.ok((await tried('stage1')).ok);
    assert.ok((await tried('stage0', [{ path: '/pi-gen/stage0/EXPORT_IMAGE', text: '' }])).ok);
  });
});
