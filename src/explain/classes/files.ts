import type { FailureClass } from '../failure-class';
import { atMessageOr, atName, atWords } from '../places';

/** Files, folders and owners that a script names. */
export const fileClasses: readonly FailureClass[] = [
  {
    name: 'rootfs-in-chroot',
    signs: ['files/'],
    match:
      /(?:cannot (?:stat|open|access|create \w+)|can't (?:read|open)) '?(?<name>(?:\.\/)?files\/[^':]*)'?.*: No such file or directory/,
    says: "cp: cannot stat 'files/app.conf': No such file or directory (in a NN-run-chroot.sh)",
    during: ['run-chroot'],
    certainty: 'certain',
    cause:
      '{name} does not exist inside the chroot: the files folder of the sub-stage is there only for scripts on the build host.',
    fix: 'Copy the file into "${ROOTFS_DIR}" in a NN-run.sh, which runs before the NN-run-chroot.sh of the same number.',
    locate: atName,
  },
  {
    name: 'missing-file',
    signs: ['files/'],
    match:
      /(?:(?:cannot (?:stat|open|access)|can't (?:read|open)) '?(?<name>(?:\.\/)?files\/[^':]*)'?.*|: (?<sourced>(?:\.\/)?files\/[^':\s]+)): No such file or directory/,
    says: "install: cannot stat 'files/app.conf': No such file or directory",
    certainty: 'certain',
    cause:
      'A file of the sub-stage that the script reads does not exist, so the script cannot copy it: {name}',
    fix: 'Add the file, or correct its path: it is relative to the folder of the sub-stage. Check that git does not ignore it, that it is no LFS pointer, and that .dockerignore lets it through.',
    locate: (clue, scene) => {
      const name = clue.match.groups?.['name'] ?? clue.match.groups?.['sourced'] ?? '';
      return atMessageOr(name, name.replace(/^\.\//, ''))(clue, scene);
    },
  },
  {
    name: 'missing-folder',
    signs: [
      'cannot create regular file',
      'cannot create directory',
      'cannot create symbolic link',
      '/rootfs/',
    ],
    match:
      /(?:cannot create (?:regular file|directory|symbolic link)|line \d+:|failed to create symbolic link) '?[^']*\/rootfs(?<name>\/[^':]*)'?: (?:No such file or directory|Not a directory)/,
    says: "install: cannot create regular file '…/rootfs/opt/app/': No such file or directory",
    during: ['run', 'prerun'],
    certainty: 'certain',
    cause: 'The folder that should hold {name} does not exist in the image.',
    fix: 'Make it first (install -d, mkdir -p), or copy with install -D.',
    locate: atName,
  },
  {
    name: 'rootfs-in-chroot',
    signs: ['/rootfs/'],
    match: /'?[^\s']*\/work\/[^\s']+\/rootfs\/[^\s':]*'?: No such file or directory/,
    says: "chmod: cannot access '/pi-gen/work/kiosk/stage2/rootfs/etc/app.conf': No such file or directory",
    during: ['run-chroot'],
    certainty: 'certain',
    cause:
      'The script runs inside the chroot and uses a path of the build host: ${ROOTFS_DIR} does not exist there.',
    fix: 'Drop ${ROOTFS_DIR} from the paths: inside the chroot, / is the image.',
    locate: atMessageOr('ROOTFS_DIR', '$ROOTFS_DIR'),
  },
  {
    name: 'owner-name',
    signs: ['invalid user', 'invalid group'],
    match: /(?:install|chown|chgrp): invalid (?:user|group):? '?(?<name>[^'\s]+)'?/,
    says: "install: invalid user 'pi'",
    during: ['run', 'prerun'],
    certainty: 'certain',
    cause:
      '{name} is a user or group of the image; the build host, where this script runs, does not know the name.',
    fix: 'Use numbers (1000:1000 is the first user), or change the owner in the chroot.',
    locate: atName,
  },
  {
    name: 'owner-missing',
    signs: ['invalid user', 'invalid group'],
    match: /(?:install|chown|chgrp): invalid (?:user|group):? '?(?<name>[^'\s]+)'?/,
    says: "chown: invalid user: 'kiosk:kiosk' (in a NN-run-chroot.sh)",
    during: ['run-chroot'],
    certainty: 'certain',
    cause: 'The image has no user or group {name} at this point of the build.',
    fix: 'Make it before (adduser, or the package that brings it); the first user is $FIRST_USER_NAME, made in stage1.',
    locate: atName,
  },
  {
    name: 'owner-missing',
    signs: ['does not exist'],
    match:
      /^(?:usermod|useradd|gpasswd|adduser|chage): (?:The )?group [`']?(?<name>[^'\s]+?)'? does not exist/,
    says: "usermod: group 'docker' does not exist",
    during: ['run', 'run-chroot'],
    certainty: 'certain',
    cause: 'There is no group {name} at this point of the build.',
    fix: 'Make it before (groupadd -f), or do this after the step that installs the package which brings it; on the build host, use on_chroot.',
    locate: atName,
  },
  {
    name: 'unit-missing',
    signs: ['Failed to enable unit', 'Failed to disable unit', 'Failed to mask unit'],
    match: /^Failed to (?:enable|disable|mask) unit[:,] (?:Unit |unit )(?:file )?(?<name>\S+) does not exist/,
    says: 'Failed to enable unit: Unit file kiosk.service does not exist.',
    during: ['run', 'run-chroot'],
    certainty: 'certain',
    cause: 'systemd of the image knows no unit {name} at this point of the build.',
    fix: 'Install its file into /etc/systemd/system (or its package) in an earlier step, and mind the name: foo.service.',
    locate: atName,
  },
  {
    name: 'header-missing',
    signs: [': fatal error: '],
    match: /: fatal error: (?<name>[^\s:]+\.(?:h|hpp|hh)): No such file or directory/,
    says: 'main.c:3:10: fatal error: alsa/asoundlib.h: No such file or directory',
    during: ['run', 'run-chroot'],
    certainty: 'certain',
    cause:
      'The compiler does not find {name}: the development package that has it is not installed where it runs.',
    fix: 'Add the package whose name ends in -dev (apt-file search {name} tells which) to a NN-packages that comes before this step.',
    locate: atWords('make', 'cmake', 'ninja', 'gcc', 'g++', 'cc', 'pip3', 'pip', 'npm', 'cargo'),
  },
  {
    name: 'old-boot-path',
    signs: ['/boot/config.txt', '/boot/cmdline.txt'],
    match: /(?<name>\/boot\/(?:config|cmdline)\.txt)'?: No such file or directory/,
    says: "sed: can't read /boot/config.txt: No such file or directory",
    certainty: 'certain',
    cause: '{name} is not there: from bookworm on it lives in /boot/firmware.',
    fix: 'Use /boot/firmware.',
    locate: atName,
  },
  {
    name: 'missing-path',
    signs: [': No such file or directory'],
    match:
      /^(?:\w[\w.-]*: (?:cannot (?:stat|access|open|remove|create \w+(?: \w+)?)|can't (?:read|open)) '?(?<name>[^'\s]+?)'?(?: for reading)?|.*line \d+: (?:\w+: )?(?<file>[^\s:]+)): No such file or directory/,
    says: "chmod: cannot access '/opt/app.conf': No such file or directory",
    during: ['run', 'run-chroot', 'prerun', 'postrun'],
    certainty: 'likely',
    cause: 'A path that the script uses does not exist where the command runs: {name}',
    fix: 'Correct the path, or make it before. On the build host the image is below ${ROOTFS_DIR}; in the chroot it is /.',
    follows: ['missing-file', 'missing-folder', 'shell-interpreter'],
    locate: (clue, scene) => {
      const name = (clue.match.groups?.['name'] ?? clue.match.groups?.['file'] ?? '').replace(
        /^\S*\/rootfs(?=\/)/,
        '',
      );
      return atMessageOr(name, name.slice(name.lastIndexOf('/') + 1))(clue, scene);
    },
  },
  {
    name: 'read-only',
    signs: ['Read-only file system'],
    match: /'?(?<name>[^\s':]*)'?: Read-only file system/,
    says: 'sh: 1: cannot create /proc/sys/vm/swappiness: Read-only file system',
    certainty: 'likely',
    during: ['run', 'run-chroot'],
    cause:
      'The script writes to what belongs to the kernel of the build host (/proc, /sys), or to a mount that may not be written.',
    fix: 'Write a file into /etc (sysctl.d, udev) that has its effect when the image boots.',
    locate: atWords('sysctl', '/proc/sys', '/sys'),
  },
];
