import { heredocHostExpansion } from './heredoc-host-expansion';
import { heredocTerminator } from './heredoc-terminator';
import { hostCommand } from './host-command';
import { hostPath } from './host-path';
import { ignoredFile } from './ignored-file';
import { missingCopyPrevious } from './missing-copy-previous';
import { missingErrexit } from './missing-errexit';
import { nestedOnChroot } from './nested-on-chroot';
import { notExecutable } from './not-executable';
import { onChrootArguments } from './on-chroot-arguments';
import { rootfsInChroot } from './rootfs-in-chroot';
import type { Rule } from './rule';
import { serviceInChroot } from './service-in-chroot';
import { stdinInChroot } from './stdin-in-chroot';
import { unreadableFile } from './unreadable-file';
import { unreadableScript } from './unreadable-script';
import { unsetRoot } from './unset-root';

/** Every rule, by name. */
export const rules: readonly Rule[] = [
  heredocHostExpansion,
  heredocTerminator,
  hostCommand,
  hostPath,
  ignoredFile,
  missingCopyPrevious,
  missingErrexit,
  nestedOnChroot,
  notExecutable,
  onChrootArguments,
  rootfsInChroot,
  serviceInChroot,
  stdinInChroot,
  unreadableFile,
  unreadableScript,
  unsetRoot,
];
