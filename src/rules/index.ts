import { chrootKernel } from './chroot-kernel';
import { daemonInChroot } from './daemon-in-chroot';
import { heredocHostExpansion } from './heredoc-host-expansion';
import { heredocTerminator } from './heredoc-terminator';
import { hostCommand } from './host-command';
import { hostPath } from './host-path';
import { ignoredFile } from './ignored-file';
import { invalidSettings } from './invalid-settings';
import { missingCopyPrevious } from './missing-copy-previous';
import { missingErrexit } from './missing-errexit';
import { nestedOnChroot } from './nested-on-chroot';
import { notExecutable } from './not-executable';
import { oldBootPath } from './old-boot-path';
import { onChrootArguments } from './on-chroot-arguments';
import { ownerName } from './owner-name';
import { pipBreakSystem } from './pip-break-system';
import { rootfsInChroot } from './rootfs-in-chroot';
import type { Rule } from './rule';
import { unknownRule } from './unknown-rule';
import { serviceInChroot } from './service-in-chroot';
import { setcapDropped } from './setcap-dropped';
import { stdinInChroot } from './stdin-in-chroot';
import { tmpfsHidden } from './tmpfs-hidden';
import { unreadableFile } from './unreadable-file';
import { unreadableScript } from './unreadable-script';
import { unsetRoot } from './unset-root';

/** Every rule, by name. */
export const rules: readonly Rule[] = [
  chrootKernel,
  daemonInChroot,
  heredocHostExpansion,
  heredocTerminator,
  hostCommand,
  hostPath,
  ignoredFile,
  invalidSettings,
  missingCopyPrevious,
  missingErrexit,
  nestedOnChroot,
  notExecutable,
  oldBootPath,
  onChrootArguments,
  ownerName,
  pipBreakSystem,
  rootfsInChroot,
  unknownRule,
  serviceInChroot,
  setcapDropped,
  stdinInChroot,
  tmpfsHidden,
  unreadableFile,
  unreadableScript,
  unsetRoot,
];
