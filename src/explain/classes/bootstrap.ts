import type { FailureClass } from '../failure-class';
import type { Scene } from '../scene';
import { atPrerun, atSetting, atTreeFile, nowhere } from '../places';

/** While stage0 makes the base system, or before anything tells. */
function inBootstrap(scene: Scene): boolean {
  const path = scene.frame?.path ?? '';
  return /(?:^|\/)stage0(?:\/|$)/.test(path) || scene.frame === undefined;
}

/** What keeps debootstrap from its end. */
const bootstrapCauses: readonly string[] = [
  'bootstrap-script-missing',
  'host-binfmt',
  'host-qemu-crash',
  'host-qemu-loader',
  'host-mount-options',
  'archive-key-rejected',
  'archive-key-missing',
  'bootstrap-download',
  'disk-full',
  'runner-disk-full',
  'host-illegal-instruction',
  'config',
  'release-mix',
  'apt-proxy',
];

/** The base system: debootstrap, its mirror and its keys. */
export const bootstrapClasses: readonly FailureClass[] = [
  {
    name: 'archive-key-rejected',
    signs: ['E: Invalid Release signature', 'SHA1 is not considered secure', 'Signing key on'],
    match:
      /(?:^E: Invalid Release signature|SHA1 is not considered secure since|Signing key on [0-9A-F]+ is not bound)/,
    says: 'E: Invalid Release signature (key id A0DA38D0D76E8B5D638872819165938D90FDDD2E)',
    certainty: 'certain',
    when: (_clue, scene) => inBootstrap(scene),
    lasting: true,
    cause:
      "The archive's key in stage0/files is signed with SHA-1 only, which the build system's debootstrap no longer accepts.",
    fix: 'Take the current key file of pi-gen into stage0/files, or build the arm64 or bookworm branch.',
    locate: atTreeFile('stage0/files/raspberrypi.gpg'),
  },
  {
    name: 'repository-key',
    signs: ['E: Invalid Release signature', 'SHA1 is not considered secure', 'Signing key on'],
    match:
      /(?:^E: Invalid Release signature|SHA1 is not considered secure since|Signing key on [0-9A-F]+ is not bound)/,
    says: 'Signing key on A0DA… is not bound: … SHA1 is not considered secure since 2023-02-01T00:00:00Z',
    certainty: 'certain',
    cause:
      'The key of a package source is signed with SHA-1 only, which apt no longer accepts (from trixie on).',
    fix: 'Get a newer key from whoever runs the repository; until there is one, its packages cannot be installed by apt.',
  },
  {
    name: 'archive-key-missing',
    signs: ['E: Release signed by unknown key'],
    match: /^E: Release signed by unknown key \(key id (?<name>\w+)\)/,
    says: 'E: Release signed by unknown key (key id 6ED0E7B82643E131)',
    certainty: 'certain',
    lasting: true,
    cause:
      'The archive is signed with the key {name}, which the keyring that debootstrap is given does not hold.',
    fix: 'Give bootstrap in stage0/prerun.sh the archive that the keyring belongs to, or put its key into stage0/files.',
    locate: atPrerun,
  },
  {
    name: 'bootstrap-download',
    signs: [
      'W: Retrying failed download of',
      "E: Couldn't download",
      "W: Couldn't download",
      'E: Failed getting release file',
      "E: Couldn't find these debs",
    ],
    match:
      /^(?:W: Retrying failed download of|E: Couldn't download|W: Couldn't download|E: Failed getting release file|E: Couldn't find these debs)/,
    says: 'W: Retrying failed download of http://raspbian.raspberrypi.com/raspbian/pool/main/a/apt/apt_3.0.3_armhf.deb',
    certainty: 'likely',
    lasting: true,
    cause:
      'The base system could not be downloaded: the mirror or the network failed, or the mirror has no such release.',
    fix: 'Build again; where it stays so, use another mirror in stage0/prerun.sh, or a cache such as apt-cacher-ng by APT_PROXY.',
    follows: ['name-not-resolved', 'config', 'release-mix'],
    locate: nowhere,
  },
  {
    name: 'config',
    signs: ['WARNING: RELEASE does not match'],
    match: /^WARNING: RELEASE does not match the intended option for this branch/,
    says: 'WARNING: RELEASE does not match the intended option for this branch.',
    certainty: 'likely',
    lasting: true,
    cause:
      'RELEASE names another Debian release than the one that this branch of pi-gen is made for: its packages, keys and files do not fit.',
    fix: 'Check out the branch of pi-gen for the release, or take RELEASE out of config (pi-gen-action: release and pi-gen-version must fit).',
    locate: atSetting(['RELEASE'], ['release', 'pi-gen-version']),
  },
  {
    name: 'bootstrap-half-made',
    signs: ['/rootfs/etc/apt/'],
    match:
      /(?:line \d+: \S*\/rootfs\/etc\/apt\/\S*: No such file or directory|(?:install|cp): (?:target '?\S*\/rootfs\/etc\/apt\/\S*'? is not a directory|target '?\S*\/rootfs\/etc\/apt\/\S*: No such file or directory|cannot create regular file '?\S*\/rootfs\/etc\/apt\/))/,
    when: (_clue, scene) => inBootstrap(scene),
    says: "install: target '/pi-gen/work/kiosk/stage0/rootfs/etc/apt/sources.list.d/' is not a directory",
    certainty: 'likely',
    cause:
      'The root file system of stage0 is half made: making it failed in an earlier build (or on a disk that lets no devices be made), and prerun.sh passes over a folder that is already there.',
    fix: 'Delete stage0 in the work folder, or build with CLEAN=1, and look at the first failure’s debootstrap.log.',
    follows: [
      'host-mount-options',
      'bootstrap-failed',
      'bootstrap-script-missing',
      'host-binfmt',
      'archive-key-rejected',
      'config',
    ],
    locate: nowhere,
  },
  {
    name: 'bootstrap-script-missing',
    signs: ['E: No such script: '],
    match: /^E: No such script: (?<name>\S+)/,
    says: 'E: No such script: /usr/share/debootstrap/scripts/trixie',
    certainty: 'likely',
    lasting: true,
    stops: true,
    cause:
      'debootstrap of the build host has no script {name}: it is older than the release that is built, or the disk cannot hold the link that the script is.',
    fix: 'Build with Docker, which brings a debootstrap that fits, or install a newer one; keep the work folder on a Linux file system.',
    locate: nowhere,
  },
  {
    name: 'config',
    signs: ['rmdir: failed to remove'],
    match:
      /^rmdir: failed to remove '(?<name>[^']*\s[^']*)\/stage0\/rootfs\/debootstrap': Directory not empty/,
    says: "rmdir: failed to remove '/pi-gen/work/my kiosk/stage0/rootfs/debootstrap': Directory not empty",
    certainty: 'likely',
    lasting: true,
    stops: true,
    cause: 'The work folder has a space in its path, which debootstrap cannot work with: {name}',
    fix: 'Give IMG_NAME (or WORK_DIR) a value without spaces, and remove the half-made work folder.',
    locate: atSetting(['IMG_NAME', 'WORK_DIR'], ['image-name']),
  },
  {
    name: 'bootstrap-failed',
    signs: ['bootstrap failed: please check'],
    match: /bootstrap failed: please check (?<file>\S+)/,
    says: '[10:00:00] bootstrap failed: please check /pi-gen/work/kiosk/stage0/debootstrap.log',
    certainty: 'guess',
    lasting: true,
    stops: true,
    cause: 'debootstrap could not make the base system; why, its own log in the work folder tells: {file}',
    fix: 'Read that file (docker cp pigen_work:/pi-gen/work/IMG_NAME/stage0/debootstrap.log . gets it out of the container). Then remove the half-made stage0, or set CLEAN=1.',
    follows: bootstrapCauses,
    locate: nowhere,
  },
  {
    name: 'bootstrap-failed',
    signs: ['rmdir: failed to remove'],
    match: /^rmdir: failed to remove '?\S*\/debootstrap'?: Directory not empty/,
    says: "rmdir: failed to remove '/pi-gen/work/kiosk/stage0/rootfs/debootstrap': Directory not empty",
    certainty: 'guess',
    when: (_clue, scene) => !scene.lines.some(({ text }) => text.includes('bootstrap failed: please check')),
    lasting: true,
    stops: true,
    cause: 'debootstrap did not come to its end: it removes this folder when it has made the base system.',
    fix: 'Look at the lines above, and at debootstrap.log in that folder.',
    follows: bootstrapCauses,
    locate: nowhere,
  },
];
