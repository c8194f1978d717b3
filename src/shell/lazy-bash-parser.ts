import type { FileSystem } from '../pigen/files/file-system';
import { joinPath } from '../pigen/files/path';
import { BashParser } from './bash-parser';

export interface LazyBashParser {
  /** Loads the parser at the first call; rejects where its files cannot be read, and tries again at the next call. */
  readonly get: () => Promise<BashParser>;
  dispose(): void;
}

/** The parser from the two WebAssembly files in `folder`, where the build puts them; nothing is loaded before it is asked for. */
export function lazyBashParser(fileSystem: FileSystem, folder: string): LazyBashParser {
  let loading: Promise<BashParser> | undefined;
  let disposed = false;
  const load = async (): Promise<BashParser> => {
    const [runtime, grammar] = await Promise.all([
      fileSystem.readFile(joinPath(folder, 'web-tree-sitter.wasm')),
      fileSystem.readFile(joinPath(folder, 'tree-sitter-bash.wasm')),
    ]);
    const parser = await BashParser.load({ runtime, grammar });
    if (disposed) parser.dispose();
    return parser;
  };
  return {
    get: () => {
      loading ??= load().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
    dispose: () => {
      disposed = true;
      void loading?.then(
        (parser) => {
          parser.dispose();
        },
        () => undefined,
      );
    },
  };
}
