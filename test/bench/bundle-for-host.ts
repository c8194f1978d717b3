import path from 'node:path';
import { build } from 'esbuild';

/** Bundles `NAME-in-host.ts`, whose `run()` a VS Code host calls. @returns the bundle's path, below `root` */
export async function bundleForHost(root: string, name: string): Promise<string> {
  const outfile = path.join(root, `out/bench/${name}.js`);
  await build({
    entryPoints: [path.join(import.meta.dirname, `${name}-in-host.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  return outfile;
}
