import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { branches } from '../src/pigen/branches';
import { ruleLevels } from '../src/rules/control/rule-level';
import { rules } from '../src/rules/index';

const repository = path.resolve(__dirname, '..');
const shellCheckCodes = '^SC\\d{4}$';

/** What is written from the list of rules besides their pages, by path relative to the repository. */
export async function ruleSettings(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['schemas/pigen.schema.json', json(schema())],
    ['package.json', json(await manifest())],
  ]);
}

function levelsByRule(): Record<string, object> {
  return Object.fromEntries(
    rules.map(({ name, summary, severity }) => [
      name,
      {
        type: 'string',
        enum: ruleLevels,
        description: `${summary} By itself: ${severity}.`.replaceAll('`', ''),
        markdownDescription: `${summary} By itself: **${severity}**.`,
      },
    ]),
  );
}

function schema(): object {
  const releases = [...new Set(branches.map(({ release }) => release))];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: '.pigen.yaml',
    description: 'What pigen and the pi-gen Stages extension check in this repository.',
    type: ['object', 'null'],
    additionalProperties: false,
    properties: {
      rules: {
        type: ['object', 'null'],
        description: 'How gravely findings of a rule are told, or off.',
        additionalProperties: false,
        properties: levelsByRule(),
        patternProperties: { [shellCheckCodes]: { type: 'string', enum: ruleLevels } },
      },
      paths: {
        type: ['object', 'null'],
        description: 'Which files are looked at.',
        additionalProperties: false,
        properties: {
          ignore: {
            type: ['array', 'null'],
            description:
              'Glob patterns of files and folders in which nothing is found, relative to this file. One without a slash matches a name anywhere.',
            items: { type: 'string', minLength: 1 },
          },
        },
      },
      release: {
        type: 'string',
        description: 'Debian release that the stages are for.',
        enum: releases,
      },
      branch: {
        type: 'string',
        description: 'Branch of pi-gen that the stages are built with.',
        enum: branches.map(({ name }) => name),
      },
      upstream: {
        type: 'boolean',
        description: 'Whether what is in files that pi-gen itself ships is told as well.',
        default: false,
      },
    },
  };
}

interface Manifest {
  readonly contributes: {
    readonly configuration: readonly {
      readonly title: string;
      readonly properties: Record<string, unknown>;
    }[];
  };
}

/** package.json with the setting of the rules as they are now. */
async function manifest(): Promise<Manifest> {
  const text = await readFile(path.join(repository, 'package.json'), 'utf8');
  const read = JSON.parse(text) as Manifest;
  const checks = read.contributes.configuration.find(({ title }) => title === 'Checks');
  if (checks === undefined) throw new Error('package.json has no settings named Checks');
  checks.properties['pi-gen.rules'] = {
    order: 3,
    type: 'object',
    default: {},
    scope: 'resource',
    markdownDescription:
      'How gravely findings of each rule are shown here, or `off`. Goes before the `rules` of `.pigen.yaml`, which hold for everyone and for CI.',
    additionalProperties: false,
    properties: levelsByRule(),
    patternProperties: { [shellCheckCodes]: { type: 'string', enum: ruleLevels } },
  };
  return read;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
