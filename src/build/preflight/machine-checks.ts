import type { Branch } from '../../pigen/branches';
import { programKinds, runsNatively } from '../plan/emulator';
import { engineProgram } from './engine-program';
import type { BinaryFormat, BuildFacts, MachineFacts, PreflightFacts, StageFacts } from './facts';
import type { Check, Verdict } from './verdict';
import { fail, fine, unknown, warning } from './verdict';

export const machineChecks: readonly Check[] = [
  { name: 'architecture', title: 'Architecture', judge: together(architecture) },
  { name: 'emulation', title: 'Emulation (binfmt_misc)', judge: together(emulation) },
  { name: 'base-image', title: 'Base image', judge: together(baseImage) },
  { name: 'page-size', title: 'Page size', judge: together(pageSize) },
  { name: 'loop', title: 'Loop devices', judge: together(loop) },
  { name: 'disk', title: 'Disk', judge: together(disk) },
];

type MachineVerdict = (
  machine: MachineFacts,
  build: BuildFacts | undefined,
  branch: Branch | undefined,
  /** The engine's, for fixes. */
  program: string,
) => Verdict | undefined;

/** What cannot be looked at without a container is told once, by the check of privileged containers. */
function together(judge: MachineVerdict): Check['judge'] {
  return (all: PreflightFacts) => {
    const { machine, build } = all;
    if (machine?.ok !== true) return undefined;
    const facts = build?.ok === true ? build.facts : undefined;
    return judge(machine.facts, facts, facts?.branch, engineProgram(all));
  };
}

/** In a tree whose stages do not bootstrap as pi-gen's do, what stops pi-gen may be no hindrance. */
function stops(build: BuildFacts | undefined, message: string, fix: string): Verdict {
  return build?.bootstraps === true ? fail(message, fix) : warning(message, fix);
}

const isArm = (machine: string): boolean => machine === 'aarch64' || machine.startsWith('arm');

function architecture(
  machine: MachineFacts,
  build: BuildFacts | undefined,
  branch: Branch | undefined,
): Verdict | undefined {
  if (branch === undefined) return undefined;
  const { machine: name } = machine;
  const wanted = branch.architecture;
  const own = name === 'aarch64' ? wanted === 'arm64' : name.startsWith('arm') && wanted === 'armhf';
  if (own) return fine(`The machine (${name}) runs programs of the image (${wanted}) itself.`);
  if (name === 'aarch64' && machine.linux32 === false) {
    return stops(
      build,
      `The processor of this machine (${name}) runs no 32-bit programs, and the branch ${branch.name} makes 32-bit images (${wanted}): setarch stops with "failed to set personality to linux32".`,
      'Use the 64-bit branch of pi-gen (arm64, bookworm-arm64, …), or another machine.',
    );
  }
  if (name === 'aarch64') return fine(`The machine (${name}) runs 32-bit programs (${wanted}) too.`);
  return fine(
    `The machine (${name}) runs programs of the image (${wanted}) by emulation. That takes several times as long as on an ARM machine.`,
  );
}

function formatsFor(machine: MachineFacts, kind: keyof typeof programKinds): readonly BinaryFormat[] {
  const { elfClass, elfMachine } = programKinds[kind];
  const known = machine.formats?.filter(
    ({ magic }) => magic.slice(8, 10) === elfClass && magic.slice(36, 40) === elfMachine,
  );
  return known ?? [];
}

function emulation(
  machine: MachineFacts,
  build: BuildFacts | undefined,
  branch: Branch | undefined,
): Verdict | undefined {
  if (branch === undefined) return undefined;
  if (runsNatively(machine.machine, branch.architecture)) return fine('None is needed.');
  if (machine.formats === undefined) {
    return stops(
      build,
      'The kernel has no binfmt_misc, so programs of the image cannot be run: build.sh stops with "Module binfmt_misc not loaded in host".',
      'Run `sudo modprobe binfmt_misc` on the machine of the engine.',
    );
  }
  const known = formatsFor(machine, branch.architecture);
  const format = known.find(({ enabled, flags }) => enabled && flags.includes('F'));
  if (format !== undefined) {
    return fine(`${branch.architecture}: ${format.interpreter}, flags ${format.flags}.`);
  }
  const { emulator } = programKinds[branch.architecture];
  return fine(
    `${emulationLack(known[0], branch)} The container of a build registers its own ${emulator} when it starts, and the kernel keeps that until the machine restarts.`,
  );
}

function emulationLack(format: BinaryFormat | undefined, { architecture }: Branch): string {
  if (format === undefined) {
    return `The kernel does not know yet how to run programs of the image (${architecture}).`;
  }
  return format.enabled
    ? `The kernel looks for ${format.interpreter}, which runs programs of the image (${architecture}), inside the image, where it is not: the registration ${format.name} lacks the flag F.`
    : `The registration ${format.name}, by which the kernel runs programs of the image (${architecture}), is turned off.`;
}

/** build-docker.sh takes a 32-bit x86 base on 64-bit machines: qemu-arm must be a 32-bit program itself for 32-bit guests. */
function baseImage(
  machine: MachineFacts,
  build: BuildFacts | undefined,
  _branch: Branch | undefined,
  program: string,
): Verdict | undefined {
  const image = build?.baseImage;
  if (image === undefined) return undefined;
  if (!image.startsWith('i386/') || !isArm(machine.machine)) return fine(`${image}.`);
  return formatsFor(machine, 'i386').some(({ enabled }) => enabled)
    ? fine(`${image}, by emulation.`)
    : warning(
        `The base image ${image} holds 32-bit x86 programs, which this machine (${machine.machine}) runs by emulation only, and no emulation is registered: the image of the build fails with "exec format error".`,
        `Run \`${program} run --privileged --rm docker.io/tonistiigi/binfmt --install 386\` on the machine of the engine, or use a 64-bit branch of pi-gen.`,
      );
}

function pageSize(
  machine: MachineFacts,
  build: BuildFacts | undefined,
  branch: Branch | undefined,
): Verdict | undefined {
  const { pageSize: bytes } = machine;
  if (bytes === undefined) return unknown('The page size of the kernel could not be found out.');
  // build.sh of bookworm and later tests it; what it guards against is older.
  if (bytes === 4096 || branch?.architecture !== 'armhf') return fine(`${bytes} bytes.`);
  return stops(
    build,
    `The kernel has pages of ${bytes} bytes. 32-bit programs (armhf) need 4096: build.sh stops at once, with "ERROR: Building an armhf image requires a kernel with a 4k page size".`,
    "On a Raspberry Pi 5 choose its other kernel, and restart it: `printf '%s\\n' '[all]' kernel=kernel8.img 'initramfs initramfs8 followkernel' | sudo tee -a /boot/firmware/config.txt && sudo reboot`. Or use a 64-bit branch of pi-gen.",
  );
}

function loop(machine: MachineFacts, build: BuildFacts | undefined): Verdict | undefined {
  if (build?.stages?.some((stage) => stage.exports) === false) {
    return fine('No stage exports an image, so none is needed.');
  }
  const judge = build?.exportsThroughLoop === true ? fail : warning;
  if (machine.loopDevices === undefined) {
    return unknown(
      'Loop devices, which the export of an image needs, could not be looked at: the image that was looked with has no losetup.',
      'Build once: the image of the build has it.',
    );
  }
  if (!machine.loopDevices) {
    return judge(
      'No loop device can be had, which the export of an image needs: it ends with "ERROR: losetup failed; exiting", after all stages have run.',
      'On the machine of the engine run `sudo modprobe loop`, and release those that are left over: `losetup -a`, `sudo losetup -d /dev/loopN`. An engine that runs in a container itself needs the /dev of its machine.',
    );
  }
  if (machine.loopPartitions === false) {
    return judge(
      'The kernel does not find the partitions of an image behind a loop device: the export ends with "mkdosfs: unable to open /dev/loop0p1", after all stages have run.',
      'Use a kernel with support for MS-DOS partition tables (CONFIG_MSDOS_PARTITION), or another machine.',
    );
  }
  return fine('There are loop devices, and their partitions are found.');
}

/** Bytes. Roughly what the root file system of each of pi-gen's stages holds; each is kept whole. */
const gigabyte = 1024 ** 3;
const stageSizes: Readonly<Record<string, number>> = {
  stage0: 0.5,
  stage1: 0.7,
  stage2: 2,
  stage3: 4.5,
  stage4: 6,
  stage5: 11,
};

/** What a stage of one's own adds to the one before it, roughly. */
const ownStage = 0.4;

/** The image of the build itself. */
const buildImage = 1;

/** The image of a stage, with its margins, and its compressed copy: export-image/prerun.sh. */
const perExport = 1.7;

/** Bytes that a build of these stages needs on the engine's disk: an estimate, to be told as one. */
export function diskNeeded(stages: readonly StageFacts[]): number {
  let total = buildImage;
  let size = 0;
  for (const { name, skip, exports } of stages) {
    if (!skip) {
      size = stageSizes[name] ?? size + ownStage;
      total += size;
    }
    if (exports) total += size * perExport;
  }
  return total * gigabyte;
}

function disk(
  machine: MachineFacts,
  build: BuildFacts | undefined,
  _branch: Branch | undefined,
  program: string,
): Verdict | undefined {
  const { diskFree: free } = machine;
  if (free === undefined) return unknown("The free space of the engine's disk could not be found out.");
  if (build?.stages === undefined) return fine(`${inGigabytes(free)} are free.`);
  const needed = diskNeeded(build.stages);
  if (free >= needed) {
    return fine(`${inGigabytes(free)} are free; this stage list takes about ${inGigabytes(needed)}.`);
  }
  const message = `${inGigabytes(free)} are free where the engine keeps containers; this stage list takes about ${inGigabytes(needed)}, as pi-gen keeps the whole root file system of each stage.`;
  const fix = `Free space on the machine of the engine (\`pigen clean\` lists what builds have left, \`${program} system prune\` removes what nothing uses)${program === 'docker' ? ', give Docker Desktop a larger disk,' : ''} or build fewer stages.`;
  // The estimate is rough: only what is far below it is sure to fail.
  return free < needed / 3 && build.bootstraps ? fail(message, fix) : warning(message, fix);
}

function inGigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}
