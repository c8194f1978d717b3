import * as vscode from 'vscode';
import { LogIndexer } from '../../explain/log-index';
import type { LogIndex } from '../../explain/log-index';
import { pathOf } from '../paths';
import { slicesOf } from './log-explanations';
import type { ExplainedLog, LogExplanations } from './log-explanations';

interface Read {
  readonly version: number;
  readonly stop: AbortController;
  index: Promise<LogIndex> | undefined;
  explained: Promise<ExplainedLog> | undefined;
}

/** What is known of the open logs: each version is read once, in slices, and given up when a newer one is asked for. */
export class LogDocuments implements vscode.Disposable {
  readonly #reads = new Map<string, Read>();
  readonly #subscription = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    this.#forget(uri.toString());
  });

  constructor(private readonly explanations: LogExplanations) {}

  /** Undefined where the document has changed meanwhile. */
  index(document: vscode.TextDocument): Promise<LogIndex | undefined> {
    const read = this.#readOf(document);
    read.index ??= indexOf(slicesOf(document.getText(), read.stop.signal));
    return unlessStopped(read.index, read.stop.signal);
  }

  /** Undefined where the document has changed meanwhile. */
  explained(document: vscode.TextDocument): Promise<ExplainedLog | undefined> {
    const read = this.#readOf(document);
    read.explained ??= this.explanations.explain(
      slicesOf(document.getText(), read.stop.signal),
      document.uri.scheme === 'file' ? pathOf(document.uri) : undefined,
    );
    return unlessStopped(read.explained, read.stop.signal);
  }

  /** The trees have changed: what was explained against them may be told better now. */
  forgetExplanations(): void {
    for (const read of this.#reads.values()) read.explained = undefined;
  }

  dispose(): void {
    for (const key of [...this.#reads.keys()]) this.#forget(key);
    this.#subscription.dispose();
  }

  #readOf({ uri, version }: vscode.TextDocument): Read {
    const key = uri.toString();
    const known = this.#reads.get(key);
    if (known?.version === version) return known;
    this.#forget(key);
    const read = { version, stop: new AbortController(), index: undefined, explained: undefined };
    this.#reads.set(key, read);
    return read;
  }

  #forget(key: string): void {
    this.#reads.get(key)?.stop.abort();
    this.#reads.delete(key);
  }
}

async function indexOf(chunks: AsyncIterable<string>): Promise<LogIndex> {
  const indexer = new LogIndexer();
  for await (const chunk of chunks) indexer.push(chunk);
  return indexer.end();
}

async function unlessStopped<Result>(
  result: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  try {
    return await result;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
