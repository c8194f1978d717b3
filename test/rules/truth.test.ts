import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { rules } from '../../src/rules/index';
import { fixtureTrees } from './harness';
import { placesOf, truthOf } from './truth';
import type { TruthOfFinding } from './truth';

interface Expected {
  readonly tree: string;
  /** `file:line`. */
  readonly place: string;
  readonly severity: string;
}

/** What a rule finds in its own failing trees, as their `.expected` files have it. */
function expectedOf(rule: string): readonly Expected[] {
  return fixtureTrees()
    .filter(({ bad, rule: of, folder }) => bad && of === rule && existsSync(`${folder}.expected`))
    .flatMap(({ name, folder }) =>
      readFileSync(`${folder}.expected`, 'utf8')
        .split('\n')
        .flatMap((line) => {
          const [, place, severity, by] = /^(.+?:\d+):\d+ (\w+) (\S+) /.exec(line) ?? [];
          return place !== undefined && severity !== undefined && by === rule ? [{ tree: name, place, severity }] : [];
        }),
    );
}

function isShown({ fails, image, host, deploy, elsewhere }: TruthOfFinding): boolean {
  return [fails, image, host, deploy, elsewhere].some((claim) => claim !== undefined);
}

const isReason = (text: string): boolean => text.split(/\s+/).length >= 8;

describe('what a real build shows of the rules', () => {
  for (const { name, severity } of rules) {
    const expected = expectedOf(name);
    const errors = expected.filter((one) => one.severity === 'error');
    if (severity !== 'error' && errors.length === 0) continue;

    it(`is written down for every error of ${name} (test/rules/${name}/truth.yaml)`, () => {
      const truth = truthOf(name);
      assert.ok(truth !== undefined, 'there is a truth.yaml');
      if (truth.kind === 'elsewhere') {
        assert.ok(isReason(truth.reason), 'it says why no engine can show it');
        return;
      }
      const places = new Set<string>();
      for (const { tree, findings } of truth.trees) {
        for (const finding of findings) {
          for (const { file, line } of placesOf(finding.at)) {
            const place = `${file}:${line + 1}`;
            assert.ok(
              expected.some((one) => one.tree === tree && one.place === place),
              `${name} finds something at ${tree} ${place}`,
            );
            if (isShown(finding)) places.add(`${tree} ${place}`);
          }
          assert.ok(finding.elsewhere === undefined || isReason(finding.elsewhere), finding.at);
          assert.ok(isShown(finding) || finding.mend !== undefined, `${finding.at} says something`);
        }
      }
      assert.ok(errors.length > 0, 'a failing tree of the rule shows an error');
      const silent = errors.map(({ tree, place }) => `${tree} ${place}`).filter((one) => !places.has(one));
      assert.deepEqual(silent, [], 'errors of which no build shows anything');
    });
  }
});
