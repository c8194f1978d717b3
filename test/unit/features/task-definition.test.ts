import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readTaskDefinition, taskKinds } from '../../../src/features/tasks/task-definition';

const read = (definition: Readonly<Record<string, unknown>>) =>
  readTaskDefinition({ type: 'pi-gen', ...definition });

describe('a task of tasks.json', () => {
  it('is read with all that its kind goes by', () => {
    const nothing = { stage: '', from: '', folder: '', config: '' };
    assert.deepEqual(read({ task: 'check', folder: 'pi-gen' }), {
      ...nothing,
      task: 'check',
      folder: 'pi-gen',
    });
    assert.deepEqual(read({ task: 'build', config: 'config.test' }), {
      ...nothing,
      task: 'build',
      config: 'config.test',
    });
    const whole = {
      task: 'stage',
      stage: 'stage-kiosk',
      from: '01-browser',
      folder: 'pi-gen',
      config: 'config',
    };
    assert.deepEqual(read(whole), whole);
  });

  it('may be written with blanks around, and as on Windows', () => {
    const task = read({ task: ' stage ', stage: 'own\\stage-kiosk ' });
    assert.ok('stage' in task);
    assert.equal(task.stage, 'own/stage-kiosk');
  });

  it('is refused where it does not say what to do', () => {
    assert.deepEqual(read({}), { kind: 'no-kind' });
    assert.deepEqual(read({ task: 'bake' }), { kind: 'no-kind' });
    assert.deepEqual(read({ task: 'stage', stage: '  ' }), { kind: 'no-stage' });
  });

  it('is refused where a property is no text', () => {
    assert.deepEqual(read({ task: 3 }), { kind: 'no-text', property: 'task' });
    assert.deepEqual(read({ task: 'stage', stage: 2 }), { kind: 'no-text', property: 'stage' });
  });

  it('is refused where it says what its kind does not go by, rather than build something else', () => {
    const refused = { kind: 'no-use', property: 'from', task: 'build' };
    assert.deepEqual(read({ task: 'build', from: '01-browser' }), refused);
    assert.deepEqual(read({ task: 'check', config: 'config' }), {
      ...refused,
      property: 'config',
      task: 'check',
    });
    assert.deepEqual(read({ task: 'build', stage: 'stage-kiosk' }), { ...refused, property: 'stage' });
    assert.ok('task' in read({ task: 'build', from: '' }));
  });

  it('knows the properties and kinds that package.json declares', async () => {
    const manifest = JSON.parse(
      await readFile(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8'),
    ) as {
      readonly contributes: {
        readonly taskDefinitions: readonly [
          { readonly properties: Readonly<Record<string, { readonly enum?: readonly string[] }>> },
        ];
      };
    };
    const [{ properties }] = manifest.contributes.taskDefinitions;
    assert.deepEqual(properties['task']?.enum, [...taskKinds]);
    const kind = read({ task: 'stage', stage: 'stage-kiosk' });
    assert.deepEqual(Object.keys(properties).toSorted(), Object.keys(kind).toSorted());
  });
});
