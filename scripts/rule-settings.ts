import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { branches } from '../src/pigen/branches';
import { ruleLevels } from '../src/rules/control/rule-level';
import { rules } from '../src/rules/index';

const repository = path.resolve(__dirname, '..');
/** Of the setting `pi-gen.rules` in package.nls.json. */
const textKey = 'setting.rules';
const shellCheckCodes = '^SC\\d{4}$';

/** What is written from the list of rules besides their pages, by path relative to the repository. */
export async function ruleSettings(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['schemas/pigen.schema.json', json(schema())],
    ['package.json', json(await manifest())],
    ['package.nls.json', json(await manifestTexts())],
  ]);
}

interface LevelSetting {
  readonly description: string;
  readonly markdownDescription: string;
}

function levelsByRule(): Record<string, LevelSetting> {
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
  const checks = read.contributes.configuration.find(({ title }) => title === '%configuration.checks%');
  if (checks === undefined) throw new Error('package.json has no settings named Checks');
  checks.properties['pi-gen.rules'] = {
    order: 3,
    type: 'object',
    default: {},
    scope: 'resource',
    markdownDescription: `%${textKey}%`,
    additionalProperties: false,
    properties: Object.fromEntries(
      rules.map(({ name }) => [
        name,
        {
          type: 'string',
          enum: ruleLevels,
          description: `%${textKey}.${name}%`,
          markdownDescription: `%${textKey}.${name}.markdown%`,
        },
      ]),
    ),
    patternProperties: { [shellCheckCodes]: { type: 'string', enum: ruleLevels } },
  };
  return read;
}

/** package.nls.json with the texts of the rules as they are now. */
async function manifestTexts(): Promise<Record<string, string>> {
  const text = await readFile(path.join(repository, 'package.nls.json'), 'utf8');
  const others = Object.entries(JSON.parse(text) as Record<string, string>).filter(
    ([key]) => key !== textKey && !key.startsWith(`${textKey}.`),
  );
  const levels = Object.entries(levelsByRule()).flatMap(([name, { description, markdownDescription }]) => [
    [`${textKey}.${name}`, description],
    [`${textKey}.${name}.markdown`, markdownDescription],
  ]);
  return Object.fromEntries([
    ...others,
    [
      textKey,
      'How gravely findings of each rule are shown here, or `off`. Goes before the `rules` of `.pigen.yaml`, which hold for everyone and for CI.',
    ],
    ...levels,
  ]) as Record<string, string>;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
