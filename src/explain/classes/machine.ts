import { nowhere } from '../failure-class';
import type { FailureClass } from '../failure-class';

const installQemu =
  'Register qemu for the architecture on the machine that runs the engine (docker run --privileged --rm tonistiigi/binfmt --install arm,arm64), or build on an ARM machine.';

/** The machine that builds: its kernel, its engine, its disk. No file of a stage is at fault. */
export const machineClasses: readonly FailureClass[] = [
  {
    name: 'host-binfmt',
    match:
      /(?:chroot: failed to run command .*: Exec format error|^W: Failure trying to run: chroot |No fallback mechanism found|binfmt_misc not loaded in host|cannot execute binary file: Exec format error)/,
    certainty: 'likely',
    cause: "The machine cannot run the image's ARM programs: its kernel has no working emulation registered.",
    fix: installQemu,
    locate: nowhere,
  },
  {
    name: 'host-binfmt-mount',
    match: /(?:mounting binfmt_misc failed|mount: \/proc\/sys\/fs\/binfmt_misc: permission denied)/,
    certainty: 'certain',
    cause: 'The build container may not mount binfmt_misc: the engine is rootless or locked down.',
    fix: 'Use an engine that runs as root.',
    locate: nowhere,
  },
  {
    name: 'host-qemu-missing',
    match: /^(qemu-(?:arm|aarch64)(?:-static)?) not found/,
    certainty: 'certain',
    cause: ({ match }) => `build-docker.sh needs ${match[1] ?? 'qemu'} on this machine and does not find it.`,
    fix: 'Install the package that the message names.',
    locate: nowhere,
  },
  {
    name: 'host-qemu-crash',
    match: /^qemu: uncaught target signal \d+/,
    certainty: 'likely',
    cause: "The emulator crashed while it ran one of the image's programs.",
    fix: 'Use another version of qemu, or build on an ARM machine.',
    locate: nowhere,
  },
  {
    name: 'host-architecture',
    match: /setarch: failed to set personality to linux32/,
    certainty: 'certain',
    cause:
      "This machine's processor cannot run 32-bit programs, and this branch of pi-gen builds a 32-bit image.",
    fix: "Use pi-gen's arm64 branch.",
    locate: nowhere,
  },
  {
    name: 'host-page-size',
    match: /requires a kernel with a 4k page size/,
    certainty: 'certain',
    cause: "This machine's kernel uses larger memory pages than 32-bit ARM programs can run with.",
    fix: 'On a Raspberry Pi 5, set kernel=kernel8.img in its config.txt and reboot.',
    locate: nowhere,
  },
  {
    name: 'host-dependencies',
    match: /^Required dependencies not installed/,
    certainty: 'certain',
    cause: 'Tools that pi-gen needs are not installed on the machine that builds.',
    fix: 'Install the packages named below the message, or build with Docker.',
    locate: nowhere,
  },
  {
    name: 'host-not-root',
    match: /^Please run as root$/,
    certainty: 'certain',
    cause: 'build.sh must run as root.',
    fix: 'Run it with sudo, or build with Docker.',
    locate: nowhere,
  },
  {
    name: 'disk-full',
    match: /No space left on device|rsync error: error in file IO \(code 11\)/,
    certainty: 'likely',
    cause: (_clue, scene) =>
      isExport(scene.frame?.path)
        ? 'The image that is being written is full (pi-gen sizes it from the root file system plus a margin), or the disk below it is.'
        : 'The disk that holds the work folder is full: it keeps a whole root file system for each stage.',
    fix: (_clue, scene) =>
      isExport(scene.frame?.path)
        ? 'Raise ROOT_MARGIN in export-image/prerun.sh, or install less; and make sure that the disk has space.'
        : "Free space for the engine's volumes (docker system df shows them). In pi-gen-action, set increase-runner-disk-size: true.",
    locate: nowhere,
  },
  {
    name: 'no-loop-device',
    match:
      /(?:losetup: .*(?:cannot find an unused loop device|failed to set up loop device)|losetup failed; exiting)/,
    certainty: 'certain',
    cause: 'The build container got no loop device, and without one no image can be written.',
    fix: 'Load the loop module on the machine (modprobe loop), free leaked devices (losetup -D), or pass /dev to the container: PIGEN_DOCKER_OPTS="-v /dev:/dev".',
    locate: nowhere,
  },
  {
    name: 'container-exists',
    match: /^Container (\S+) already exists and you did not specify CONTINUE=1/,
    certainty: 'certain',
    cause: ({ match }) => `The container ${match[1] ?? ''} of an earlier build is still there.`,
    fix: 'Remove it (docker rm -v), or set CONTINUE=1 to go on with its state.',
    locate: nowhere,
  },
  {
    name: 'bootstrap-failed',
    match: /bootstrap failed: please check (\S+)/,
    certainty: 'likely',
    cause: ({ match }) =>
      `The base system could not be made; the reason is in ${match[1] ?? 'debootstrap.log'} in the build container.`,
    fix: 'Read that file. A half-made stage0 must be removed before the next try.',
    locate: nowhere,
  },
];

function isExport(path: string | undefined): boolean {
  return path !== undefined && /(?:^|\/)export-/.test(path);
}
