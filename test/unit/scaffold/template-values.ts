import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TemplateValues } from '../../../src/scaffold/templates/template';

export const scaffoldFixtures = path.resolve(import.meta.dirname, '../../fixtures/scaffold');

/** Values for what templates ask for and have no default of. */
export async function valuesFor(template: string): Promise<TemplateValues> {
  switch (template) {
    case 'apt-repository':
      return {
        url: 'file:/srv/repository',
        suite: './',
        package: 'pigen-example',
        key: await readFile(path.join(scaffoldFixtures, 'key.asc'), 'utf8'),
      };
    case 'ssh-keys':
      return { keys: await readFile(path.join(scaffoldFixtures, 'keys.pub'), 'utf8') };
    default:
      return {};
  }
}
