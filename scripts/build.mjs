import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { build } from 'esbuild';
import { thirdPartyNotices } from './third-party-notices.mjs';

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
  metafile: true,
  // web-tree-sitter's ES module asks for import.meta.url, which a CommonJS bundle has not.
  // protobufjs and gRPC serve BuildKit sessions only, ssh2 engines behind ssh://: neither is offered.
  alias: {
    'web-tree-sitter': './node_modules/web-tree-sitter/web-tree-sitter.cjs',
    '@grpc/grpc-js': './scripts/stubs/not-offered.cjs',
    '@grpc/proto-loader': './scripts/stubs/not-offered.cjs',
    protobufjs: './scripts/stubs/not-offered.cjs',
    ssh2: './scripts/stubs/not-offered.cjs',
  },
  external: ['vscode'],
};

/**
 * The engine's client is two thirds of all code, and only builds need it: a bundle of its own, loaded when one begins.
 * @type {import('esbuild').Plugin}
 */
const engineApart = {
  name: 'engine-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^dockerode$/ }, () => ({ path: './dockerode.js', external: true }));
  },
};

/**
 * The features are a bundle of their own too, so that activation reads next to nothing.
 * @type {import('esbuild').Plugin}
 */
const featuresApart = {
  name: 'features-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/start-features$/ }, () => ({ path: './features.js', external: true }));
  },
};

/**
 * Libraries that most commands have no use for are evaluated when the first of their functions is called. Node's own for TLS is
 * among them: an engine is seldom reached so.
 * @type {import('esbuild').Plugin}
 */
const librariesWhenCalled = {
  name: 'libraries-when-called',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:yaml|minimatch|(?:node:)?https)$/ }, ({ path: name, namespace }) =>
      namespace === 'when-called' ? undefined : { path: name, namespace: 'when-called' },
    );
    onLoad({ filter: /.*/, namespace: 'when-called' }, async ({ path: name }) => {
      const names = Object.keys(await import(name)).filter((one) => one !== 'default');
      // docker-modem makes objects of which such a module is the prototype, and gives them functions of their own.
      const contents = `for (const name of ${JSON.stringify(names)})
        Object.defineProperty(exports, name, {
          enumerable: true,
          get: () => require(${JSON.stringify(name)})[name],
          set(value) { Object.defineProperty(this, name, { value, enumerable: true, writable: true }); },
        });`;
      return { contents, resolveDir: root };
    });
  },
};

/** What runs in the build container, and is read where a stage is tried. */
const containerScripts = [
  'stage-loop/container/try-stage.sh',
  'stage-loop/container/kept-layers.sh',
  'stage-loop/container/open-steps.sh',
  'afterwards/container/failing-shell.sh',
  'afterwards/container/compare-stage.sh',
  'rootfs/container/kept-view.sh',
  'rootfs/container/serve-rootfs.pl',
];

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });
const bundles = await Promise.all([
  build({
    ...shared,
    entryPoints: ['dockerode'],
    outfile: 'dist/dockerode.js',
    minify: true,
    sourcemap: false,
  }),
  build({
    ...shared,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    minify: true,
    plugins: [featuresApart],
  }),
  build({
    ...shared,
    entryPoints: ['src/features/start-features.ts'],
    outfile: 'dist/features.js',
    minify: true,
    plugins: [engineApart, librariesWhenCalled],
  }),
  build({
    ...shared,
    entryPoints: ['src/features/timeline/view/timeline-page.ts'],
    outfile: 'dist/timeline-page.js',
    minify: true,
    // It runs in a page of the editor, which loads nothing else.
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    sourcemap: false,
  }),
  build({
    ...shared,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/pigen.js',
    minify: true,
    // Code that comes from V8's cache has no module loader of its own: import() becomes require().
    supported: { 'dynamic-import': false },
    // The engine's client stays in, for V8's cache: a command without an engine comes to none of it.
    plugins: [librariesWhenCalled],
  }),
  build({
    ...shared,
    entryPoints: ['scripts/shellcheck-download.mjs'],
    outfile: 'dist/shellcheck-download.mjs',
    minify: true,
    sourcemap: false,
    // It asks for import.meta.url, and waits at its top level.
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  }),
]);
/** V8 holds text that is ASCII in half the memory, and reads it in a fraction of the time. esbuild escapes all but regular expressions. */
async function insistOnAscii() {
  for (const name of ['extension.js', 'features.js', 'dockerode.js', 'pigen.js']) {
    const other = /.{0,40}[^\0-\x7f].{0,40}/.exec(await readFile(`dist/${name}`, 'utf8'));
    if (other !== null)
      throw new Error(`Write \\u escapes in the regular expression: ${other[0]} (dist/${name})`);
  }
}

await insistOnAscii();
await build({
  ...shared,
  entryPoints: ['src/cli/launch.ts'],
  outfile: 'dist/cli.js',
  minify: true,
  define: {
    bundleHash: JSON.stringify(
      createHash('sha256')
        .update(await readFile('dist/pigen.js'))
        .digest('base64url'),
    ),
  },
  banner: { js: '#!/usr/bin/env node' },
});
await Promise.all([
  copyFile('node_modules/web-tree-sitter/web-tree-sitter.wasm', 'dist/web-tree-sitter.wasm'),
  copyFile('node_modules/tree-sitter-bash/tree-sitter-bash.wasm', 'dist/tree-sitter-bash.wasm'),
  ...containerScripts.map((name) => copyFile(`src/build/${name}`, `dist/${path.basename(name)}`)),
  // Else Node reads the large package.json above it to learn what kind of modules these are.
  writeFile('dist/package.json', '{"type":"commonjs"}\n'),
  writeFile(
    'dist/THIRD-PARTY-NOTICES.txt',
    await thirdPartyNotices(
      bundles.map(({ metafile }) => metafile),
      ['tree-sitter-bash'],
    ),
  ),
]);
