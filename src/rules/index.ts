import { ignoredFile } from './ignored-file';
import { invalidSettings } from './invalid-settings';
import { missingCopyPrevious } from './missing-copy-previous';
import { missingErrexit } from './missing-errexit';
import { nestedOnChroot } from './nested-on-chroot';
import { notExecutable } from './not-executable';
import { onChrootArguments } from './on-chroot-arguments';
import { rootfsInChroot } from './rootfs-in-chroot';
import type { Rule } from './rule';
import { unknownRule } from './unknown-rule';
import { unreadableFile } from './unreadable-file';
import { unreadableScript } from './unreadable-script';

/** Every rule, by name. */
export const rules: readonly Rule[] = [
  ignoredFile,
  invalidSettings,
  missingCopyPrevious,
  missingErrexit,
  nestedOnChroot,
  notExecutable,
  onChrootArguments,
  rootfsInChroot,
  unknownRule,
  unreadableFile,
  unreadableScript,
];
