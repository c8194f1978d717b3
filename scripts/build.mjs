import { copyFile, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

/** Settings that every bundle shares. CommonJS: VS Code loads an extension with require() in the versions that we support. */
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  // web-tree-sitter's ES module asks for import.meta.url, which a CommonJS bundle has not.
  // protobufjs and gRPC serve BuildKit sessions only; we use the classic builder. cpu-features is a native accelerator of ssh2.
  alias: {
    'web-tree-sitter': './node_modules/web-tree-sitter/web-tree-sitter.cjs',
    '@grpc/grpc-js': './scripts/stubs/no-buildkit.cjs',
    '@grpc/proto-loader': './scripts/stubs/no-buildkit.cjs',
    protobufjs: './scripts/stubs/no-buildkit.cjs',
  },
  external: ['vscode', 'cpu-features'],
  loader: { '.node': 'empty' },
};

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });
await Promise.all([
  build({ ...shared, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', minify: true }),
  build({
    ...shared,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli.js',
    minify: true,
    banner: { js: '#!/usr/bin/env node' },
  }),
  copyFile('node_modules/web-tree-sitter/web-tree-sitter.wasm', 'dist/web-tree-sitter.wasm'),
  copyFile('node_modules/tree-sitter-bash/tree-sitter-bash.wasm', 'dist/tree-sitter-bash.wasm'),
]);
