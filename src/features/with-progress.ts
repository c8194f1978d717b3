import * as vscode from 'vscode';

/**
 * Shows that something is at work, with a button that ends it where the place has room for one (a notification). Undefined where the
 * user has cancelled it; else it rejects with what the work rejects with.
 */
export function withProgress<Result>(
  title: string,
  work: (signal: AbortSignal) => Promise<Result>,
  location = vscode.ProgressLocation.Notification,
): Thenable<Result | undefined> {
  return vscode.window.withProgress(
    { location, title, cancellable: location === vscode.ProgressLocation.Notification },
    async (_progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => {
        stop.abort();
      });
      try {
        return await work(stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return undefined;
        throw error;
      }
    },
  );
}
