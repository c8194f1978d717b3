import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { LogIndex } from '../../explain/log-index';
import type { TargetFiles } from '../../explain/log-targets';
import { readLog } from '../../explain/read-log';
import type { ReadLog } from '../../explain/read-log';
import { pathOf } from '../paths';
import type { ExplainedLog, LogExplanations } from './log-explanations';

/** How many lines are read at once: some milliseconds of work, after which the editor gets its turn. */
const sliceLines = 2000;

interface Read {
  readonly version: number;
  readonly stop: AbortController;
  contents: Promise<ReadLog> | undefined;
  explained: Promise<ExplainedLog> | undefined;
}

/**
 * What is known of the open logs: each version is read once, for all that the editor shows of it, in slices, and given up when a
 * newer one is asked for or the log is closed.
 */
export class LogDocuments implements vscode.Disposable {
  readonly #reads = new Map<string, Read>();
  readonly #subscription = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    this.#forget(uri.toString());
  });

  constructor(private readonly explanations: LogExplanations) {}

  get targetFiles(): TargetFiles {
    return this.explanations.targetFiles;
  }

  /** Undefined where the document has changed meanwhile. */
  async index(document: vscode.TextDocument): Promise<LogIndex | undefined> {
    const read = this.#readOf(document);
    return (await unlessStopped(this.#contents(read, document), read.stop.signal))?.index;
  }

  /** Undefined where the document has changed meanwhile. */
  explained(document: vscode.TextDocument): Promise<ExplainedLog | undefined> {
    const read = this.#readOf(document);
    read.explained ??= this.#explain(read, document);
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

  async #explain(read: Read, document: vscode.TextDocument): Promise<ExplainedLog> {
    const { explainer } = await this.#contents(read, document);
    const file = document.uri.scheme === 'file' ? pathOf(document.uri) : undefined;
    return this.explanations.explainRead(explainer, file);
  }

  #contents(read: Read, document: vscode.TextDocument): Promise<ReadLog> {
    return (read.contents ??= readLog(slicesOf(document, read.stop)));
  }

  #readOf({ uri, version }: vscode.TextDocument): Read {
    const key = uri.toString();
    const known = this.#reads.get(key);
    if (known?.version === version && !known.stop.signal.aborted) return known;
    this.#forget(key);
    const read = { version, stop: new AbortController(), contents: undefined, explained: undefined };
    this.#reads.set(key, read);
    return read;
  }

  #forget(key: string): void {
    this.#reads.get(key)?.stop.abort();
    this.#reads.delete(key);
  }
}

/** A document's text, never all of it at once: it may be as long as VS Code hands one to extensions, 50 MB. */
async function* slicesOf(document: vscode.TextDocument, stop: AbortController): AsyncGenerator<string> {
  const { version } = document;
  for (let line = 0; line < document.lineCount; line += sliceLines) {
    await setImmediate();
    if (document.version !== version) stop.abort();
    stop.signal.throwIfAborted();
    yield document.getText(new vscode.Range(line, 0, line + sliceLines, 0));
  }
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
