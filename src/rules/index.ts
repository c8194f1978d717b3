import { chrootKernel } from './chroot-kernel';
import { config } from './config';
import { daemonInChroot } from './daemon-in-chroot';
import { debconfFile } from './debconf-file';
import { exportRule } from './export';
import { heredocHostExpansion } from './heredoc-host-expansion';
import { heredocTerminator } from './heredoc-terminator';
import { hostCommand } from './host-command';
import { hostPath } from './host-path';
import { ignoredFile } from './ignored-file';
import { invalidSettings } from './invalid-settings';
import { lineEndings } from './line-endings';
import { missingCopyPrevious } from './missing-copy-previous';
import { missingErrexit } from './missing-errexit';
import { missingFile } from './missing-file';
import { nestedOnChroot } from './nested-on-chroot';
import { notExecutable } from './not-executable';
import { oldBootPath } from './old-boot-path';
import { onChrootArguments } from './on-chroot-arguments';
import { ownerName } from './owner-name';
import { packagesFile } from './packages-file';
import { patches } from './patches';
import { pipBreakSystem } from './pip-break-system';
import { rootfsInChroot } from './rootfs-in-chroot';
import { postrunTooLate } from './postrun-too-late';
import type { Rule } from './rule';
import { serviceInChroot } from './service-in-chroot';
import { setcapDropped } from './setcap-dropped';
import { shellcheck } from './shellcheck-rule';
import { shellInterpreter } from './shell-interpreter';
import { stageListRule } from './stage-list';
import { stdinInChroot } from './stdin-in-chroot';
import { syntaxError } from './syntax-error';
import { tmpfsHidden } from './tmpfs-hidden';
import { unknownPackage } from './unknown-package';
import { unknownRule } from './unknown-rule';
import { unreadableFile } from './unreadable-file';
import { unreadableScript } from './unreadable-script';
import { unsetRoot } from './unset-root';
import { workflow } from './workflow';

/** Every rule, by name. */
export const rules: readonly Rule[] = [
  chrootKernel,
  config,
  daemonInChroot,
  debconfFile,
  exportRule,
  heredocHostExpansion,
  heredocTerminator,
  hostCommand,
  hostPath,
  ignoredFile,
  invalidSettings,
  lineEndings,
  missingCopyPrevious,
  missingErrexit,
  missingFile,
  nestedOnChroot,
  notExecutable,
  oldBootPath,
  onChrootArguments,
  ownerName,
  packagesFile,
  patches,
  pipBreakSystem,
  postrunTooLate,
  rootfsInChroot,
  serviceInChroot,
  setcapDropped,
  shellcheck,
  shellInterpreter,
  stageListRule,
  stdinInChroot,
  syntaxError,
  tmpfsHidden,
  unknownPackage,
  unknownRule,
  unreadableFile,
  unreadableScript,
  unsetRoot,
  workflow,
];
