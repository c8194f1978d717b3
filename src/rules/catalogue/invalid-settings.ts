import type { Report, Rule, TreeContext } from '../rule';

export const invalidSettings: Rule = {
  name: 'invalid-settings',
  severity: 'warning',
  summary: 'A place in `.pigen.yaml`, or a `# pigen:` comment, that says nothing to the checker.',
  page: {
    why: `\`.pigen.yaml\` holds \`rules\`, \`paths.ignore\`, \`release\` and \`branch\`; a comment is one of \`# pigen: disable=RULE\`,
\`# pigen: enable=RULE\` and \`# pigen: disable-file=RULE\`. Anything else is passed over, see [configuration](../configuration.md).`,
    build: 'Nothing: pi-gen knows neither of them. The checker goes on without what it cannot read.',
    fix: 'Correct the place that the message names.',
    silent: ['an empty `.pigen.yaml`, and keys without a value', 'comments that are prose after `pigen:`'],
    bad: { tree: 'bad-settings', show: '.pigen.yaml' },
    good: { tree: 'good-settings', show: '.pigen.yaml' },
  },
  aboutSurroundings: true,

  *checkTree({ control }: TreeContext): Iterable<Report> {
    const { settings, silencings } = control;
    for (const { range, message } of settings?.problems ?? []) {
      if (settings !== undefined) yield { file: settings.path, range, message };
    }
    for (const [file, { malformed }] of silencings) {
      for (const range of malformed) yield { file, range, message: comment };
    }
  },
};

const comment =
  'This comment does nothing. Write # pigen: disable=RULE for the next line, disable=RULE and enable=RULE around several, or disable-file=RULE.';
