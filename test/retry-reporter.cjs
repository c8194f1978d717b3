'use strict';
const process = require('node:process');
const { setTimeout } = require('node:timers');
const { reporters, Runner } = require('mocha');

/** What a run may take to end by itself once its last test has ended. */
const endLimit = 10_000;

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

  /** A test that failed may have left a child process or a server behind: that is said, and keeps nobody waiting. */
  done(failures, report) {
    setTimeout(() => {
      const left = process.getActiveResourcesInfo().join(', ');
      reporters.Base.consoleLog(`\nThe tests have ended and left something alive: ${left}`);
      process.exit(Math.min(failures, 255));
    }, endLimit).unref();
    report(failures);
  }
};
