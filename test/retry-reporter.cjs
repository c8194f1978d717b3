'use strict';
const { reporters, Runner } = require('mocha');

/**
 * Mocha's own report, with what made a test start again. Tests of real hosts are tried twice, since an editor or an engine on a
 * busy machine may be late for once; what happened the first time is never passed over in silence.
 */
module.exports = class RetryReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on(Runner.constants.EVENT_TEST_RETRY, (test, error) => {
      reporters.Base.consoleLog(
        `    tried again: ${test.fullTitle()}\n      ${error.stack ?? error.message}`,
      );
    });
  }
};
