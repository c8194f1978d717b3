import { readFile } from 'node:fs/promises';
import type { RootfsScripts } from '../../src/build/rootfs/rootfs-source';

const scriptFile = (name: string) =>
  readFile(new URL(`../../src/build/rootfs/container/${name}`, import.meta.url), 'utf8');

export async function rootfsScripts(): Promise<RootfsScripts> {
  return { serve: await scriptFile('serve-rootfs.pl'), view: await scriptFile('kept-view.sh') };
}
