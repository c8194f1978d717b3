import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activate, type Manifest } from '../extension';

describe('the manifest', () => {
  let manifest: Manifest;
  before(async () => {
    ({ manifest } = await activate());
  });

  it('declares the commands that are registered, and no others', async () => {
    const declared = manifest.contributes.commands.map(({ command }) => command);
    // The editor adds commands of its own for every view: pi-gen.stages.focus and the like.
    const ours = /^pi-gen\.(?!(?:stages|rootfs)\.)/;
    const registered = (await vscode.commands.getCommands(true)).filter((name) => ours.test(name));
    assert.deepEqual(registered.sort(), declared.sort());
  });

  it('gives every command a title in the category Pi-gen', () => {
    for (const { command, title, category } of manifest.contributes.commands) {
      assert.equal(category, 'Pi-gen', command);
      assert.match(title, /^[A-Z]/, command);
    }
  });

  it('declares settings that the editor knows, with their defaults', () => {
    const properties = manifest.contributes.configuration.flatMap((group) =>
      Object.entries(group.properties),
    );
    assert.ok(properties.length > 0);
    for (const [name, { default: value }] of properties) {
      const known = vscode.workspace.getConfiguration().inspect(name);
      assert.deepEqual(known?.defaultValue, value, name);
    }
  });

  // High Contrast Light is one of them.
  it('colours scripts by where they run in themes too that turn such colours off', () => {
    const editor = vscode.workspace.getConfiguration('editor', { languageId: 'shellscript' });
    assert.equal(editor.get('semanticHighlighting.enabled'), true);
  });
});
