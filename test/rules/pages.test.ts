import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { failurePages } from '../../scripts/failure-pages';
import { rulePages } from '../../scripts/rule-pages';
import { ruleSettings } from '../../scripts/rule-settings';

const repository = path.resolve(__dirname, '../..');

describe('pages of the rules', () => {
  it('are what the rules and fixtures say (else run `npm run docs`)', async () => {
    for (const [file, text] of await rulePages()) {
      assert.equal(await readFile(path.join(repository, file), 'utf8'), text, `${file} is stale`);
    }
  });

  it('goes with the schema of .pigen.yaml and the settings (else run `npm run docs`)', async () => {
    for (const [file, text] of await ruleSettings()) {
      assert.equal(await readFile(path.join(repository, file), 'utf8'), text, `${file} is stale`);
    }
  });

  it('and that of the failure classes is what these say (else run `npm run docs`)', async () => {
    for (const [file, text] of failurePages()) {
      assert.equal(await readFile(path.join(repository, file), 'utf8'), text, `${file} is stale`);
    }
  });

  it('has none for a rule that is gone', async () => {
    const pages = await rulePages();
    for (const name of await readdir(path.join(repository, 'docs/rules'))) {
      assert.ok(pages.has(`docs/rules/${name}`), `${name} belongs to a rule`);
    }
  });
});
