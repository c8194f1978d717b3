import { branches } from '../../pigen/branches';
import type { BuildFacts, PreflightFacts } from './facts';
import type { Check, Verdict } from './verdict';
import { fail, fine, unknown, warning } from './verdict';

export const buildChecks: readonly Check[] = [
  { name: 'build', title: 'What is built', judge: prepared },
  { name: 'branch', title: 'Branch and release', judge: ofBuild(branchAndRelease) },
  { name: 'archive-key', title: 'Archive key', judge: ofBuild(archiveKey) },
  { name: 'paths', title: 'Paths', judge: ofBuild(paths) },
  { name: 'secrets', title: 'Secrets', judge: ofBuild(secrets) },
  { name: 'git', title: 'Git', judge: git },
];

function ofBuild(judge: (build: BuildFacts) => Verdict | undefined): Check['judge'] {
  return ({ build }) => (build?.ok === true ? judge(build.facts) : undefined);
}

function prepared({ build }: PreflightFacts): Verdict | undefined {
  if (build === undefined) return undefined;
  if (!build.ok) return fail(build.problem.message, build.problem.wayOut);
  const { treeRoot, stages } = build.facts;
  if (stages === undefined) return fine(`${treeRoot}, with stages that only bash can tell.`);
  const names = stages.map(({ name, skip }) => (skip ? `${name} (skipped)` : name));
  return fine(`${treeRoot}: ${names.join(', ')}.`);
}

function branchAndRelease({ branch, release }: BuildFacts): Verdict {
  if (branch === undefined) {
    return unknown(
      'The tree is of no branch of pi-gen that is known here, so its release and architecture are not either.',
    );
  }
  const made = `The branch ${branch.name} makes ${branch.release} for ${branch.architecture}`;
  if (release === undefined || release === branch.release) return fine(`${made}.`);
  const other = branches.find((one) => one.release === release && one.architecture === branch.architecture);
  return warning(
    `${made}, but the config asks for RELEASE=${release}. The stages of the branch name packages of its own release: "RELEASE does not match the intended option for this branch".`,
    `Leave RELEASE out of the config${other === undefined ? '' : `, or take the branch that makes ${release}: \`git switch ${other.name}\``}.`,
  );
}

/**
 * The key 9165938D90FDDD2E has no signatures of itself but those of 2012, made with SHA-1, which the policy of trixie's
 * sqv takes no longer. pi-gen's branches for arm64 bootstrap from Debian's own archive.
 */
function archiveKey({ branch, release, rejectedKey, bootstraps }: BuildFacts): Verdict | undefined {
  if (!bootstraps || branch?.architecture !== 'armhf') return undefined;
  if ((release ?? branch.release) !== 'trixie') return undefined;
  if (!rejectedKey) return fine('stage0/files/raspberrypi.gpg is not the one that is rejected.');
  return fail(
    'stage0/files/raspberrypi.gpg holds the archive key whose signatures are SHA-1 only, which trixie rejects: stage0 ends with "E: Invalid Release signature".',
    'Take the newer one of RPi-Distro/pi-gen (pull request 863). In the tree: `git fetch https://github.com/RPi-Distro/pi-gen master && git checkout FETCH_HEAD -- stage0/files/raspberrypi.gpg`. Or build the branch arm64 or bookworm.',
  );
}

function paths({ treeRoot, stages }: BuildFacts): Verdict {
  const spaced = stages?.find(({ name }) => /\s/.test(name));
  if (spaced !== undefined) {
    return fail(
      `The stage "${spaced.name}" has a space in its name. build.sh splits the stage list at spaces, so it finds no such stage.`,
      'Rename its folder.',
    );
  }
  return /\s/.test(treeRoot)
    ? warning(
        `There is a space in ${treeRoot}. Builds from here copy the tree to /pi-gen and do not mind; build.sh and build-docker.sh started there by hand stop at once.`,
        'Move the tree to a path without spaces if you want to run them too.',
      )
    : fine('No space in the way.');
}

function secrets({ unmasked = [] }: BuildFacts): Verdict {
  if (unmasked.length === 0)
    return fine('No password of the config is worked out by bash, so logs hide them.');
  return warning(
    `Only bash can tell the value of ${unmasked.join(', ')}, which the config works out. Where a step prints it, the log shows it.`,
    'Write the value into the config as plain text (in a file that git ignores), or see that no step prints it.',
  );
}

function git({ program, build }: PreflightFacts): Verdict {
  const hash = build?.ok === true ? build.facts.gitHash : undefined;
  const stands = hash === undefined ? '' : ` The tree stands on ${hash.slice(0, 12)}.`;
  if (program.git !== undefined) return fine(`${program.git}.${stands}`);
  return warning(
    `There is no git on this machine.${stands} A build needs none, but pi-gen cannot be cloned or updated from here.`,
    'Install git (`sudo apt install git`, or https://git-scm.com/downloads) if pi-gen shall be fetched for you; otherwise name a folder that holds it.',
  );
}
