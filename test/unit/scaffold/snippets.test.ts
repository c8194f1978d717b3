import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actionInputs } from '../../../src/pigen/workflow/action-inputs';
import { parseWorkflow } from '../../../src/pigen/workflow/workflow';
import { bashAccepts } from './bash-accepts';

interface Snippet {
  readonly prefix: string;
  readonly description: string;
  readonly body: readonly string[];
}

const folder = join(import.meta.dirname, '../../../snippets');

async function snippetsOf(file: string): Promise<[string, Snippet][]> {
  return Object.entries(JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, Snippet>);
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

describe('snippets', () => {
  it('have a prefix of their own, a description and a body', async () => {
    for (const file of await readdir(folder)) {
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
});
