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
    name: 'unit-masked',
    signs: ['is masked'],
    match: /^Failed to (?:enable|start|preset) unit: Unit (?:file )?(?<name>\S+?) is masked\.?$/,
    says: 'Failed to enable unit: Unit /etc/systemd/system/hostapd.service is masked',
    during: ['run', 'run-chroot'],
    certainty: 'certain',
    cause: '{name} is masked, by an earlier step or by the package that brings it, and so cannot be enabled.',
    fix: 'Call systemctl unmask for it before, or leave out what masks it.',
    locate: atWords('systemctl enable', 'systemctl'),
  },
  {
    name: 'merged-usr',
    signs: ['cannot overwrite non-directory'],
    match:
      /^cp: cannot overwrite non-directory '[^']*?(?:\/\.)?(?<name>\/(?:bin|sbin|lib|lib64|lib32))' with directory/,
    says: "cp: cannot overwrite non-directory '…/rootfs/lib' with directory 'files/lib'",
    certainty: 'certain',
    cause:
      'In the image {name} is a link to the folder of that name in /usr, and cp puts no folder in the place of a link.',
    fix: 'Keep the files below usr: files/usr/lib in the place of files/lib. Do not take rsync or tar for it: they do replace the link, and then no program of the image runs.',
    locate: atWords('cp'),
  },
  {
    name: 'archive-unreadable',
    signs: [
      'not in gzip format',
      'does not look like a tar archive',
      'End-of-central-directory signature not found',
      'File format not recognized',
      'is not a bzip2 file',
    ],
    match:
      /^(?:gzip: .*: not in gzip format|tar: This does not look like a tar archive|\s*End-of-central-directory signature not found|xz: .*: File format not recognized|bzip2: .* is not a bzip2 file)/,
    says: 'gzip: stdin: not in gzip format',
    during: ['run', 'run-chroot', 'prerun', 'postrun'],
    certainty: 'likely',
    cause:
      'What is to be unpacked is no such archive: most often a page that says “not found” and was saved under its name, a pointer of Git LFS, or an archive of another kind.',
    fix: 'Check the address. Download with curl -fL, which fails where the server answers with an error; fetch LFS files (lfs: true of actions/checkout).',
    follows: ['download-failed', 'name-not-resolved'],
    locate: atWords('tar', 'unzip', 'gunzip', 'curl', 'wget'),
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
    name: 'missing-path',
    signs: [': Cannot open: No such file', "can't open file", 'unzip:  cannot find or open ', 'rsync: ['],
    match:
      /^(?:tar(?: \(child\))?: (?<name>[^:]+): Cannot open: No such file|\S*python[\d.]*: can't open file '(?<script>[^']+)': \[Errno 2\]|unzip: +cannot find or open (?<archive>[^\s,]+),|rsync: \[\w+\] (?:mkdir|link_stat|change_dir)[^"]* "(?<folder>[^"]+)" failed: No such file)/,
    says: 'rsync: [Receiver] mkdir "/opt/app/data" failed: No such file or directory (2)',
    during: ['run', 'run-chroot', 'prerun', 'postrun'],
    certainty: 'likely',
    cause: 'A path that the script uses does not exist where the command runs: {name}',
    fix: 'Correct the path, or make it before: rsync makes only the last folder of a path. On the build host the image is below ${ROOTFS_DIR}; in the chroot it is /.',
    follows: ['missing-file', 'missing-folder', 'download-failed'],
    locate: atWords('tar', 'python3', 'python', 'unzip', 'rsync'),
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
