import { joinPath } from '../../pigen/path';
import { fileStart } from '../../pigen/text';
import { nowhere } from '../failure-class';
import type { Clue, FailureClass, Place } from '../failure-class';
import type { Scene } from '../scene';

/** The patch that quilt names, in the open NN-patches. */
async function patchPlace(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const folder = scene.local?.path;
  const name = /([^/\s]+)(?: does not apply| can be reverse-applied|$)/.exec(clue.match[1] ?? '')?.[1];
  if (folder === undefined || scene.frame?.kind !== 'patches') return scene.stepPlace();
  const file = name === undefined ? undefined : joinPath(folder, name);
  if (file !== undefined && (await scene.readText(file)) !== undefined) return { file, range: fileStart };
  return scene.stepPlace();
}

function prerunPlace(_clue: Clue, scene: Scene): Promise<Place | undefined> {
  const stage = scene.stage?.stage;
  return Promise.resolve(
    stage === undefined ? scene.stepPlace() : { file: stage.prerun?.path ?? stage.path, range: fileStart },
  );
}

/** Stages and their order, patches, the stage list and the config. */
export const stageClasses: readonly FailureClass[] = [
  {
    name: 'previous-rootfs-missing',
    match: /^Previous stage rootfs not found$/,
    certainty: 'certain',
    cause:
      'copy_previous found no root file system of the stage before this one in the stage list: it was skipped or failed before it was ever built.',
    fix: 'Build the earlier stages once without SKIP, and keep the work folder (or the container) between builds.',
    locate: prerunPlace,
  },
  {
    name: 'patch-failed',
    match: /^Patch (\S+ (?:does not apply|can be reverse-applied))/,
    during: ['patches'],
    certainty: 'certain',
    cause:
      'A patch does not fit the files of the image: they have changed since it was made, or it was applied before.',
    fix: 'Make the patch anew against the current files; for a stage that is built again, set CLEAN=1.',
    locate: patchPlace,
  },
  {
    name: 'patch-failed',
    match: /(?:malformed patch at line \d+|can't find file to patch at input line \d+)/,
    during: ['patches'],
    certainty: 'certain',
    cause: 'A patch cannot be read or names a file that the image does not have.',
    fix: 'Make the patch anew with quilt; paths in it begin with rootfs/.',
    locate: patchPlace,
  },
  {
    name: 'patches',
    match: /(?:No series file found|^File series .* not found)/,
    during: ['patches'],
    certainty: 'certain',
    cause: 'The folder of patches has no series file, which tells quilt the patches and their order.',
    fix: 'Add a file called series with the name of each patch on its own line.',
    locate: (_clue, scene) => Promise.resolve(scene.stepPlace()),
  },
  {
    name: 'stage-list',
    match:
      /(?:build\.sh: line \d+: pushd: (\S+): No such file or directory|^realpath: (\S*stage\S*): No such file or directory$)/,
    during: ['outside', 'tree', 'stage'],
    certainty: 'likely',
    cause: ({ match }) =>
      `The stage list names ${match[1] ?? match[2] ?? 'a folder'}, which does not exist where the build runs.`,
    fix: 'Correct the path in STAGE_LIST; a stage outside the pi-gen tree must be in the container at that path.',
    locate: nowhere,
  },
  {
    name: 'stage-list',
    match: /stage-list must contain valid pi-gen stage names/,
    certainty: 'certain',
    cause: 'An entry of stage-list is neither one of stage0 to stage5 nor a folder of the workspace.',
    fix: 'Give paths relative to the root of the repository, and check it out before the action runs.',
    locate: nowhere,
  },
  {
    name: 'config',
    match: /^(?:\.?\/?config|.*\/config): line (\d+): (.*)$/,
    certainty: 'certain',
    cause: ({ match }) => `bash could not read the config at its line ${match[1] ?? ''}: ${match[2] ?? ''}.`,
    fix: 'Write NAME=value without spaces around =, and quote values that hold spaces.',
    locate: nowhere,
  },
  {
    name: 'config',
    match:
      /^(Invalid FIRST_USER_NAME: .*|To disable user rename on first boot, FIRST_USER_PASS needs to be set|"?WPA_PASSWORD"? must be between 8 and 63 characters|Must set 'PUBKEY_SSH_FIRST_USER' .*|Could not reach APT_PROXY server: .*|EXPORT_CONFIG_DIR invalid: .*|IMG_NAME not set.*|There is a space in the base path of pi-gen)/,
    certainty: 'certain',
    cause: ({ match }) => `pi-gen refuses the config: ${match[1] ?? ''}.`,
    fix: 'Correct the value in config.',
    locate: nowhere,
  },
  {
    name: 'rootfs-busy',
    match: /(?:umount: .*rootfs.*: target is busy|Failed to unmount .*Do not try to delete this directory)/,
    certainty: 'likely',
    cause:
      'A program that a step started in the chroot is still running and keeps the root file system busy.',
    fix: 'Stop it at the end of the script. Do not delete the work folder while it holds mount points.',
  },
  {
    name: 'export-of-unbuilt-stage',
    match: /^du: cannot access '.*\/rootfs': No such file or directory/,
    certainty: 'certain',
    cause:
      'A stage is exported whose root file system was never built: EXPORT_IMAGE counts even where the stage has SKIP.',
    fix: 'Put SKIP_IMAGES beside the SKIP of that stage, or remove its EXPORT_IMAGE.',
    locate: nowhere,
  },
];
