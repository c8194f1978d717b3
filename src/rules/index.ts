import { config } from './config';
import { debconfFile } from './debconf-file';
import { exportRule } from './export';
import { ignoredFile } from './ignored-file';
import { lineEndings } from './line-endings';
import { missingCopyPrevious } from './missing-copy-previous';
import { missingErrexit } from './missing-errexit';
import { missingFile } from './missing-file';
import { nestedOnChroot } from './nested-on-chroot';
import { notExecutable } from './not-executable';
import { onChrootArguments } from './on-chroot-arguments';
import { packagesFile } from './packages-file';
import { patches } from './patches';
import { rootfsInChroot } from './rootfs-in-chroot';
import type { Rule } from './rule';
import { shellInterpreter } from './shell-interpreter';
import { stageListRule } from './stage-list';
import { unreadableFile } from './unreadable-file';
import { unreadableScript } from './unreadable-script';
import { workflow } from './workflow';

/** Every rule, by name. */
export const rules: readonly Rule[] = [
  config,
  debconfFile,
  exportRule,
  ignoredFile,
  lineEndings,
  missingCopyPrevious,
  missingErrexit,
  missingFile,
  nestedOnChroot,
  notExecutable,
  onChrootArguments,
  packagesFile,
  patches,
  rootfsInChroot,
  shellInterpreter,
  stageListRule,
  unreadableFile,
  unreadableScript,
  workflow,
];
