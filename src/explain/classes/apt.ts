import type { FrameKind } from '../explanation';
import { nowhere } from '../failure-class';
import type { Clue, FailureClass, Place } from '../failure-class';
import { placeOfWords } from '../script-lines';
import type { Scene } from '../scene';

const packageSteps: readonly FrameKind[] = ['packages', 'packages-nr'];

/** The package's line in the open NN-packages, or the command of a script that names it. */
function packagePlace(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const name = (clue.match[1] ?? '').replace(/\r$/, '');
  // apt leaves out the architecture that the file may name: `tree:arm64`.
  const words = [name, name.replace(/:.*$/, '')];
  const kind = scene.frame?.kind;
  return kind !== undefined && packageSteps.includes(kind)
    ? scene.lineWith(words)
    : placeOfWords(words, scene);
}

/** apt, dpkg and debootstrap. */
export const aptClasses: readonly FailureClass[] = [
  {
    name: 'package-not-found',
    match: /^E: Unable to locate package (\S+)/,
    certainty: 'certain',
    cause: ({ match }) =>
      `apt knows no package called ${match[1] ?? ''} for this release and architecture, so nothing of the list was installed.`,
    fix: 'Correct the name or take it out. Where it comes from a repository that this stage adds, run apt-get update in the chroot in an earlier step.',
    locate: packagePlace,
  },
  {
    name: 'package-not-found',
    match: /^E: (?:Version '.*' for|Package) '([^']+)' (?:has no installation candidate|was not found)/,
    certainty: 'certain',
    cause: ({ match }) =>
      `apt knows the name ${match[1] ?? ''} but has nothing to install for it in this release and architecture.`,
    fix: 'Name the package that replaces it, or the version that the release has.',
    locate: packagePlace,
  },
  {
    name: 'package-dependencies',
    match: /^\s*(\S+) : (?:Pre)?Depends: /,
    certainty: 'likely',
    cause: ({ match }) =>
      `${match[1] ?? ''} needs packages that cannot be installed together with what is there: often two sources of different releases are mixed, or the mirror is being updated.`,
    fix: 'Check the sources that the stage adds; with none, try again later.',
    locate: packagePlace,
  },
  {
    name: 'package-setup-failed',
    match: /^dpkg: error processing package (\S+) \(--(?:configure|install|unpack|remove)\)/,
    certainty: 'likely',
    cause: ({ match }) =>
      `The package ${match[1] ?? ''} was unpacked, but its own setup script failed in the chroot, where no services run.`,
    fix: 'Look at the lines above the message. What needs a running system belongs into a service for the first boot.',
    locate: packagePlace,
  },
  {
    name: 'repository-key',
    match: /(?:NO_PUBKEY \w+|^E: The repository '.*' is not signed)/,
    certainty: 'certain',
    cause: 'A package source is used whose signing key the image does not have, so apt refuses it.',
    fix: 'Install the key below /usr/share/keyrings, readable by all, and name it in the source with Signed-By.',
    locate: (_clue, scene) => Promise.resolve(scene.stepPlace()),
  },
  {
    name: 'archive-key-rejected',
    match: /^E: Invalid Release signature/,
    certainty: 'likely',
    cause:
      "The archive's key in stage0/files is signed with SHA-1 only, which the build system's debootstrap no longer accepts.",
    fix: 'Take the current key file of pi-gen into stage0/files, or build another release.',
    locate: nowhere,
  },
  {
    name: 'download-failed',
    match: /^(?:E: Failed to fetch (\S+)|E: Couldn't download packages: |W: Retrying failed download of )/,
    certainty: 'likely',
    cause: 'A package could not be downloaded: the mirror or the network failed.',
    fix: 'Build again; where it stays so, check APT_PROXY and the mirror.',
    locate: nowhere,
  },
  {
    name: 'name-not-resolved',
    match: /(?:Temporary failure resolving '([^']+)'|Could not resolve host: (\S+))/,
    certainty: 'likely',
    cause: ({ match }) => `The name ${match[1] ?? match[2] ?? ''} could not be resolved during the build.`,
    fix: "Check the build container's network; in the chroot, /etc/resolv.conf must not be a link into /run.",
  },
  {
    name: 'apt-wants-an-answer',
    match: /^(?:Do you want to continue\? \[Y\/n\] )?Abort\.$/,
    certainty: 'certain',
    cause: 'apt asked whether to go on and nobody could answer.',
    fix: 'Call apt-get with -y.',
    locate: (_clue, scene) => placeOfWords(['apt-get', 'apt'], scene),
  },
];
