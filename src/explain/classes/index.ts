import type { FailureClass } from '../failure-class';
import { aptClasses } from './apt';
import { machineClasses } from './machine';
import { scriptClasses } from './script';
import { stageClasses } from './stage';

/** Every class that is told by a single line. Where a line fits several, the first one counts. */
export const failureClasses: readonly FailureClass[] = [
  ...stageClasses,
  ...aptClasses,
  ...scriptClasses,
  ...machineClasses,
];
