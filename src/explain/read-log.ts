import { LogExplainer } from './explain-log';
import { LogIndexer } from './log-index';
import type { LogIndex } from './log-index';

/** What one pass over a log gives. */
export interface ReadLog {
  readonly index: LogIndex;
  /** At the end of the log: it can be asked for each tree that the log may be of. */
  readonly explainer: LogExplainer;
}

/** Reads a log once for all that is shown of it. Rejects where the chunks do. */
export async function readLog(chunks: AsyncIterable<string>): Promise<ReadLog> {
  const indexer = new LogIndexer();
  const explainer = new LogExplainer((event) => {
    indexer.take(event);
  });
  for await (const chunk of chunks) explainer.push(chunk);
  explainer.end();
  return { index: indexer.end(), explainer };
}
