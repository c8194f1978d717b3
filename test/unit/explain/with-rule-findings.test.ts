import assert from 'node:assert/strict';
import type { Failure } from '../../../src/explain/explanation';
import { withRuleFindings } from '../../../src/explain/with-rule-findings';
import type { Finding } from '../../../src/pigen/finding';

function findingAt(line: number, parts: Partial<Finding> = {}): Finding {
  return {
    rule: 'nested-on-chroot',
    severity: 'error',
    message: 'It is nested.',
    file: '/tree/stage2/00-app/00-run-chroot.sh',
    range: { start: { line, column: 0 }, end: { line, column: 0 } },
    ...parts,
  };
}

function failureAt(finding: Finding | undefined): Failure {
  return {
    class: finding?.rule ?? 'unknown',
    cause: 'The build says so.',
    fix: 'Mend it.',
    certainty: 'certain',
    step: undefined,
    finding,
    logLine: 3,
  };
}

function told(failure: Finding | undefined, ...findings: readonly Finding[]): Finding | undefined {
  return withRuleFindings([failureAt(failure)], findings)[0]?.finding;
}

describe('a failure that a rule sees, too', () => {
  const fixes = [{ title: 'Take it out', edits: [] }];
  const range = { start: { line: 4, column: 2 }, end: { line: 4, column: 10 } };

  it('has the exact range and the fixes of the rule, and its own words', () => {
    const finding = told(findingAt(4), findingAt(4, { range, fixes, message: 'Before the build.' }));
    assert.deepEqual(finding, findingAt(4, { range, fixes }));
  });

  it('has the fixes of the nearest of several', () => {
    const finding = told(findingAt(9), findingAt(2, { fixes: [] }), findingAt(8, { fixes }), findingAt(40));
    assert.deepEqual(finding, findingAt(9, { fixes }));
  });

  it('keeps its place where the rule speaks of the folder around it', () => {
    const around = findingAt(0, { file: '/tree/stage2', fixes });
    assert.deepEqual(told(findingAt(9), around), findingAt(9, { fixes }));
  });

  it('stays as it is where another rule speaks, or the same of another file, or it has no place', () => {
    const others = [
      findingAt(4, { rule: 'shebang', fixes }),
      findingAt(4, { file: '/tree/stage3/x', fixes }),
    ];
    assert.deepEqual(told(findingAt(4), ...others), findingAt(4));
    assert.equal(told(undefined, ...others), undefined);
  });
});
