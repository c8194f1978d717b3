import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import declared from '../../package.json';
import texts from '../../package.nls.json';

const root = path.resolve(import.meta.dirname, '../..');
const keys = new Map<string, string>(Object.entries(texts));
const manifest = withTexts(declared);
const { contributes, capabilities } = manifest;
const settings = new Map(contributes.configuration.flatMap(({ properties }) => Object.entries(properties)));
const commands = contributes.commands.map(({ command }) => command);

/** The manifest as VS Code shows it: with the texts of package.nls.json in the place of their keys. */
function withTexts<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) => {
    const key = typeof part === 'string' ? /^%(.+)%$/.exec(part)?.[1] : undefined;
    return key === undefined ? part : (keys.get(key) ?? assert.fail(`package.nls.json has no ${key}`));
  }) as Value;
}

/** The texts for people in the manifest as it is written, by their path. */
function textsIn(value: unknown, at: string): readonly (readonly [path: string, text: string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    const path = `${at}.${name}`;
    const isText = /^(?:title|category|label|contents|contextualTitle|(?:markdown)?[dD]escription)$/.test(
      name,
    );
    if (isText && typeof part === 'string') return [[path, part] as const];
    if (/[eE]numDescriptions$/.test(name) && Array.isArray(part)) {
      return part.map((text, i) => [`${path}.${i}`, String(text)] as const);
    }
    return textsIn(part, path);
  });
}

async function sourcesOf(folder: string): Promise<string> {
  const names = await readdir(path.join(root, folder), { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts'));
  return (await Promise.all(files.map((name) => readFile(path.join(root, folder, name), 'utf8')))).join('\n');
}

describe('the manifest', () => {
  it('gives every command a category, a title and a place in the code', async () => {
    const source = await sourcesOf('src');
    for (const { command, category, title } of contributes.commands) {
      assert.equal(category, 'Pi-gen', command);
      assert.match(title, /^[A-Z]/, command);
      assert.ok(source.includes(`'${command}'`), `${command} is registered nowhere`);
    }
  });

  it('takes every text for people from package.nls.json, which holds no others', () => {
    const found = textsIn(declared.contributes, 'contributes');
    assert.ok(found.length > 0);
    for (const [path, text] of found) assert.match(text, /^%[\w.-]+%$/, path);
    const written = JSON.stringify(declared);
    for (const [key, text] of keys) {
      assert.ok(written.includes(`"%${key}%"`), `${key} is used nowhere`);
      assert.notEqual(text.trim(), '', key);
    }
  });

  it('has its commands for a line of the view, or a place in a file, out of the palette', () => {
    const hidden = new Set(
      contributes.menus.commandPalette.filter(({ when }) => when === 'false').map(({ command }) => command),
    );
    const entries = contributes.menus['view/item/context'].map(({ command }) => command);
    const alone = [
      ...['buildStage', 'rebuildFromHere', 'watchStage', 'traceStep', 'skipStepOnce'],
      ...['browseRootfs', 'compareStage', 'openStageShell'],
    ];
    for (const command of entries) {
      const asks = alone.includes(command.slice('pi-gen.'.length)) || command.startsWith('pi-gen.new');
      assert.equal(hidden.has(command), !asks, command);
    }
  });

  it('says of every command where it can be run', () => {
    const anywhere = new Set(['showBuildOutput', 'explainBuildLog'].map((name) => `pi-gen.${name}`));
    for (const entry of contributes.commands) {
      const has = 'enablement' in entry && entry.enablement !== '';
      assert.equal(has, !anywhere.has(entry.command), entry.command);
    }
    for (const entry of contributes.commands) {
      if (
        /build(?:Image|Stage|Workflow)|rebuild|watchStage|trace|skipStep|attach|Workflow Run|updateClone|cleanUp|checkEnv|install|updatePackage|makeExec/.test(
          entry.command,
        )
      )
        assert.match('enablement' in entry ? entry.enablement : '', /isWorkspaceTrusted/, entry.command);
    }
    for (const [menu, items] of Object.entries(contributes.menus)) {
      for (const item of items) assert.ok(item.when !== '', `${menu}: ${item.command}`);
    }
  });

  it('names only declared commands in its menus', () => {
    for (const [menu, items] of Object.entries(contributes.menus)) {
      for (const { command } of items) assert.ok(commands.includes(command), `${menu}: ${command}`);
    }
  });

  it('links its welcome texts and walkthrough to commands that are there', () => {
    const texts = [
      ...contributes.viewsWelcome.map(({ contents }) => contents),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description)),
    ];
    for (const text of texts) {
      for (const [, command = ''] of text.matchAll(/\(command:([\w.-]+)(?:\?[^)]*)?\)/g)) {
        assert.ok(commands.includes(command) || /^(?:vscode|editor)\./.test(command), command);
      }
    }
  });

  it('ends each step of its walkthrough with a command that its text leads to', () => {
    for (const { steps } of contributes.walkthroughs) {
      for (const { id, description, completionEvents } of steps) {
        const linked = Array.from(
          description.matchAll(/\(command:([\w.-]+)/g),
          ([, name]) => `onCommand:${name}`,
        );
        assert.ok(completionEvents.length > 0, id);
        for (const event of completionEvents) assert.ok(linked.includes(event), `${id}: ${event}`);
      }
    }
  });

  it('gives every setting a scope, an order, a default and a description', () => {
    for (const [name, setting] of settings) {
      assert.match(name, /^pi-gen\./);
      for (const key of ['scope', 'order', 'default', 'markdownDescription'])
        assert.ok(key in setting, `${name}: ${key}`);
    }
  });

  it('has the defaults that the code falls back to', async () => {
    const source = await sourcesOf('src/features');
    for (const name of settings.keys()) {
      assert.ok(source.includes(name.slice('pi-gen.'.length)), `${name} is read nowhere`);
    }
  });

  it('restricts every setting that decides what is run, and only real ones', () => {
    const restricted = capabilities.untrustedWorkspaces.restrictedConfigurations;
    for (const name of restricted) assert.ok(settings.has(name), name);
    for (const name of settings.keys()) {
      if (!/^pi-gen\.(?:diagnostics\.|codeLens\.|rules$)/.test(name))
        assert.ok(restricted.includes(name), `${name} is not restricted`);
    }
  });

  it('points at files that exist', async () => {
    const files = [
      ...contributes.grammars.map((grammar) => grammar.path),
      ...contributes.languages.flatMap((language) =>
        'configuration' in language ? [language.configuration] : [],
      ),
      ...contributes.snippets.map((snippet) => snippet.path),
      ...contributes.yamlValidation.map(({ url }) => url),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)),
      manifest.icon,
    ];
    for (const file of files) assert.ok((await stat(path.join(root, file))).isFile(), file);
  });

  it('wakes up for stages only', () => {
    for (const event of manifest.activationEvents) {
      // A document of a root file system that an earlier window has opened.
      if (event === 'onFileSystem:pi-gen-rootfs') continue;
      assert.match(event, /^workspaceContains:(?:\*\/){0,3}(?:prerun\.sh|\[0-9\]\[0-9\]-)/);
    }
  });

  it('bundles everything: nothing is installed beside the extension', () => {
    assert.ok(!('dependencies' in manifest));
  });

  it('packs what it needs and nothing else', async () => {
    const { stdout } = await promisify(execFile)('npx', ['vsce', 'ls', '--no-dependencies'], { cwd: root });
    const files = stdout.split('\n').filter((line) => line !== '');
    for (const needed of [
      'package.nls.json',
      'dist/extension.js',
      'dist/features.js',
      'dist/timeline-page.js',
      'dist/dockerode.js',
      'dist/shellcheck-download.mjs',
      'dist/tree-sitter-bash.wasm',
      'dist/try-stage.sh',
      'dist/kept-layers.sh',
      'dist/open-steps.sh',
      'dist/kept-view.sh',
      'dist/serve-rootfs.pl',
      'dist/failing-shell.sh',
      'dist/compare-stage.sh',
      'dist/THIRD-PARTY-NOTICES.txt',
      'docs/rules/nested-on-chroot.md',
      'schemas/pigen.schema.json',
      'LICENSE',
    ]) {
      assert.ok(
        files.some((file) => file.toLowerCase().startsWith(needed.toLowerCase())),
        needed,
      );
    }
    const allowed =
      /^(?:package(?:\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE.*|dist\/(?:(?:extension|features|dockerode|timeline-page)\.js|shellcheck-download\.mjs|.*\.wasm|(?:try-stage|kept-layers|open-steps|failing-shell|compare-stage|kept-view)\.sh|serve-rootfs\.pl|THIRD-PARTY-NOTICES\.txt)|docs\/(?:configuration|failures)\.md|(?:docs\/rules|language-configuration|media|schemas|snippets|syntaxes|stage-ossuary)\/.*)$/i;
    assert.deepEqual(
      files.filter((file) => !allowed.test(file)),
      [],
    );
  });
});
