import * as vscode from 'vscode';
import type { TimelineWords } from '../../build/timeline/timeline-words';
import type { PageWords } from './messages';

// Places such as {0} stay: they are filled in where the words are drawn.

/** The words of a timeline, in the language of the editor. */
export function timelineWords(): TimelineWords {
  const { t } = vscode.l10n;
  return {
    title: t('Build timeline'),
    step: t('Step'),
    time: t('Time'),
    before: t('Last build'),
    change: t('Change'),
    added: t('Added'),
    packages: t('Packages'),
    thisBuild: t('this build'),
    lastBuild: t('last build'),
    image: t('Image of the build container'),
    underOneSecond: t('under 1 s'),
    seconds: t('{0} s'),
    wholeMinutes: t('{0} min'),
    minutes: t('{0} min {1} s'),
    wholeHours: t('{0} h'),
    hours: t('{0} h {1} min'),
    onePackage: t('1 package'),
    manyPackages: t('{0} packages'),
    fewerPackages: t('{0} packages fewer'),
    same: t('as long'),
    slower: t('{0} longer'),
    faster: t('{0} shorter'),
    isNew: t('new'),
    soFar: t('{0} …'),
    running: t('running'),
    passed: t('passed'),
    failed: t('failed'),
    stopped: t('stopped'),
    waiting: t('not yet run'),
    unreached: t('not reached'),
    wasRunning: t('Running for {0}'),
    wasSucceeded: t('Passed in {0}'),
    wasFailed: t('Failed after {0}'),
    wasCancelled: t('Stopped after {0}'),
    against: t('against {0} of {1}'),
    nothingBefore: t('no earlier build to measure against'),
    lastTook: t('last time {0}'),
    addedBytes: t('{0} added'),
    removedBytes: t('{0} removed'),
  };
}

export function pageWords(): PageWords {
  const { t } = vscode.l10n;
  return {
    chooseBuild: t('Build'),
    showTable: t('Show as Table'),
    showChart: t('Show as Chart'),
    exportSvg: t('Export as SVG…'),
    exportJson: t('Export as JSON…'),
    nothing: t(
      'No build of this tree has run yet, so there is nothing to show. Run "Pi-gen: Build Image"; its steps appear here while it runs.',
    ),
    help: t('Arrow keys move between the steps, left and right fold a stage, Enter opens the step’s file.'),
  };
}
