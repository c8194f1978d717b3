import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stepForms } from '../../../src/pigen/tree/step-names';
import { newStage, newStep } from '../../../src/scaffold/stage-template';
import { config } from '../../../src/scaffold/templates/config';
import { fillTemplate } from '../../../src/scaffold/templates/fill-template';
import { templates } from '../../../src/scaffold/templates/index';
import { workflow } from '../../../src/scaffold/templates/workflow';
import { NodeStageWriter, writeStage } from '../../../src/scaffold/write-stage';
import type { BashParser } from '../../../src/shell/bash-parser';
import { valuesFor } from './template-values';
import { corePath, loadParser, newChecker, showFindings } from '../../rules/harness';

const repository = path.resolve(import.meta.dirname, '../../..');

describe('stages that this project writes', () => {
  let parser: BashParser;
  let folder: string;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  beforeEach(async () => {
    folder = corePath(await mkdtemp(path.join(tmpdir(), 'pigen-clean-')));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function findings(): Promise<string> {
    const checker = newChecker(parser);
    try {
      return showFindings((await checker.checkTree(folder)).findings, folder);
    } finally {
      checker.dispose();
    }
  }

  for (const form of [undefined, ...stepForms]) {
    it(`a new stage with ${form?.kind ?? 'every kind of step'} passes every rule`, async () => {
      const steps = (form === undefined ? stepForms : [form]).map(({ kind }) => kind);
      const files = newStage({
        name: 'stage-x',
        exportImage: true,
        subStage: { number: 0, name: 'x' },
        steps,
      });
      await writeStage(new NodeStageWriter(), folder, files);
      assert.equal(await findings(), '');
    });
  }

  for (const template of templates) {
    it(`a new stage from the template ${template.id} passes every rule`, async () => {
      const filled = fillTemplate(template, await valuesFor(template.id));
      assert.ok(filled.ok);
      const files = newStage({
        name: 'stage-x',
        exportImage: true,
        subStage: { number: 0, name: template.subStageName(filled.values) },
        steps: [],
        template: filled.files,
      });
      await writeStage(new NodeStageWriter(), folder, files);
      assert.equal(await findings(), '');
    });
  }

  it('further steps, a config and a workflow pass every rule', async () => {
    const subStage = { number: 0, name: 'x' };
    const stages = 'stage0 stage1 stage2 stage-x';
    for (const [template, values] of [
      [config, { stages }],
      [workflow, { stages: stages.replace('stage-x', './stage-x') }],
    ] as const) {
      const filled = fillTemplate(template, values);
      assert.ok(filled.ok);
      await writeStage(new NodeStageWriter(), folder, filled.files);
    }
    const stage = { name: 'stage-x', exportImage: true, subStage, steps: ['run'] } as const;
    await writeStage(new NodeStageWriter(), folder, newStage(stage));
    for (const { kind } of stepForms) {
      await writeStage(new NodeStageWriter(), `${folder}/stage-x/00-x`, newStep(kind, 7, 'stage-x'));
    }
    assert.equal(await findings(), '');
  });

  it('stage-ossuary passes every rule', async () => {
    await cp(path.join(repository, 'stage-ossuary'), path.join(folder, 'stage-ossuary'), { recursive: true });
    assert.equal(await findings(), '');
  });

  it('the stage of the seed does not', async () => {
    await cp(path.join(repository, 'test/fixtures/seed'), folder, { recursive: true });
    assert.match(
      await findings(),
      /^stage-ossuary\/00-install-ossuary\/00-run-chroot\.sh:3:1 error nested-on-chroot /,
    );
  });
});
