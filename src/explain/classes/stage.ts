import { joinPath } from '../../pigen/files/path';
import { fileStart } from '../../pigen/text';
import type { Clue, FailureClass, Place } from '../failure-class';
import { atMessageOr, atName, atPrerun, atSetting, nowhere, settingPlace, stageNamed } from '../places';
import type { ReadScript, Scene } from '../scene';
import { isInBackground, commandsDeep } from '../../shell/queries';

/** The entry of the stage list that the message names. */
function atListEntry(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const name = (clue.match.groups?.['name'] ?? '').replace(/\/+$/, '');
  const base = name.slice(name.lastIndexOf('/') + 1);
  for (const { entries, file } of scene.tree?.stageLists ?? []) {
    const entry =
      entries.find(({ text }) => text === name || name.endsWith(`/${text}`)) ??
      entries.find(({ text }) => base !== '' && text.endsWith(base));
    if (entry?.range !== undefined && file !== undefined)
      return Promise.resolve({ file, range: entry.range });
  }
  return Promise.resolve(settingPlace(scene, ['STAGE_LIST'], ['stage-list']));
}

function atExport(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const stage =
    stageNamed(clue, scene) ??
    scene.tree?.stages.find(({ skip, exportImage, skipImages }) => skip && exportImage && !skipImages);
  return Promise.resolve(stage && { file: joinPath(stage.path, 'EXPORT_IMAGE'), range: fileStart });
}

const again =
  'A step ran a second time on a root file system that it had already changed: what it makes is there already.';
const cleanBuild =
  'Build with CLEAN=1 (for this stage and those after it), or write the command so that it may run twice: ln -sf, mkdir -p, install -D.';

/** Stages and their order, the stage list, and what is exported. */
export const stageClasses: readonly FailureClass[] = [
  {
    name: 'previous-rootfs-missing',
    signs: ['Previous stage rootfs not found'],
    match: /^Previous stage rootfs not found$/,
    says: 'Previous stage rootfs not found',
    certainty: 'certain',
    cause:
      'copy_previous found no root file system of the stage before this one in the stage list: it was skipped or failed before it was ever built, or its work folder has another name (IMG_NAME) or went with its container.',
    fix: 'Build the earlier stages once without SKIP, and keep the work folder (with Docker: PRESERVE_CONTAINER=1, then CONTINUE=1) between builds.',
    locate: atPrerun,
  },
  {
    name: 'stage-list',
    signs: [': pushd: ', 'realpath: '],
    match:
      /(?:build\.sh: line \d+: pushd: (?<name>(?!\$')\S+): No such file or directory|^realpath: '?(?<path>[^'\s]+)'?: No such file or directory$)/,
    says: './build.sh: line 89: pushd: /pi-gen/stage-kiosk: No such file or directory',
    certainty: 'likely',
    during: ['tree', 'stage'],
    when: (clue) => !/\/rootfs\/|export/.test(clue.match.groups?.['path'] ?? ''),
    cause: 'The stage list names a folder that does not exist where the build runs: {name}',
    fix: 'Correct the path in STAGE_LIST (relative ones count from the pi-gen tree); a stage outside the pi-gen tree must be mounted into the container at that path: PIGEN_DOCKER_OPTS="-v /abs:/abs".',
    locate: atListEntry,
  },
  {
    name: 'export',
    signs: ['du: cannot access'],
    match: /^du: cannot access '\S*\/(?<stage>[^/\s]+)\/rootfs': No such file or directory/,
    says: "du: cannot access '/pi-gen/work/kiosk/stage2/rootfs': No such file or directory",
    certainty: 'certain',
    cause:
      'The stage {stage} is exported, but its root file system was never built: EXPORT_IMAGE counts even where the stage has SKIP.',
    fix: 'Put SKIP_IMAGES beside the SKIP of that stage, or remove its EXPORT_IMAGE.',
    locate: atExport,
  },
  {
    name: 'export',
    signs: ['(standard_in) 1: syntax error', 'is outside of the device'],
    match: /(?:^\(standard_in\) 1: syntax error|^Error: The location \S+ is outside of the device)/,
    says: 'Error: The location 545259520 is outside of the device /pi-gen/work/kiosk/export-image/…-lite.img.',
    certainty: 'likely',
    cause:
      'The image was made without the size of a root file system: the stage that is exported was never built.',
    fix: 'Put SKIP_IMAGES beside the SKIP of that stage, or remove its EXPORT_IMAGE.',
    follows: ['export', 'mounted-proc'],
    locate: atExport,
  },
  {
    name: 'export',
    signs: ['EXPORT_IMAGE: line '],
    match: /EXPORT_(?:IMAGE|NOOBS): line (?<line>\d+): (?<words>.*)$/,
    says: '/pi-gen/stage2/EXPORT_IMAGE: line 1: -lite: command not found',
    certainty: 'certain',
    cause: 'bash cannot read an EXPORT_IMAGE, which it sources, at its line {line}: {words}',
    fix: 'Write IMG_SUFFIX="-name" without spaces around =; an empty file is fine, too.',
    locate: (clue, scene) => {
      const path = /^(\S+EXPORT_(?:IMAGE|NOOBS)): line/.exec(clue.text)?.[1];
      const file = path === undefined ? undefined : scene.paths.find(path)?.path;
      return Promise.resolve(file === undefined ? undefined : { file, range: fileStart });
    },
  },
  {
    name: 'config',
    signs: ['EXPORT_CONFIG_DIR invalid: ', 'realpath: '],
    match:
      /(?:^EXPORT_CONFIG_DIR invalid: (?<name>\S+)|^realpath: '?(?<path>[^'\s]*export[^'\s]*)'?: No such file)/,
    says: 'EXPORT_CONFIG_DIR invalid: /pi-gen/my-export does not exist',
    certainty: 'certain',
    during: ['outside', 'tree'],
    cause: 'EXPORT_CONFIG_DIR names a folder that does not exist where the build runs.',
    fix: 'Correct the path in config; a folder outside the pi-gen tree must be mounted into the container.',
    locate: atSetting(['EXPORT_CONFIG_DIR']),
  },
  {
    name: 'run-twice',
    signs: ['failed to create symbolic link', 'cannot create directory', ' already exists'],
    match:
      /(?:ln: failed to create symbolic link '(?<name>[^']+)': File exists|mkdir: cannot create directory '(?<folder>[^']+)': File exists|^fatal: destination path '(?<clone>[^']+)' already exists|(?:useradd: user|groupadd: group|addgroup: The group|adduser: The user) [`']?(?<owner>[\w-]+)' already exists)/,
    says: "ln: failed to create symbolic link '…/rootfs/etc/app.link': File exists",
    certainty: 'likely',
    during: ['run', 'run-chroot', 'prerun'],
    cause: `${again} Or two steps make the same thing.`,
    fix: cleanBuild,
    locate: (clue, scene) => {
      const { name, folder, owner, clone } = clue.match.groups ?? {};
      const word = (name ?? folder ?? owner ?? clone ?? '').replace(/^.*\/rootfs(?=\/)/, '');
      const last = word.slice(word.lastIndexOf('/') + 1);
      return atMessageOr(word, last, clone === undefined ? '' : 'git clone')(clue, scene);
    },
  },
  {
    name: 'run-twice',
    signs: ['does not exist'],
    match: /^(?:adduser|usermod|chpasswd|passwd): .*(?:[Uu]ser) [`']?(?<name>[\w-]+)' does not exist/,
    says: "adduser: The user `kiosk' does not exist.",
    certainty: 'guess',
    during: ['run', 'run-chroot'],
    cause:
      'The user {name} does not exist in this root file system: it may stem from an earlier build with another FIRST_USER_NAME.',
    fix: 'Build with CLEAN=1, and use $FIRST_USER_NAME in the place of a fixed name.',
    locate: atName,
  },
  {
    name: 'rootfs-half-made',
    signs: [
      'E: Could not open lock file /var/lib/dpkg/lock',
      'E: List directory /var/lib/apt/lists/partial is missing',
    ],
    match:
      /^E: (?:Could not open lock file \/var\/lib\/dpkg\/lock\S* - open \(2: |List directory \/var\/lib\/apt\/lists\/partial is missing)/,
    says: 'E: Could not open lock file /var/lib/dpkg/lock - open (2: No such file or directory)',
    certainty: 'likely',
    cause:
      "The stage's root file system is not whole, it lacks dpkg's own folders: an earlier build ended while it was copied, and prerun.sh passes over a rootfs that is there; or two builds share one work folder.",
    fix: 'Build with CLEAN=1, or delete the stage in the work folder. Give builds that run at once work folders, or containers, of their own.',
    follows: ['missing-copy-previous'],
    locate: nowhere,
  },
  {
    name: 'rootfs-still-mounted',
    signs: [' already mounted'],
    match: /^(?:mount: )?(?<name>\S*\/rootfs\/(?:proc|dev|dev\/pts|sys|run|tmp)): \S+ already mounted/,
    says: 'mount: /pi-gen/work/kiosk/stage0/rootfs/proc: proc already mounted on /proc.',
    certainty: 'likely',
    cause:
      'An earlier build that was broken off has left {name} mounted, and it cannot be mounted once more.',
    fix: 'Undo the mounts below the work folder (sudo umount -R), or start the machine anew; then build with CLEAN=1. Do not delete the work folder before that.',
    locate: nowhere,
  },
  {
    name: 'daemon-in-chroot',
    signs: ['target is busy', 'Do not try to delete this directory'],
    match:
      /(?:umount: (?<name>\S*\/rootfs\S*): target is busy|Failed to unmount .*Do not try to delete this directory)/,
    says: 'umount: /pi-gen/work/kiosk/stage2/rootfs/dev: target is busy.',
    certainty: 'certain',
    cause:
      'A program that a step of the stage started in the chroot is still running and keeps the root file system busy.',
    fix: 'Stop it at the end of the script that starts it (or of the package that does). Do not delete the work folder while it holds mount points.',
    locate: (_clue, scene) => backgroundCommand(scene),
  },
  {
    name: 'mounted-proc',
    signs: ['/rootfs/proc/', 'File too large'],
    match: /(?:^du: cannot \w+ .*\/rootfs\/proc\/|truncate: failed to truncate .*File too large)/,
    says: "truncate: failed to truncate '…/kiosk-lite.img' at 140742312165376 bytes: File too large",
    certainty: 'likely',
    cause:
      'The size of the image was counted with /proc of the root file system, which a program that still runs there kept mounted.',
    fix: 'Update the branch of pi-gen (it leaves /proc out now), and stop what the stages start in the chroot.',
    locate: nowhere,
  },
];

/** The last command of the stage's scripts that runs in the background. */
async function backgroundCommand(scene: Scene): Promise<Place | undefined> {
  const steps = scene.stage?.stage?.subStages.flatMap((subStage) => subStage.steps) ?? [];
  for (const step of steps.toReversed()) {
    if (step.kind !== 'run' && step.kind !== 'run-chroot') continue;
    const read = await scene.readScript(step.path, step.place);
    const found = read === undefined ? undefined : backgroundIn(read);
    if (found !== undefined) return found;
  }
  return scene.stepPlace();
}

function backgroundIn(read: ReadScript): Place | undefined {
  for (const { script, command } of read.script === undefined ? [] : commandsDeep(read.script)) {
    if (script.place !== 'chroot' || !isInBackground(command)) continue;
    return { file: read.path, range: read.lines.range(script.toFileSpan(command.span)) };
  }
  return undefined;
}
