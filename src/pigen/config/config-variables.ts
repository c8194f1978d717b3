import type { BranchName } from '../branches';

/** A variable that pi-gen takes from `config`. */
export interface ConfigVariable {
  readonly name: string;
  /** As build.sh writes it, variables and all; undefined where it has none. */
  readonly default: string | undefined;
  /** One line, for hovers and completions. */
  readonly summary: string;
  /** The only values that mean something, where they are few. */
  readonly values?: readonly string[];
  /** What to use instead, for a name that pi-gen has given up. */
  readonly replacedBy?: string;
  /** The branches whose build.sh or stages read it. */
  readonly branches: readonly BranchName[];
}

const trixie: readonly BranchName[] = ['master', 'arm64'];
const sinceBookworm: readonly BranchName[] = [...trixie, 'bookworm', 'bookworm-arm64'];
const withQcow2: readonly BranchName[] = ['bullseye', 'bullseye-arm64', 'buster'];
const sinceBullseye: readonly BranchName[] = [...sinceBookworm, 'bullseye', 'bullseye-arm64'];
const sinceBuster: readonly BranchName[] = [...sinceBullseye, 'buster'];
const everywhere: readonly BranchName[] = [...sinceBuster, 'jessie'];
const onOff = ['0', '1'];

/** The variables of all branches. Names that differ between branches in nothing but their default appear once a default. */
export const configVariables: readonly ConfigVariable[] = [
  {
    name: 'IMG_NAME',
    default: 'raspios-$RELEASE-$ARCH',
    summary: 'Name of the image; part of the file names in deploy/.',
    branches: sinceBookworm,
  },
  {
    name: 'IMG_NAME',
    default: undefined,
    summary: 'Name of the image; part of the file names in deploy/. Required.',
    branches: [...withQcow2, 'jessie'],
  },
  {
    name: 'PI_GEN',
    default: 'pi-gen',
    summary: 'Name of the build tool, as written to /etc/rpi-issue.',
    branches: sinceBuster,
  },
  {
    name: 'PI_GEN_REPO',
    default: 'https://github.com/RPi-Distro/pi-gen',
    summary: 'Address of the build tool, as written to /etc/rpi-issue.',
    branches: sinceBuster,
  },
  {
    name: 'PI_GEN_RELEASE',
    default: 'Raspberry Pi reference',
    summary: 'Name of the release in /etc/rpi-issue.',
    branches: sinceBookworm,
  },
  {
    name: 'RELEASE',
    default: 'trixie',
    summary: 'Debian release; must be the branch’s own.',
    branches: trixie,
  },
  {
    name: 'RELEASE',
    default: 'bookworm',
    summary: 'Debian release; must be the branch’s own.',
    branches: ['bookworm', 'bookworm-arm64'],
  },
  {
    name: 'RELEASE',
    default: 'bullseye',
    summary: 'Debian release; must be the branch’s own.',
    branches: ['bullseye', 'bullseye-arm64'],
  },
  {
    name: 'RELEASE',
    default: 'buster',
    summary: 'Debian release; must be the branch’s own.',
    branches: ['buster'],
  },
  {
    name: 'APT_PROXY',
    default: undefined,
    summary:
      'Proxy for apt during the build; not left in the image. build.sh stops where it does not answer.',
    branches: everywhere,
  },
  {
    name: 'TEMP_REPO',
    default: undefined,
    summary: 'An apt source for the build only, one line; RELEASE in it is replaced.',
    branches: sinceBookworm,
  },
  {
    name: 'BASE_DIR',
    default: undefined,
    summary: 'The folder of build.sh, which sets it itself.',
    branches: everywhere,
  },
  {
    name: 'WORK_DIR',
    default: '${BASE_DIR}/work/${IMG_NAME}',
    summary: 'Where stages are built. Needs room for a whole system for each stage.',
    branches: sinceBuster,
  },
  {
    name: 'WORK_DIR',
    default: '${BASE_DIR}/work/${IMG_DATE}-${IMG_NAME}',
    summary: 'Where stages are built. Needs room for a whole system for each stage.',
    branches: ['jessie'],
  },
  {
    name: 'DEPLOY_DIR',
    default: '${BASE_DIR}/deploy',
    summary: 'Where images end up.',
    branches: everywhere,
  },
  {
    name: 'DEPLOY_COMPRESSION',
    default: 'zip',
    summary: 'How images are packed; every other value leaves them unpacked.',
    values: ['none', 'zip', 'gz', 'xz'],
    branches: sinceBuster,
  },
  {
    name: 'COMPRESSION_LEVEL',
    default: '6',
    summary: 'From 0 (fast) to 9 (small).',
    values: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    branches: sinceBuster,
  },
  {
    name: 'DEPLOY_ZIP',
    default: '1',
    summary: 'Given up: DEPLOY_ZIP=0 means DEPLOY_COMPRESSION=none.',
    values: onOff,
    replacedBy: 'DEPLOY_COMPRESSION',
    branches: sinceBuster,
  },
  {
    name: 'USE_QEMU',
    default: '0',
    summary: 'Makes an image for QEMU.',
    values: onOff,
    branches: sinceBuster,
  },
  {
    name: 'IMG_DATE',
    default: '$(date +%Y-%m-%d)',
    summary: 'Date in the file names.',
    branches: everywhere,
  },
  {
    name: 'IMG_FILENAME',
    default: '${IMG_DATE}-${IMG_NAME}',
    summary: 'File name of the image without its suffix.',
    branches: sinceBuster,
  },
  {
    name: 'ARCHIVE_FILENAME',
    default: 'image_${IMG_DATE}-${IMG_NAME}',
    summary: 'File name of the packed image without its suffix.',
    branches: sinceBuster,
  },
  { name: 'LOCALE_DEFAULT', default: 'en_GB.UTF-8', summary: 'Locale of the image.', branches: sinceBuster },
  {
    name: 'TARGET_HOSTNAME',
    default: 'raspberrypi',
    summary: 'Host name of the image.',
    branches: sinceBuster,
  },
  { name: 'KEYBOARD_KEYMAP', default: 'gb', summary: 'Keyboard of the image.', branches: sinceBuster },
  {
    name: 'KEYBOARD_LAYOUT',
    default: 'English (UK)',
    summary: 'Name of the keyboard layout, as debconf shows it.',
    branches: sinceBuster,
  },
  {
    name: 'TIMEZONE_DEFAULT',
    default: 'Europe/London',
    summary: 'Time zone of the image.',
    branches: sinceBuster,
  },
  {
    name: 'FIRST_USER_NAME',
    default: 'pi',
    summary: 'Name of the first user: a small letter, then small letters, digits, `-` and `_`.',
    branches: sinceBuster,
  },
  {
    name: 'FIRST_USER_PASS',
    default: undefined,
    summary: 'Password of the first user; locked without one.',
    branches: sinceBullseye,
  },
  {
    name: 'FIRST_USER_PASS',
    default: 'raspberry',
    summary: 'Password of the first user.',
    branches: ['buster'],
  },
  {
    name: 'DISABLE_FIRST_BOOT_USER_RENAME',
    default: '0',
    summary: 'Keeps the first user as it is at the first boot; needs FIRST_USER_PASS.',
    values: onOff,
    branches: sinceBullseye,
  },
  {
    name: 'PASSWORDLESS_SUDO',
    default: '0',
    summary: 'Lets the first user use sudo without a password.',
    values: onOff,
    branches: trixie,
  },
  {
    name: 'ENABLE_CLOUD_INIT',
    default: '1',
    summary: 'Installs cloud-init and netplan.',
    values: onOff,
    branches: trixie,
  },
  { name: 'WPA_ESSID', default: undefined, summary: 'Name of the wireless network.', branches: withQcow2 },
  {
    name: 'WPA_PASSWORD',
    default: undefined,
    summary: 'Password of the wireless network: 8 to 63 characters.',
    branches: withQcow2,
  },
  {
    name: 'WPA_COUNTRY',
    default: undefined,
    summary: 'Country of the wireless network: two capital letters.',
    branches: sinceBuster,
  },
  {
    name: 'ENABLE_SSH',
    default: '0',
    summary: 'Starts the SSH server.',
    values: onOff,
    branches: sinceBuster,
  },
  {
    name: 'PUBKEY_SSH_FIRST_USER',
    default: undefined,
    summary: 'Content of the first user’s authorized_keys.',
    branches: sinceBuster,
  },
  {
    name: 'PUBKEY_ONLY_SSH',
    default: '0',
    summary: 'No passwords over SSH; needs PUBKEY_SSH_FIRST_USER.',
    values: onOff,
    branches: sinceBuster,
  },
  {
    name: 'SETFCAP',
    default: undefined,
    summary: '1 lets setcap work in the chroot, for work folders that can hold capabilities.',
    values: onOff,
    branches: sinceBuster,
  },
  {
    name: 'STAGE_LIST',
    default: '${BASE_DIR}/stage*',
    summary: 'The stages in the order in which they run, separated by spaces.',
    branches: sinceBuster,
  },
  {
    name: 'EXPORT_CONFIG_DIR',
    default: '${BASE_DIR}/export-image',
    summary: 'The folder that is run like a stage for every image; it must exist.',
    branches: sinceBookworm,
  },
  {
    name: 'CLEAN',
    default: undefined,
    summary: '1 removes the rootfs of a stage before it is built again.',
    values: onOff,
    branches: everywhere,
  },
  {
    name: 'GIT_HASH',
    default: '$(git rev-parse HEAD)',
    summary: 'Commit of the build tool, as written to /etc/rpi-issue.',
    branches: sinceBuster,
  },
  {
    name: 'USE_QCOW2',
    default: '0',
    summary: 'Builds stages as qcow2 images.',
    values: onOff,
    branches: ['bullseye', 'bullseye-arm64'],
  },
  {
    name: 'USE_QCOW2',
    default: '1',
    summary: 'Builds stages as qcow2 images.',
    values: onOff,
    branches: ['buster'],
  },
  {
    name: 'BASE_QCOW2_SIZE',
    default: '12G',
    summary: 'Largest size of the qcow2 image.',
    branches: withQcow2,
  },
];
