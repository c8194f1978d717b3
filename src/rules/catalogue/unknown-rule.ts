import type { TextRange } from '../../pigen/text';
import { nearestName } from '../knowledge/nearest-name';
import type { PlacedName } from '../control/silencing';
import type { Report, Rule, TreeContext } from '../rule';

export const unknownRule: Rule = {
  name: 'unknown-rule',
  severity: 'warning',
  summary: 'A rule’s name in a `# pigen:` comment or in `.pigen.yaml` that no rule has.',
  page: {
    why: `\`# pigen: disable=RULE\` and \`.pigen.yaml\` speak of a rule by its name. A name that no rule has silences nothing and sets
nothing.`,
    build:
      'Nothing: pi-gen knows neither of them. What was to be silenced is still told, and what was to be told gravely is not.',
    fix: 'Write the name as it stands in the finding, or in the [list of rules](README.md). The quick fix writes the nearest one.',
    silent: [
      'codes of ShellCheck (`SC2086`)',
      'comments that are prose after `pigen:`, and words after the names, which are the author’s reason',
      '`# pigen:` in data that a script writes, such as the text of a heredoc that no shell runs',
    ],
    bad: { tree: 'bad-names', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-names', show: 'stage-app/00-service/00-run.sh' },
  },
  aboutSurroundings: true,

  *checkTree({ control, ruleNames }: TreeContext): Iterable<Report> {
    const isKnown = ({ name }: PlacedName): boolean => ruleNames.has(name) || shellCheckCode.test(name);
    const written = (file: string, names: readonly PlacedName[]): Report[] =>
      names.filter((name) => !isKnown(name)).map(({ name, range }) => reportOf(file, name, range, ruleNames));
    for (const [file, { directives }] of control.silencings) {
      for (const { names } of directives) yield* written(file, names);
    }
    if (control.settings !== undefined) yield* written(control.settings.path, control.settings.ruleNames);
  },
};

const shellCheckCode = /^SC\d{4}$/;

function reportOf(file: string, name: string, range: TextRange, known: ReadonlySet<string>): Report {
  const nearest = nearestName(name, known);
  if (nearest === undefined) {
    return { file, range, message: `There is no rule ${name}, so this does nothing.` };
  }
  return {
    file,
    range,
    message: `There is no rule ${name}, so this does nothing. Did you mean ${nearest}?`,
    fixes: [
      {
        title: `Write ${nearest}`,
        preferred: true,
        edits: [{ kind: 'replace', file, range, text: nearest }],
      },
    ],
  };
}
