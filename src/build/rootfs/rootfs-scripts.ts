import type { FileSystem } from '../../pigen/files/file-system';
import { joinPath } from '../../pigen/files/path';
import { readWithOpenSteps } from '../stage-loop/container-scripts';

/** What runs in containers that look into root file systems. */
export interface LookScripts {
  readonly serve: string;
  readonly view: string;
  readonly compare: string;
  readonly hook: string;
}

/** @param folder where the bundle keeps the scripts, absolute */
export async function readLookScripts(fs: FileSystem, folder: string): Promise<LookScripts> {
  const read = async (name: string): Promise<string> =>
    new TextDecoder().decode(await fs.readFile(joinPath(folder, name)));
  return {
    serve: await read('serve-rootfs.pl'),
    view: await read('kept-view.sh'),
    compare: await read('compare-stage.sh'),
    hook: await readWithOpenSteps(fs, folder, 'failing-shell.sh'),
  };
}
