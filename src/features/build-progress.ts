import * as vscode from 'vscode';
import type { BuildEvent } from '../build/build-event';
import { baseName } from '../pigen/path';

/** What a build is doing, for its notification; undefined where an event changes nothing of that. */
export function progressOf(event: BuildEvent): string | undefined {
  switch (event.event) {
    case 'image-step':
      return vscode.l10n.t('image of the build container, step {0} of {1}', event.step, event.total);
    case 'step-began':
      return event.stage === undefined
        ? baseName(event.containerPath)
        : stepMessage(event.stage, event.containerPath);
    default:
      return undefined;
  }
}

/** `stage-x › 00-install › 00-run.sh`. */
function stepMessage(stage: string, path: string): string {
  const parts = path.split('/');
  const from = parts.lastIndexOf(stage);
  return (from < 0 ? parts.slice(-1) : parts.slice(from)).join(' › ');
}
