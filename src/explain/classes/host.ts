import type { FailureClass } from '../failure-class';
import { atMessageOr, atWords, nowhere } from '../places';
import { parseBashMessage } from '../script-lines';

const registerQemu =
  'Register qemu for the architecture on the machine that runs the engine: docker run --privileged --rm tonistiigi/binfmt --install arm,arm64, or install qemu-user-static and binfmt-support there (under WSL with systemd enabled). Best is an ARM machine, which needs none.';

const slow = 'Under emulation compilers take hours.';
const faster =
  'Use an ARM runner (ubuntu-24.04-arm) in the place of emulation, and install ready-made packages instead of compiling with npm, cargo or pip.';
/** Of a job on GitHub's runners: six hours, in seconds, less what its first steps took before the log began. */
const usualLimit = 355 * 60;

/** What compiles in the script that was running. */
const atCompiler = atWords('cargo', 'npm', 'yarn', 'pip3', 'pip', 'cmake', 'make', 'ninja', 'go build');

/** The machine that builds: its processor, its kernel and its emulation. No file of a stage is at fault. */
export const hostClasses: readonly FailureClass[] = [
  {
    name: 'wrong-architecture',
    signs: ['cannot execute binary file: Exec format error'],
    match: /: (?<name>\S+): cannot execute binary file: Exec format error/,
    says: '/bin/bash: line 4: /opt/tool: cannot execute binary file: Exec format error',
    certainty: 'certain',
    during: ['run', 'run-chroot'],
    when: (clue, scene) => scene.stack.chrootStepPassed || parseBashMessage(clue.text) !== undefined,
    cause: '{name} is a program for another processor than the one that runs it here.',
    fix: "Take the program that is built for the image's architecture; one that is to run on the build host must be built for that.",
    locate: atMessageOr(),
  },
  {
    name: 'wrong-architecture',
    signs: [' does not match system ('],
    match: /package architecture \((?<name>\w+)\) does not match system \((?<system>\w+)\)/,
    says: ' package architecture (amd64) does not match system (armhf)',
    certainty: 'certain',
    cause: 'The package is made for {name}, and the image is {system}.',
    fix: 'Take the package for {system}: armhf for the 32-bit image, arm64 for the 64-bit one.',
    locate: atWords('dpkg -i', 'dpkg --install', 'dpkg', '.deb'),
  },
  {
    name: 'host-binfmt',
    signs: ['Exec format error'],
    match: /(?:chroot: failed to run command .*|capsh: |\/bin\/(?:ba)?sh.*): Exec format error/,
    says: "chroot: failed to run command '/bin/true': Exec format error",
    certainty: 'certain',
    cause: "The machine cannot run the image's ARM programs: its kernel has no working emulation registered.",
    fix: registerQemu,
    locate: nowhere,
  },
  {
    name: 'host-binfmt',
    signs: ['W: Failure trying to run: chroot'],
    match: /^W: Failure trying to run: chroot .* \/bin\/true/,
    says: 'W: Failure trying to run: chroot "/pi-gen/work/kiosk/stage0/rootfs" /bin/true',
    certainty: 'likely',
    lasting: true,
    cause:
      'The first program of the new root file system did not run: most often the kernel has no working emulation for ARM programs.',
    fix: registerQemu,
    locate: nowhere,
    follows: ['host-qemu-crash', 'host-qemu-loader', 'host-mount-options'],
  },
  {
    name: 'host-binfmt',
    signs: ['No fallback mechanism found'],
    match: /No fallback mechanism found\. Ensure your OS has binfmt_misc/,
    says: 'No fallback mechanism found. Ensure your OS has binfmt_misc support enabled and configured.',
    certainty: 'certain',
    cause:
      "build.sh found no way to run the image's ARM programs on this machine: no emulation is registered.",
    fix: `${registerQemu} In GitHub Actions, add docker/setup-qemu-action before the build, or use a runner such as ubuntu-24.04-arm.`,
    locate: nowhere,
  },
  {
    name: 'host-qemu-loader',
    signs: ['chroot: failed to run command'],
    match: /chroot: failed to run command '?\/bin\/(?:true|bash|sh)'?: No such file or directory/,
    says: "chroot: failed to run command '/bin/true': No such file or directory",
    certainty: 'likely',
    during: ['prerun'],
    cause:
      'The registered emulator is not found inside the root file system: it is linked dynamically, or registered without the flag F.',
    fix: 'Install qemu-user-static in the place of qemu-user-binfmt (Ubuntu 24.04, Mint 22 and Fedora ship the dynamic one), or run docker run --privileged --rm tonistiigi/binfmt --uninstall qemu-arm,qemu-aarch64 --install arm,arm64. The line "flags:" of /proc/sys/fs/binfmt_misc/qemu-* must hold an F.',
    locate: nowhere,
  },
  {
    name: 'host-binfmt-module',
    signs: ['binfmt_misc not loaded in host'],
    match: /^Module binfmt_misc not loaded in host/,
    says: 'Module binfmt_misc not loaded in host',
    certainty: 'certain',
    cause: "binfmt_misc, by which the kernel runs the image's ARM programs, is not there where pi-gen runs.",
    fix: 'Load it on the machine that builds (sudo modprobe binfmt_misc). In a container it must be mounted too: current build-docker.sh does so.',
    locate: nowhere,
  },
  {
    name: 'host-binfmt-module',
    signs: ['modprobe: WARNING: Module binfmt_misc', 'modprobe: FATAL: Module binfmt_misc'],
    match: /^modprobe: \w+: Module binfmt_misc not found in directory (?<folder>\S+)/,
    says: 'modprobe: WARNING: Module binfmt_misc not found in directory /lib/modules/6.6.141',
    certainty: 'likely',
    lasting: true,
    cause: "The runner's kernel has no module binfmt_misc, so it can run no foreign programs.",
    fix: "Use a runner with a full kernel (GitHub's own have it), or an ARM runner, which needs no emulation.",
    locate: nowhere,
  },
  {
    name: 'host-binfmt-mount',
    signs: ['mounting binfmt_misc failed', 'binfmt_misc: permission denied'],
    match: /(?:mounting binfmt_misc failed|mount: \/proc\/sys\/fs\/binfmt_misc: permission denied)/,
    says: 'mounting binfmt_misc failed',
    certainty: 'certain',
    during: ['outside'],
    cause: 'binfmt_misc may not be mounted: the engine is rootless, or the kernel is locked down.',
    fix: 'Use an engine that runs as root (DOCKER="sudo podman" for podman).',
    locate: nowhere,
  },
  {
    name: 'host-qemu-missing',
    signs: ['not found (please install qemu'],
    match: /^(?<name>qemu-(?:arm|aarch64)(?:-static)?) not found \(please install (?<package>[^)]+)\)/,
    says: 'qemu-arm not found (please install qemu-user-binfmt)',
    certainty: 'certain',
    cause: 'build-docker.sh needs {name} on this machine and does not find it.',
    fix: 'Install {package}. macOS has no such package: build in an ARM Linux machine, or from the arm64 branch on Apple silicon.',
    locate: nowhere,
  },
  {
    name: 'host-qemu-crash',
    signs: ['qemu: uncaught target signal', 'exit status 139'],
    match: /(?:^|: )qemu: uncaught target signal \d+|returned error exit status 139/,
    says: 'qemu: uncaught target signal 11 (Segmentation fault) - core dumped',
    certainty: 'certain',
    lasting: true,
    cause:
      "The emulator crashed while it ran one of the image's programs. Neither the package nor the script is at fault.",
    fix: 'Use another version of qemu (docker run --privileged --rm tonistiigi/binfmt --uninstall qemu-arm,qemu-aarch64 --install arm,arm64; 8.2 is known to be bad), or build on an ARM machine.',
    locate: nowhere,
  },
  {
    name: 'host-32-bit-files',
    signs: ['Value too large for defined data type'],
    match: /Value too large for defined data type/,
    says: 'ls: reading directory /etc/ssl/certs: Value too large for defined data type',
    certainty: 'likely',
    cause:
      'A 64-bit emulator gives 32-bit ARM programs file offsets that they cannot hold, so that they see empty folders.',
    fix: "Keep the 32-bit base image of build-docker.sh (i386/debian), use pi-gen's arm64 branch, or build on an ARM machine.",
    locate: nowhere,
  },
  {
    name: 'host-emulation-memory',
    signs: ['Allocating guest commpage', 'getline (12: Cannot allocate memory)', 'Cannot allocate memory'],
    match:
      /(?:Allocating guest commpage: Cannot allocate memory|getline \(12: Cannot allocate memory\)|^E: Sub-process .* Cannot allocate memory)/,
    says: 'Allocating guest commpage: Cannot allocate memory',
    certainty: 'certain',
    cause: "The emulated program ran out of address space on this machine's processor.",
    fix: 'Build with build-docker.sh in the place of build.sh on a 32-bit machine, with a newer qemu, or on an ARM machine.',
    locate: nowhere,
  },
  {
    name: 'host-architecture',
    signs: ['failed to set personality to linux32'],
    match: /setarch: failed to set personality to linux32/,
    says: 'setarch: failed to set personality to linux32: Invalid argument',
    certainty: 'certain',
    cause:
      "This machine's processor cannot run 32-bit programs, and this branch of pi-gen builds a 32-bit image.",
    fix: "Use pi-gen's arm64 branch.",
    locate: nowhere,
  },
  {
    name: 'host-page-size',
    signs: ['requires a kernel with a 4k page size'],
    match: /requires a kernel with a 4k page size/,
    says: 'ERROR: Building an armhf image requires a kernel with a 4k page size (current: 16384)',
    certainty: 'certain',
    cause: "This machine's kernel uses larger memory pages than 32-bit ARM programs can run with.",
    fix: 'On a Raspberry Pi 5, set kernel=kernel8.img and initramfs initramfs8 followkernel in its config.txt and reboot.',
    locate: nowhere,
  },
  {
    name: 'host-illegal-instruction',
    signs: ['Illegal instruction', '(SIGILL)'],
    match: /(?:line \d+: +\d+ Illegal instruction|^Illegal instruction|\(SIGILL\))/,
    says: '/pi-gen/scripts/common: line 91: 12345 Illegal instruction     setarch linux32 capsh …',
    certainty: 'likely',
    cause:
      "A program uses an instruction that this processor does not have; inside the chroot often raspi-copies-and-fills, which /etc/ld.so.preload loads into every program, or arch-test's own test on an ARMv6.",
    fix: 'Empty /etc/ld.so.preload in the image while it is built, as pi-gen’s stage2 does; on an ARMv6 build host remove arch-test; else build on another machine.',
    locate: nowhere,
  },
  {
    name: 'time-limit',
    signs: ['maximum execution time', ' has timed out after '],
    match:
      /(?:has exceeded the maximum execution time of (?<limit>\d+ minutes)|The action '.*' has timed out after (?<minutes>\d+ minutes))/,
    says: 'The job running on runner GitHub Actions 2 has exceeded the maximum execution time of 360 minutes.',
    certainty: 'certain',
    lasting: true,
    cause: `The build was stopped at its time limit ({name}). ${slow}`,
    fix: faster,
    locate: atCompiler,
  },
  {
    name: 'time-limit',
    signs: ['The operation was canceled'],
    match: /The operation was canceled/,
    says: 'The operation was canceled. (after six hours)',
    certainty: 'likely',
    when: (_clue, scene) => scene.elapsed >= usualLimit,
    cause: `The build was stopped after six hours, the usual time limit of a job. ${slow}`,
    fix: `${faster} GitHub's own runners give no job more than six hours.`,
    follows: ['time-limit'],
    locate: atCompiler,
  },
  {
    name: 'build-cancelled',
    signs: ['The operation was canceled', 'received a shutdown signal', 'got CTRL+C'],
    match: /(?:The operation was canceled|The runner has received a shutdown signal|^got CTRL\+C)/,
    says: 'The operation was canceled.',
    certainty: 'certain',
    cause:
      'The build was stopped from outside: by hand, by a newer run of the workflow, or because the runner went away. The stages are not at fault.',
    fix: 'Run it again. Where a newer run is to wait instead, see concurrency and cancel-in-progress in the workflow.',
    follows: ['time-limit'],
    locate: nowhere,
  },
];
