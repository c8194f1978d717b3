import { branchOfVersion, findBranch } from './branches';
import { staticValue } from './config/config';
import type { StageTree } from './tree/stage-tree';
import { inputValue } from './workflow/workflow';

const releases = ['jessie', 'stretch', 'buster', 'bullseye', 'bookworm', 'trixie', 'forky'] as const;

/** A Debian release that pi-gen makes or made, or will. */
export type Release = (typeof releases)[number];

/**
 * The Debian release that a tree builds: by its config, else by its workflow, else by its branch of pi-gen. Undefined where
 * none of them says so, or where those of one kind disagree.
 */
export function releaseOf(tree: StageTree): Release | undefined {
  const configured = tree.configs
    .filter(({ assignments }) => assignments.some(({ name }) => name === 'RELEASE'))
    .map((config) => staticValue(config, 'RELEASE'));
  if (configured.length > 0) return agreed(configured);
  const steps = tree.workflows.flatMap(({ steps: all }) => all);
  const inputs = steps.flatMap((step) =>
    step.inputs.filter(({ name }) => name === 'release').map(({ value }) => value),
  );
  if (inputs.length > 0) return agreed(inputs);
  const versions = steps.flatMap((step) => inputValue(step, 'pi-gen-version') ?? []);
  if (versions.length > 0)
    return agreed(versions.map((version) => findBranch(branchOfVersion(version))?.release));
  return agreed([findBranch(tree.branch)?.release]);
}

function agreed(found: readonly (string | undefined)[]): Release | undefined {
  const [first, ...others] = found;
  return others.every((other) => other === first) ? findRelease(first) : undefined;
}

/** The release of a name; undefined for every other word. */
export function findRelease(name: string | undefined): Release | undefined {
  return releases.find((release) => release === name);
}

/** Whether a release is that one or a later one. */
export function isSince(release: Release | undefined, first: Release): boolean {
  return release !== undefined && releases.indexOf(release) >= releases.indexOf(first);
}
