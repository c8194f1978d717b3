import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BashParser } from '../../../src/shell/bash-parser';

const packages = path.resolve(import.meta.dirname, '../../../node_modules');

/** A parser from the packages' own WebAssembly files. The caller disposes of it. */
export async function loadParser(): Promise<BashParser> {
  const [runtime, grammar] = await Promise.all([
    readFile(path.join(packages, 'web-tree-sitter/web-tree-sitter.wasm')),
    readFile(path.join(packages, 'tree-sitter-bash/tree-sitter-bash.wasm')),
  ]);
  return BashParser.load({ runtime, grammar });
}
