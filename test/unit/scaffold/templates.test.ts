import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { parseWorkflow } from '../../../src/pigen/workflow/workflow';
import { config } from '../../../src/scaffold/templates/config';
import { fillTemplate } from '../../../src/scaffold/templates/fill-template';
import { findTemplate, templates } from '../../../src/scaffold/templates/index';
import type { FileTemplate, TemplateValues } from '../../../src/scaffold/templates/template';
import { workflow } from '../../../src/scaffold/templates/workflow';
import { readAssignments } from '../../../src/shell/config-assignments';
import { loadParser } from '../../rules/harness';
import { bashAccepts } from './bash-accepts';
import { scaffoldFixtures, valuesFor } from './template-values';

function textOf(template: FileTemplate, values: TemplateValues, file: string): string {
  const filled = fillTemplate(template, values);
  assert.ok(filled.ok, filled.ok ? '' : filled.message);
  const found = filled.files.find((one) => one.path === file);
  assert.ok(found, `${file} is among ${filled.files.map((one) => one.path).join()}`);
  return found.text;
}

function refusal(template: FileTemplate, values: TemplateValues): string {
  const filled = fillTemplate(template, values);
  assert.ok(!filled.ok, 'it is refused');
  return filled.message;
}

describe('templates of sub-stages', () => {
  it('have an id of their own, and say what they do', () => {
    assert.equal(new Set(templates.map(({ id }) => id)).size, templates.length);
    for (const { id, title, detail, inputs } of templates) {
      assert.match(id, /^[a-z-]+$/);
      assert.ok(title.length > 5 && detail.length > 20, id);
      for (const input of inputs) {
        assert.match(input.name, /^[a-z-]+$/);
        if (input.default !== undefined) assert.equal(input.judge(input.default), undefined, input.name);
      }
      assert.equal(findTemplate(id)?.id, id);
    }
  });

  it('write scripts that bash accepts, whatever their inputs accept', async () => {
    for (const template of templates) {
      const filled = fillTemplate(template, await valuesFor(template.id));
      assert.ok(filled.ok);
      for (const { path: file, text } of filled.files.filter((one) => one.path.endsWith('.sh'))) {
        assert.match(text, /^#!\/bin\/bash -e\n/);
        assert.ok(await bashAccepts(text), `${template.id}: ${file}`);
      }
    }
  });

  it('let nothing into a script or unit that means something there', () => {
    const inputs = [...templates, config, workflow].flatMap((template) => template.inputs);
    const words = inputs.filter((input) => input.file !== true && input.choices === undefined);
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.string({ unit: 'grapheme' }), (input, value) => {
        if (input.judge(value) === undefined) assert.doesNotMatch(value, /["'`$\\\n\r<>{}|^]/);
      }),
      { numRuns: 2000 },
    );
    for (const input of words) {
      for (const value of ['"', "'", 'a"b', 'a$(b)', 'https://x/"', 'a\nb', 'https://x/$(id)', '-x y']) {
        assert.notEqual(input.judge(value), undefined, `${input.name}: ${value}`);
      }
    }
  });

  it('refuse values and names that they do not know, with a word', () => {
    const [first] = templates;
    assert.ok(first);
    assert.match(refusal(first, { name: 'My Service' }), /small letters/);
    assert.match(refusal(first, { nam: 'x' }), /does not ask for 'nam', only for: name/);
  });

  it('want the public half of a key, and only that', async () => {
    const ssh = findTemplate('ssh-keys');
    const apt = findTemplate('apt-repository');
    assert.ok(ssh && apt);
    assert.match(refusal(ssh, {}), /'keys' is missing/);
    const secret = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n';
    assert.match(refusal(ssh, { keys: secret }), /Never take the private one/);
    assert.match(refusal(apt, { ...(await valuesFor('apt-repository')), key: 'binary' }), /gpg --enarmor/);
    const key = await readFile(path.join(scaffoldFixtures, 'keys.pub'), 'utf8');
    assert.equal(
      textOf(ssh, { keys: `${key}\n${key}` }, 'files/authorized_keys').split('ssh-ed25519').length,
      3,
    );
  });

  it('leave out a component where the suite is a path', async () => {
    const apt = findTemplate('apt-repository');
    assert.ok(apt);
    const values = await valuesFor('apt-repository');
    assert.doesNotMatch(textOf(apt, values, 'files/example.sources'), /Components/);
    const released = { ...values, suite: 'trixie', component: 'contrib' };
    assert.match(textOf(apt, released, 'files/example.sources'), /Suites: trixie\nComponents: contrib\n/);
  });

  it('double what systemd would expand', () => {
    const kiosk = findTemplate('kiosk');
    assert.ok(kiosk);
    const unit = textOf(kiosk, { url: 'https://example.org/a%20b' }, 'files/kiosk.service');
    assert.match(unit, /"https:\/\/example\.org\/a%%20b"/);
  });
});

describe('templates of whole files', () => {
  it('write a config whose values can be read', async () => {
    const parser = await loadParser();
    try {
      const text = textOf(config, { image: 'garden', stages: 'stage0 stage1 stage-garden' }, 'config');
      const values = new Map(readAssignments(text, parser).map(({ name, literal }) => [name, literal]));
      assert.equal(values.get('IMG_NAME'), 'garden');
      assert.equal(values.get('STAGE_LIST'), 'stage0 stage1 stage-garden');
      assert.equal(values.get('FIRST_USER_PASS'), undefined, 'no password stands in a file');
    } finally {
      parser.dispose();
    }
  });

  it('write a workflow whose release and branch of pi-gen fit together', () => {
    for (const { value } of workflow.inputs.find(({ name }) => name === 'target')?.choices ?? []) {
      const text = textOf(
        workflow,
        { target: value, stages: 'stage0 ./stage-x' },
        '.github/workflows/build-image.yml',
      );
      const { steps, broken } = parseWorkflow('w.yml', text);
      assert.equal(broken, undefined);
      const input = (name: string): string | undefined =>
        steps[0]?.inputs.find((one) => one.name === name)?.value;
      assert.equal(input('release'), value.split('-')[0]);
      assert.equal(input('pi-gen-version')?.includes('arm64') ?? false, value.endsWith('arm64'));
      assert.deepEqual(
        steps[0]?.stageList?.map((word) => word.value),
        ['stage0', './stage-x'],
      );
    }
  });
});
