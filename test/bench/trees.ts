import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a tree of about the size of the real pi-gen (six stages, some thirty scripts of some thirty lines) and answers its
 * path. Its scripts are made of the sample stage's own, so that both tools have real work.
 */
export async function makePiGenSizedTree(folder: string): Promise<string> {
  const repository = path.resolve(import.meta.dirname, '../..');
  await cp(path.join(repository, 'test/fixtures/pi-gen'), folder, { recursive: true });
  for (let stage = 2; stage < 8; stage++) {
    const name = path.join(folder, `stage${stage}`);
    await mkdir(name, { recursive: true });
    await cp(path.join(repository, 'stage-ossuary/prerun.sh'), path.join(name, 'prerun.sh'));
    for (let subStage = 0; subStage < 4; subStage++) {
      const target = path.join(name, `0${subStage}-part`);
      await cp(path.join(repository, 'stage-ossuary/00-install-ossuary'), target, { recursive: true });
      await writeFile(path.join(target, 'README'), '');
    }
  }
  return folder;
}
