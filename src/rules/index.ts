import { aptKeyRemoved } from './catalogue/apt-key-removed';
import { chrootKernel } from './catalogue/chroot-kernel';
import { config } from './catalogue/config';
import { daemonInChroot } from './catalogue/daemon-in-chroot';
import { debconfFile } from './catalogue/debconf-file';
import { exportRule } from './catalogue/export';
import { heredocHostExpansion } from './catalogue/heredoc-host-expansion';
import { heredocTerminator } from './catalogue/heredoc-terminator';
import { hostCommand } from './catalogue/host-command';
import { hostPath } from './catalogue/host-path';
import { ignoredFile } from './catalogue/ignored-file';
import { invalidSettings } from './catalogue/invalid-settings';
import { lineEndings } from './catalogue/line-endings';
import { missingCopyPrevious } from './catalogue/missing-copy-previous';
import { missingErrexit } from './catalogue/missing-errexit';
import { missingFile } from './catalogue/missing-file';
import { nestedOnChroot } from './catalogue/nested-on-chroot';
import { notExecutable } from './catalogue/not-executable';
import { oldBootPath } from './catalogue/old-boot-path';
import { onChrootArguments } from './catalogue/on-chroot-arguments';
import { ownerName } from './catalogue/owner-name';
import { packagesFile } from './catalogue/packages-file';
import { patches } from './catalogue/patches';
import { pipBreakSystem } from './catalogue/pip-break-system';
import { rootfsInChroot } from './catalogue/rootfs-in-chroot';
import { postrunTooLate } from './catalogue/postrun-too-late';
import type { Rule } from './rule';
import { serviceInChroot } from './catalogue/service-in-chroot';
import { setcapDropped } from './catalogue/setcap-dropped';
import { shellcheck } from './catalogue/shellcheck-rule';
import { shellInterpreter } from './catalogue/shell-interpreter';
import { stageListRule } from './catalogue/stage-list';
import { stdinInChroot } from './catalogue/stdin-in-chroot';
import { syntaxError } from './catalogue/syntax-error';
import { tmpfsHidden } from './catalogue/tmpfs-hidden';
import { unknownPackage } from './catalogue/unknown-package';
import { unknownRule } from './catalogue/unknown-rule';
import { unreadableFile } from './catalogue/unreadable-file';
import { unreadableScript } from './catalogue/unreadable-script';
import { unsetRoot } from './catalogue/unset-root';
import { workflow } from './catalogue/workflow';

/** Every rule, by name. */
export const rules: readonly Rule[] = [
  aptKeyRemoved,
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
