import type { Clue, FailureClass } from '../failure-class';
import { atInput, atMessageOr, atStep, atTreeFile, nowhere } from '../places';
import type { Scene } from '../scene';

function isExport(_clue: Clue, scene: Scene): boolean {
  return /(?:^|\/)export-/.test(scene.frame?.path ?? '');
}

const diskFull = ['No space left on device', 'Write error - write (28', 'failed to write'];
const fullDisk =
  /(?:No space left on device|Write error - write \(28|dpkg: error processing archive .* failed to write)/;

/** Disks and memory, loop devices, and what is made of the image at the end. */
export const exportClasses: readonly FailureClass[] = [
  {
    name: 'boot-partition-full',
    signs: ['/boot/firmware'],
    match: /\/boot\/firmware.*(?:No space left on device|\(28\))/,
    says: "cp: error writing '/boot/firmware/initramfs8': No space left on device",
    certainty: 'certain',
    cause: 'The boot partition (512 MB) is full: several kernels, each with its initramfs, do not fit.',
    fix: 'Install fewer kernels: take linux-image-rpi-… packages that the board does not need out of stage0/02-firmware/01-packages.',
    locate: atTreeFile('stage0/02-firmware/01-packages', 'linux-image'),
  },
  {
    name: 'tmp-full',
    signs: ['No space left on device'],
    match: /(?<name>(?<!\S)['"]?\/(?:tmp|run)\/[^\s'":]*).*No space left on device/,
    says: "dd: error writing '/tmp/app.img': No space left on device",
    certainty: 'certain',
    during: ['run', 'run-chroot', 'packages', 'packages-nr'],
    when: (clue, scene) => scene.frame?.kind === 'run-chroot' || !clue.text.includes('./'),
    cause: '/tmp of the chroot is full: on_chroot mounts a file system there that lives in memory.',
    fix: 'Use a folder on the disk for large files: /var/tmp, or TMPDIR=/var/tmp for programs that choose their own.',
    locate: atMessageOr('/tmp', 'TMPDIR'),
  },
  {
    name: 'image-full',
    signs: diskFull,
    match: fullDisk,
    says: 'rsync: [receiver] write failed on "…/export-image/rootfs/usr/lib/libc.so.6": No space left on device (28) (while export-image is open)',
    certainty: 'likely',
    when: isExport,
    cause:
      'The image that is being written is full: pi-gen sizes it from the root file system plus 20 % and 200 MB, and a step of the export needed more; or the disk below it is full.',
    fix: 'Raise ROOT_MARGIN in export-image/prerun.sh (or in an EXPORT_CONFIG_DIR of your own), or install less; and make sure that the disk has space.',
    locate: async (clue, scene) =>
      (await atTreeFile('export-image/prerun.sh', 'ROOT_MARGIN=')(clue, scene)) ?? scene.stepPlace(),
  },
  {
    name: 'runner-disk-full',
    signs: diskFull,
    match: fullDisk,
    says: 'rsync: [receiver] write failed on "…/rootfs/usr/lib/libc.so.6": No space left on device (28) (in pi-gen-action)',
    certainty: 'certain',
    lasting: true,
    when: (_clue, scene) => scene.isOfAction && scene.actionInput('increase-runner-disk-size') !== 'true',
    cause:
      "The runner's disk is full: a build keeps a whole root file system for each stage, and the images, and GitHub's runners have some 20 GB for it.",
    fix: 'Set increase-runner-disk-size: true, which removes what the runner brings and the build does not need; or build fewer stages, or on a larger runner.',
    locate: atInput('increase-runner-disk-size'),
  },
  {
    name: 'disk-full',
    signs: diskFull,
    match: fullDisk,
    says: 'rsync: [receiver] write failed on "…/rootfs/usr/lib/libc.so.6": No space left on device (28)',
    certainty: 'certain',
    lasting: true,
    cause:
      'The disk that holds the work folder is full: it keeps a whole root file system for each stage, and the images.',
    fix: "Free space, or move the work folder (WORK_DIR); with Docker, free space for the engine's volumes (docker system df shows them).",
    locate: nowhere,
  },
  {
    name: 'out-of-memory',
    signs: [
      'Cannot allocate memory',
      'virtual memory exhausted',
      'Killed',
      'exit status 137',
      'exit code 137',
    ],
    match:
      /(?:xz: .*Cannot allocate memory|virtual memory exhausted|line \d+: +\d+ Killed|^Killed$|(?:exit status|exit code) 137|fatal error: Killed signal)/,
    says: '/bin/bash: line 8:   912 Killed                  cargo build --release',
    certainty: 'likely',
    cause: 'The machine ran out of memory, and the kernel ended a program.',
    fix: 'Give the machine or the engine more memory, run fewer jobs at a time (make -j2), or for the export a lower COMPRESSION_LEVEL or another DEPLOY_COMPRESSION.',
  },
  {
    name: 'compression-failed',
    signs: ['zip I/O error', 'zip error: '],
    match: /zip (?:I\/O error|error: )/,
    says: 'zip I/O error: No space left on device',
    certainty: 'likely',
    cause: 'The image could not be packed: the disk is full, or the archive passes 4 GB.',
    fix: 'Set DEPLOY_COMPRESSION to xz, or to none and pack the image afterwards; free disk space.',
    follows: ['disk-full', 'runner-disk-full', 'image-full'],
    locate: atStep,
  },
  {
    name: 'image-busy',
    signs: ['target is busy'],
    match: /^umount: (?!\S*\/rootfs(?:\/|:))(?<name>\S+): target is busy/,
    says: 'umount: /pi-gen/work/kiosk/tmpimage/boot: target is busy.',
    certainty: 'likely',
    stops: true,
    cause:
      'The mounted image could not be taken down at {name}: something on the machine still uses it, such as a desktop that mounts new disks by itself, an indexer, or a shell that stands in there.',
    fix: 'Build again with these switched off; leave out USE_QCOW2, which pi-gen calls experimental.',
    locate: nowhere,
  },
  {
    name: 'no-loop-device',
    signs: ['losetup: ', 'losetup failed; exiting', 'Error in losetup', 'loop device'],
    match:
      /(?:losetup: .*(?:cannot find an unused loop device|failed to set up loop device|No such file or directory|Operation not permitted)|losetup failed; exiting|^Error in losetup|^mount: .*failed to set ?up loop device)/,
    says: 'losetup: cannot find an unused loop device: No such file or directory',
    certainty: 'certain',
    cause: 'The build got no loop device, and without one no image can be written.',
    fix: 'Load the loop module on the machine (modprobe loop), free leaked devices (losetup -D), or pass /dev to the container: PIGEN_DOCKER_OPTS="-v /dev:/dev". Older branches need an update.',
    follows: ['loop-device-busy'],
    locate: nowhere,
  },
  {
    name: 'loop-device-busy',
    signs: ['LOOP_SET_STATUS64 failed'],
    match: /LOOP_SET_STATUS64 failed: Resource temporarily unavailable/,
    says: 'losetup: LOOP_SET_STATUS64 failed: Resource temporarily unavailable',
    certainty: 'certain',
    cause: 'The kernel was not done with the loop device yet: a race that has nothing to do with the stages.',
    fix: 'Build again; current branches of pi-gen try five times by themselves.',
    locate: nowhere,
  },
  {
    name: 'loop-partitions-missing',
    signs: ['/dev/loop'],
    match:
      /(?:mk(?:dosfs|fs\.\w+): unable to open \/dev\/loop\S+|special device \/dev\/loop\S+ does not exist|The file \/dev\/loop\S+ does not exist|Can't open '?\/dev\/loop\S+p\d)/,
    says: 'mkdosfs: unable to open /dev/loop0p1: No such file or directory',
    certainty: 'certain',
    cause: 'The partitions of the image did not show up as devices in the build container.',
    fix: 'Pass /dev to the container: PIGEN_DOCKER_OPTS="-v /dev:/dev"; update the branch of pi-gen, which makes them itself now.',
    locate: nowhere,
  },
  {
    name: 'loop-partitions-taken',
    signs: ['Partitions or virtual mappings on device'],
    match: /Partitions or virtual mappings on device '?\/dev\/loop/,
    says: "mkdosfs: Partitions or virtual mappings on device '/dev/loop0', not making filesystem",
    certainty: 'certain',
    cause: 'The desktop of the build host takes up new loop devices by itself.',
    fix: 'Switch automatic mounting off, or update the branch of pi-gen.',
    locate: nowhere,
  },
];
