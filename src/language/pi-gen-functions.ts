import { branches, findBranch } from '../pigen/branches';
import type { BranchName } from '../pigen/branches';
import type { StageTree } from '../pigen/tree/stage-tree';

/** A function that scripts/common exports to every bash script on the build host. */
export interface PiGenFunction {
  readonly name: string;
  /** How it is called. */
  readonly usage: string;
  /** One line, for completions. */
  readonly summary: string;
  /** What else is worth knowing, in Markdown; what differs by branch is left to `differences`. */
  readonly details: string;
  readonly differences?: Partial<Record<BranchName, string>>;
}

export const piGenFunctions: readonly PiGenFunction[] = [
  {
    name: 'on_chroot',
    usage: 'on_chroot << EOF',
    summary: 'Runs its standard input as a bash script inside the image.',
    details: `Mounts \`proc\`, \`dev\`, \`dev/pts\`, \`sys\` and a tmpfs on \`run\` and \`tmp\` of \`$ROOTFS_DIR\`, then starts \`bash -e\` in it.

- \`<< EOF\`: \`$x\` and \`$(…)\` are replaced on the build host, before the image sees them; \`\\$x\` is left for the image.
- \`<< 'EOF'\`: nothing is replaced.
- Arguments go to bash: \`on_chroot -c "apt-get clean"\` works, \`on_chroot apt-get clean\` does not.
- A command in it that reads its standard input eats the rest of the script.`,
    differences: {
      jessie: 'On this branch bash is started without `-e`: a failing command does not end it.',
    },
  },
  {
    name: 'copy_previous',
    usage: 'copy_previous',
    summary: 'Copies the rootfs of the stage before this one.',
    details:
      'For prerun.sh: `rsync` from `$PREV_ROOTFS_DIR` to `$ROOTFS_DIR`, without apt’s cache. Fails with “Previous stage rootfs not found” where the stage before was never built.',
  },
  {
    name: 'bootstrap',
    usage: 'bootstrap RELEASE FOLDER MIRROR',
    summary: 'Makes a new Debian system with debootstrap.',
    details:
      'For the prerun.sh of the first stage: `debootstrap` with pi-gen’s architecture, components and keyring (`files/raspberrypi.gpg` of the stage).',
  },
  {
    name: 'log',
    usage: 'log MESSAGE…',
    summary: 'Writes a line with the time to the build’s log.',
    details: 'Writes `[HH:MM:SS] MESSAGE` to the output and to `$LOG_FILE`.',
  },
  {
    name: 'unmount',
    usage: 'unmount [FOLDER]',
    summary: 'Unmounts everything mounted at or below a folder.',
    details:
      'The current folder where none is given. build.sh does so for `$STAGE_WORK_DIR` at both ends of a stage.',
  },
  {
    name: 'unmount_image',
    usage: 'unmount_image IMAGE',
    summary: 'Unmounts an image file and frees its loop device.',
    details:
      'For the scripts of an export: unmounts the partitions of the image and detaches its loop device.',
  },
  {
    name: 'update_issue',
    usage: 'update_issue STAGE',
    summary: 'Writes /etc/rpi-issue of the image.',
    details: 'Writes `/etc/rpi-issue`: date, build tool, its commit, and the stage that is named.',
  },
  {
    name: 'ensure_next_loopdev',
    usage: 'ensure_next_loopdev',
    summary: 'Makes the device node of the next free loop device.',
    details: 'A container has only the loop devices that were there when it was started.',
  },
  {
    name: 'ensure_loopdev_partitions',
    usage: 'ensure_loopdev_partitions DEVICE',
    summary: 'Makes the device nodes of a loop device’s partitions.',
    details: 'A container does not get device nodes for partitions by itself.',
  },
];

const known = new WeakMap<StageTree, readonly PiGenFunction[]>();

/** The functions of pi-gen that scripts of a tree have: those of its branch, all where that is not known. */
export function functionsOf(tree: StageTree): readonly PiGenFunction[] {
  const functions = known.get(tree) ?? exportedFunctions(tree);
  known.set(tree, functions);
  return functions;
}

function exportedFunctions(tree: StageTree): readonly PiGenFunction[] {
  const branch = findBranch(tree.branch);
  const exported = new Set(
    (branch === undefined ? branches : [branch]).flatMap((one) => one.exportedFunctions),
  );
  return piGenFunctions.filter(({ name }) => exported.has(name));
}

export function functionNamed(tree: StageTree, name: string): PiGenFunction | undefined {
  return functionsOf(tree).find((one) => one.name === name);
}
