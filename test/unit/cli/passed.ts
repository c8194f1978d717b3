import type { BuildResult } from '../../../src/build/session/build-options';

/** What a build came to that passed and left nothing. */
export const passed: BuildResult = {
  outcome: 'succeeded',
  exitCode: 0,
  failures: [],
  problem: undefined,
  artifacts: [],
  refused: [],
  logFile: '',
  containerLeft: undefined,
};
