import type { Rule } from '../../../src/rules/rule';

/** The page of a rule that only a test has. */
export const emptyPage: Rule['page'] = {
  why: '',
  build: '',
  fix: '',
  silent: [],
  bad: { tree: '', show: '' },
  good: { tree: '', show: '' },
};
