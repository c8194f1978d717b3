import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { actionInputs } from '../../../src/pigen/workflow/action-inputs';
import { parseWorkflow } from '../../../src/pigen/workflow/workflow';
import { corePath, loadParser, newChecker, showFindings, withShellCheck } from '../../rules/harness';
import { bashAccepts } from './bash-accepts';

interface Snippet {
  readonly prefix: string;
  readonly description: string;
  readonly body: readonly string[];
}

const snippetFolder = join(import.meta.dirname, '../../../snippets');

async function snippetsOf(file: string): Promise<[string, Snippet][]> {
  return Object.entries(
    JSON.parse(await readFile(join(snippetFolder, file), 'utf8')) as Record<string, Snippet>,
  );
}

/**
 * What VS Code would insert where the user accepts every default, in a file that is indented with spaces: it makes spaces of
 * the tabs that begin a line and indents every line as the first one, but leaves alone what a variable becomes.
 */
function expand(body: readonly string[], indentation = ''): string {
  return body
    .map((line) => line.replace(/^\t+/, (tabs) => '    '.repeat(tabs.length)))
    .join(`\n${indentation}`)
    .replaceAll(/\$\{TM_FILENAME\/\.\*\/([^/]*)\/\}/g, '$1')
    .replaceAll(/(?<!\\)\$\{\d+:([^}]*)\}/g, '$1')
    .replaceAll(/(?<!\\)\$\{\d+\|([^,|]*)[^}]*\}/g, '$1')
    .replaceAll(/(?<!\\)\$\d+/g, '')
    .replaceAll('\\$', '$');
}

const subStage = 'stage-app/00-service';
const inScript = '#!/bin/bash -e\n\n';

/** The file of a tree for which each snippet is meant, and what stands above it there. */
const places: Readonly<Record<string, readonly [file: string, above?: string, indentation?: string]>> = {
  'pigen-prerun': ['stage-app/prerun.sh'],
  'pigen-export-image': ['stage-app/EXPORT_IMAGE'],
  'pigen-config': ['config'],
  'pigen-run': [`${subStage}/00-run.sh`],
  'pigen-run-chroot': [`${subStage}/00-run-chroot.sh`],
  'pigen-packages': [`${subStage}/00-packages`],
  'pigen-debconf': [`${subStage}/00-debconf`],
  'pigen-series': [`${subStage}/00-patches/series`],
  'pigen-chroot': [`${subStage}/01-run.sh`, inScript],
  'pigen-chroot-expand': [`${subStage}/02-run.sh`, inScript],
  'pigen-chroot-command': [`${subStage}/03-run.sh`, inScript],
  'pigen-chroot-indented': [`${subStage}/04-run.sh`, inScript],
  'pigen-unit': [`${subStage}/05-run.sh`, inScript],
  'pigen-unit-file': [`${subStage}/files/app.service`],
  'pigen-first-boot': [`${subStage}/files/first-boot.service`],
  'pigen-workflow': ['.github/workflows/image.yml'],
  'pigen-action': [
    '.github/workflows/step.yml',
    'on: push\njobs:\n  image:\n    runs-on: ubuntu-24.04-arm\n    steps:\n      ',
    '      ',
  ],
};

/** What the defaults of the snippets name. */
const named: Readonly<Record<string, string>> = {
  [`${subStage}/files/app.conf`]: 'port=80\n',
  [`${subStage}/00-patches/01-first.diff`]:
    '--- a/rootfs/etc/app.conf\n+++ b/rootfs/etc/app.conf\n@@ -1 +1 @@\n-port=80\n+port=8080\n',
};

describe('snippets', () => {
  it('have a prefix of their own, a description and a body', async () => {
    for (const file of await readdir(snippetFolder)) {
      const snippets = await snippetsOf(file);
      assert.equal(new Set(snippets.map(([, snippet]) => snippet.prefix)).size, snippets.length);
      for (const [name, snippet] of snippets) {
        assert.match(snippet.prefix, /^pigen-[a-z-]+$/, name);
        assert.ok(snippet.description.length > 10, name);
        assert.ok(snippet.body.length > 0, name);
      }
    }
  });

  it('for scripts are bash', async () => {
    for (const [name, snippet] of await snippetsOf('shellscript.json')) {
      const text = expand(snippet.body);
      assert.doesNotMatch(text, /\$\{?\d/, name);
      assert.ok(await bashAccepts(`${text}\n`), `${name}:\n${text}`);
    }
  });

  it('for scripts are bash inside a block that is indented with spaces, too', async () => {
    for (const [name, snippet] of await snippetsOf('shellscript.json')) {
      const text = expand(snippet.body, '  ');
      assert.ok(await bashAccepts(`if true; then\n  ${text}\nfi\n`), `${name}:\n${text}`);
    }
  });

  it('for workflows are what pi-gen-action takes', async () => {
    const snippets = await snippetsOf('yaml.json');
    for (const [name, { body }] of snippets) {
      const text = expand(body);
      const { steps, broken } = parseWorkflow(
        'w.yml',
        text.startsWith('- uses') ? `jobs:\n  build:\n    steps:\n${text.replaceAll(/^/gm, '      ')}` : text,
      );
      assert.equal(broken, undefined, name);
      const names = steps.flatMap((step) => step.inputs.map((input) => input.name));
      assert.ok(names.includes('stage-list'), name);
      for (const input of names)
        assert.ok(
          actionInputs.some((known) => known.name === input),
          input,
        );
    }
  });

  it('are tested by a bash that refuses what is broken', async () => {
    assert.equal(await bashAccepts('if true\n'), false);
    assert.equal(await bashAccepts('cat << EOF\nx\n'), false);
  });

  it('pass every rule and ShellCheck where they are meant for', async () => {
    const folder = corePath(await mkdtemp(join(tmpdir(), 'pigen-snippets-')));
    const parser = await loadParser();
    const checker = newChecker(parser);
    try {
      const files = new Map(Object.entries(named));
      for (const source of await readdir(snippetFolder)) {
        for (const [name, { prefix, body }] of await snippetsOf(source)) {
          const place = places[prefix];
          assert.ok(place !== undefined, `${name} has a file that it is meant for`);
          const [file, above = '', indentation = ''] = place;
          files.set(file, `${above}${expand(body, indentation).trimEnd()}\n`);
        }
      }
      for (const [file, text] of files) {
        await mkdir(dirname(join(folder, file)), { recursive: true });
        await writeFile(join(folder, file), text);
        if (file.endsWith('run.sh')) await chmod(join(folder, file), 0o755);
      }
      const { findings } = await withShellCheck(checker).checkTree(folder);
      assert.equal(showFindings(findings, folder), '');
    } finally {
      checker.dispose();
      parser.dispose();
      await rm(folder, { recursive: true });
    }
  });
});
