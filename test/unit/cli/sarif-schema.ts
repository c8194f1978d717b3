import assert from 'node:assert/strict';
import Ajv from 'ajv';
import type { ValidateFunction } from 'ajv';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The JSON schema of SARIF 2.1.0, as Microsoft's SDK brings it along. Keeps nothing that it is called with. */
export async function sarifSchema(): Promise<ValidateFunction> {
  const sdk = path.dirname(createRequire(__filename).resolve('@microsoft/jest-sarif/package.json'));
  const text = await readFile(path.join(sdk, 'lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8');
  // It is of draft 4, and uses nothing in which later drafts differ but the name of its own id.
  const { $schema, id, ...schema } = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual([$schema, typeof id], ['http://json-schema.org/draft-04/schema#', 'string']);
  // One of its patterns is none with the flag u.
  const ajv = new Ajv({ strict: false, unicodeRegExp: false });
  ajv.addFormat('uri', (text) => URL.canParse(text));
  ajv.addFormat('uri-reference', (text) => !/\s/.test(text) && URL.canParse(text, 'https://example.org/a/'));
  ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)));
  return ajv.compile(schema);
}
