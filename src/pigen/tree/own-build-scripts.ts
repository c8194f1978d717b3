import { findBranch } from '../branches';
import { staticValue } from '../config/config';
import type { StageTree } from './stage-tree';

/**
 * Whether the stages of a tree are qcow2 images (load_qimage in scripts/qcow2_handling of the bullseye and buster branches):
 * build.sh then makes each on top of the one before and mounts it, before any prerun.sh runs.
 */
export function mountsStages({ branch, buildScripts = '', configs }: StageTree): boolean {
  const set = configs.map((config) => staticValue(config, 'USE_QCOW2')).find((value) => value !== undefined);
  const own = /\$\{USE_QCOW2:-"?([01])/.exec(buildScripts)?.[1];
  const known = own ?? findBranch(branch)?.qcow2;
  return known !== undefined && (set ?? known) === '1';
}

/**
 * Whether on_chroot runs its arguments as a command: forks of the time before capsh (until November 2016) end it in
 * `chroot "${ROOTFS_DIR}" "$@"`.
 */
export function runsChrootArguments({ buildScripts = '' }: StageTree): boolean {
  return /\bon_chroot\s*\(\)/.test(buildScripts) && !/^[^#\n]*\bcapsh\b/m.test(buildScripts);
}
