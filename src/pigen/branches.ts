import { configVariables } from './config/config-variables';
import type { ConfigVariable } from './config/config-variables';

export type BranchName =
  'master' | 'arm64' | 'bookworm' | 'bookworm-arm64' | 'bullseye' | 'bullseye-arm64' | 'buster' | 'jessie';

/** What a branch of RPi-Distro/pi-gen does differently from the others, as its build.sh and scripts/common say. */
export interface Branch {
  readonly name: BranchName;
  /** Debian release: the default of RELEASE, and the only one that the branch's stage0 can make. */
  readonly release: 'trixie' | 'bookworm' | 'bullseye' | 'buster' | 'jessie';
  readonly architecture: 'armhf' | 'arm64';
  /** Exported by build.sh, so that scripts on the host and, through on_chroot, in the chroot see them. */
  readonly exportedVariables: readonly string[];
  /** Exported by scripts/common, for bash scripts only. */
  readonly exportedFunctions: readonly string[];
  /** The default of IMG_NAME; undefined where build.sh stops without one. */
  readonly imageName: string | undefined;
  /** Where the boot partition is mounted in the image. */
  readonly bootPath: '/boot/firmware' | '/boot';
  /** build.sh logs `Skip …/NN-run.sh (not executable)`; others pass over it without a word. */
  readonly logsSkippedSteps: boolean;
  /** run_stage looks for SKIP_IMAGES. */
  readonly knowsSkipImages: boolean;
  /** The config may set STAGE_LIST; jessie always runs `stage*`. */
  readonly knowsStageList: boolean;
  /** The config may set EXPORT_CONFIG_DIR. */
  readonly knowsExportConfigDir: boolean;
  /** on_chroot starts `bash -e`; jessie's goes on after an error. */
  readonly chrootErrexit: boolean;
  /** on_chroot mounts a tmpfs on /run and /tmp of the rootfs. */
  readonly mountsRunAndTmp: boolean;
  /** USE_QCOW2: stages are qcow2 images, and prerun.sh has to test for it. Its default; undefined where it does not exist. */
  readonly qcow2: '0' | '1' | undefined;
  /** build-docker.sh's default base image, and the one for hosts that run 32-bit x86 programs instead. */
  readonly baseImage: { readonly native: string; readonly i386: string | undefined };
  /** The stages that it brings along. */
  readonly stages: readonly string[];
}

const sharedVariables = [
  ...['BASE_DIR', 'SCRIPT_DIR', 'WORK_DIR', 'DEPLOY_DIR', 'LOG_FILE', 'IMG_DATE', 'CLEAN', 'IMG_NAME'],
  ...['APT_PROXY', 'STAGE', 'STAGE_DIR', 'STAGE_WORK_DIR', 'PREV_STAGE', 'PREV_STAGE_DIR', 'ROOTFS_DIR'],
  ...['PREV_ROOTFS_DIR', 'IMG_SUFFIX', 'NOOBS_NAME', 'NOOBS_DESCRIPTION', 'EXPORT_DIR', 'EXPORT_ROOTFS_DIR'],
  ...['QUILT_PATCHES', 'QUILT_NO_DIFF_INDEX', 'QUILT_NO_DIFF_TIMESTAMPS', 'QUILT_REFRESH_ARGS'],
];

const sinceBuster = [
  ...sharedVariables,
  ...['PI_GEN', 'PI_GEN_REPO', 'USE_QEMU', 'IMG_FILENAME', 'ARCHIVE_FILENAME', 'DEPLOY_COMPRESSION'],
  ...['COMPRESSION_LEVEL', 'TARGET_HOSTNAME', 'FIRST_USER_NAME', 'FIRST_USER_PASS', 'RELEASE', 'WPA_COUNTRY'],
  ...['ENABLE_SSH', 'PUBKEY_ONLY_SSH', 'PUBKEY_SSH_FIRST_USER', 'LOCALE_DEFAULT', 'KEYBOARD_KEYMAP'],
  ...['KEYBOARD_LAYOUT', 'TIMEZONE_DEFAULT', 'GIT_HASH', 'CAPSH_ARG'],
];

const busterVariables = [
  ...sinceBuster,
  ...['WPA_ESSID', 'WPA_PASSWORD', 'USE_QCOW2', 'BASE_QCOW2_SIZE', 'NO_PRERUN_QCOW2'],
];

const bullseyeVariables = [...busterVariables, 'DISABLE_FIRST_BOOT_USER_RENAME'];

const bookwormVariables = [
  ...sinceBuster,
  ...[
    'DISABLE_FIRST_BOOT_USER_RENAME',
    'ARCH',
    'PI_GEN_RELEASE',
    'TEMP_REPO',
    'STAGE_LIST',
    'EXPORT_CONFIG_DIR',
  ],
];

const trixieVariables = [...bookwormVariables, 'PASSWORDLESS_SUDO', 'ENABLE_CLOUD_INIT'];

const functionsUntilBuster = [
  ...['log', 'bootstrap', 'copy_previous', 'unmount', 'unmount_image', 'on_chroot', 'update_issue'],
];

const functionsSinceBullseye = [...functionsUntilBuster, 'ensure_next_loopdev', 'ensure_loopdev_partitions'];

const allStages = ['stage0', 'stage1', 'stage2', 'stage3', 'stage4', 'stage5'];

const master: Branch = {
  name: 'master',
  release: 'trixie',
  architecture: 'armhf',
  exportedVariables: trixieVariables,
  exportedFunctions: functionsSinceBullseye,
  imageName: 'raspios-$RELEASE-$ARCH',
  bootPath: '/boot/firmware',
  logsSkippedSteps: true,
  knowsSkipImages: true,
  knowsStageList: true,
  knowsExportConfigDir: true,
  chrootErrexit: true,
  mountsRunAndTmp: true,
  qcow2: undefined,
  baseImage: { native: 'debian:trixie', i386: 'i386/debian:trixie' },
  stages: allStages,
};

const bookworm: Branch = {
  ...master,
  name: 'bookworm',
  release: 'bookworm',
  exportedVariables: bookwormVariables,
  logsSkippedSteps: false,
  baseImage: { native: 'debian:bookworm', i386: 'i386/debian:bookworm' },
};

const bullseye: Branch = {
  ...bookworm,
  name: 'bullseye',
  release: 'bullseye',
  exportedVariables: bullseyeVariables,
  imageName: undefined,
  bootPath: '/boot',
  knowsExportConfigDir: false,
  qcow2: '0',
  baseImage: { native: 'debian:bullseye', i386: 'i386/debian:bullseye' },
};

const buster: Branch = {
  ...bullseye,
  name: 'buster',
  release: 'buster',
  exportedVariables: busterVariables,
  exportedFunctions: functionsUntilBuster,
  mountsRunAndTmp: false,
  qcow2: '1',
  baseImage: { native: 'debian:buster', i386: 'i386/debian:buster' },
  stages: allStages.slice(0, 5),
};

const jessie: Branch = {
  ...buster,
  name: 'jessie',
  release: 'jessie',
  exportedVariables: sharedVariables,
  knowsSkipImages: false,
  knowsStageList: false,
  chrootErrexit: false,
  qcow2: undefined,
  // Its Dockerfile takes no BASE_IMAGE.
  baseImage: { native: 'debian:stretch', i386: undefined },
  stages: allStages,
};

/** The 64-bit twin of a branch: native tools, no 32-bit base image. */
function on64Bits(branch: Branch, name: BranchName): Branch {
  return {
    ...branch,
    name,
    architecture: 'arm64',
    baseImage: { native: branch.baseImage.native, i386: undefined },
  };
}

/** The branches of RPi-Distro/pi-gen, the newest first. */
export const branches: readonly Branch[] = [
  master,
  on64Bits(master, 'arm64'),
  bookworm,
  on64Bits(bookworm, 'bookworm-arm64'),
  bullseye,
  on64Bits(bullseye, 'bullseye-arm64'),
  buster,
  jessie,
];

/** The branch of that name (StageTree's `branch`); undefined for every other name. */
export function findBranch(name: string | undefined): Branch | undefined {
  return branches.find((branch) => branch.name === name);
}

/** The config variables that a branch's build.sh or its stages read. */
export function configVariablesOf(branch: Branch): readonly ConfigVariable[] {
  return configVariables.filter((variable) => variable.branches.includes(branch.name));
}

/** What tells the branches apart: texts of a tree's own pi-gen scripts. */
export interface TreeScripts {
  /** build.sh. */
  readonly buildScript: string;
  /** scripts/common; empty where there is none. */
  readonly common: string;
  /** scripts/qcow2_handling exists: bullseye and buster. */
  readonly hasQcow2Handling: boolean;
}

/**
 * The branch whose features a tree has most of: forks are old copies of one, often mixed, so no single feature decides.
 * Undefined for a build.sh that is not pi-gen's, and for one that builds the release of another branch.
 */
export function detectBranch(scripts: TreeScripts): BranchName | undefined {
  const { buildScript, common } = scripts;
  if (!buildScript.includes('run_sub_stage')) return undefined;
  const release = /RELEASE:-"?([a-z]+)/.exec(buildScript)?.[1];
  const is64Bits =
    /ARCH=["']?arm64/.test(buildScript) || (common.includes('capsh') && !common.includes('setarch'));
  const agreement = (branch: Branch): number => {
    const matches = [
      buildScript.includes('(not executable)') === branch.logsSkippedSteps,
      buildScript.includes('SKIP_IMAGES') === branch.knowsSkipImages,
      buildScript.includes('STAGE_LIST') === branch.knowsStageList,
      buildScript.includes('EXPORT_CONFIG_DIR') === branch.knowsExportConfigDir,
      buildScript.includes('ENABLE_CLOUD_INIT') === (branch.release === 'trixie'),
      buildScript.includes('DISABLE_FIRST_BOOT_USER_RENAME') ===
        branch.exportedVariables.includes('DISABLE_FIRST_BOOT_USER_RENAME'),
      scripts.hasQcow2Handling === (branch.qcow2 !== undefined),
      // jessie's on_chroot has no setarch either.
      (is64Bits && branch.name !== 'jessie') === (branch.architecture === 'arm64'),
    ];
    const own = release === branch.release || (release === undefined && branch.release === 'jessie');
    return matches.filter(Boolean).length + (own ? 2 : 0);
  };
  let best: Branch = master;
  for (const branch of branches) if (agreement(branch) > agreement(best)) best = branch;
  // A fork that moved to the release of another branch has stages of its own: no branch speaks for it.
  const moved = best.release !== release && branches.some((branch) => branch.release === release);
  return moved ? undefined : best.name;
}

/**
 * The branch that a `pi-gen-version` names: a branch's own name, or one of pi-gen's tags
 * (`2024-11-19-raspios-bookworm-arm64`). Undefined for every other ref.
 */
export function branchOfVersion(version: string): BranchName | undefined {
  const named = findBranch(version);
  if (named !== undefined) return named.name;
  const tag = /raspios-([a-z]+)(-arm64)?$/.exec(version);
  const architecture = tag?.[2] === undefined ? 'armhf' : 'arm64';
  return branches.find((branch) => branch.release === tag?.[1] && branch.architecture === architecture)?.name;
}
