import { fileStart } from '../../pigen/text';
import type { Clue, FailureClass, Place } from '../failure-class';
import { parseBashMessage, placeOfMessage, placeOfWords } from '../script-lines';
import type { Scene } from '../scene';

function inChroot(clue: Clue, scene: Scene): boolean {
  const message = parseBashMessage(clue.text);
  return message === undefined ? scene.frame?.kind === 'run-chroot' : message.script === undefined;
}

/** The command of the open script that names what a tool complains about. */
function namedPlace(clue: Clue, scene: Scene): Promise<Place | undefined> {
  return placeOfWords([clue.match[1] ?? ''], scene);
}

function firstLine(_clue: Clue, scene: Scene): Promise<Place | undefined> {
  return Promise.resolve(scene.local && { file: scene.local.path, range: fileStart });
}

const scripts = ['run', 'run-chroot', 'prerun'] as const;

/** What the scripts of a stage do wrong. */
export const scriptClasses: readonly FailureClass[] = [
  {
    name: 'shell-interpreter',
    match: /(on_chroot|copy_previous|bootstrap|log): not found$/,
    during: ['run', 'prerun'],
    certainty: 'certain',
    cause: ({ match }) =>
      `The script runs in plain sh, which has none of pi-gen's functions: ${match[1] ?? 'on_chroot'} exists in bash only.`,
    fix: 'Begin the script with #!/bin/bash -e.',
    locate: firstLine,
  },
  {
    name: 'line-endings',
    match: /(?:\/bash: -\s*: invalid option|'bash\\r'|\$'\\r': command not found|\$'.*\\r')/,
    during: scripts,
    certainty: 'certain',
    cause:
      "The script has Windows line endings, and bash takes the extra character for part of each line's last word.",
    fix: 'Convert it to LF, and keep it so with "* text=auto eol=lf" in .gitattributes.',
    locate: async (clue, scene) => (await placeOfMessage(clue.text, scene)) ?? firstLine(clue, scene),
  },
  {
    name: 'on-chroot-arguments',
    // The bash that on_chroot starts as `bash -e WORD…` takes the word for a script file.
    match:
      /^(?:(?:\/(?:usr\/)?bin\/)?bash: )?(?!line )((?:\/\S+\/)?[^\s:]+): (?:\1: )?cannot execute binary file$/,
    during: ['run', 'prerun'],
    certainty: 'certain',
    cause: ({ match }) =>
      `on_chroot was given a command as arguments; it starts bash with them, and bash takes ${match[1] ?? 'the word'} for a script file.`,
    fix: 'Write on_chroot -c "command", or give it the commands in a heredoc.',
    locate: onChrootCall,
  },
  {
    name: 'missing-file',
    match:
      /(?:cannot stat|cannot open|can't read|cannot access) '?((?:\.\/)?files\/[^':]*)'?(?: for reading)?: No such file or directory/,
    certainty: 'certain',
    cause: (clue, scene) =>
      `${clue.match[1] ?? 'A file'} does not exist${scene.frame?.kind === 'run-chroot' ? ' inside the chroot: the files folder of the sub-stage is there only for scripts on the build host' : ' in the sub-stage, so the script cannot copy it'}.`,
    fix: (_clue, scene) =>
      scene.frame?.kind === 'run-chroot'
        ? 'Copy the file into "${ROOTFS_DIR}" in a NN-run.sh, which runs before the NN-run-chroot.sh of the same number.'
        : 'Add the file, or correct its path: it is relative to the folder of the sub-stage. Check that git does not ignore it.',
    locate: namedPlace,
  },
  {
    name: 'missing-folder',
    match: /cannot create (?:regular file|directory) '?[^']*\/rootfs(\/[^':]*)'?: No such file or directory/,
    certainty: 'certain',
    cause: ({ match }) =>
      `The folder that should hold ${match[1] ?? 'the file'} does not exist in the image.`,
    fix: 'Make it first (install -d, mkdir -p), or copy with install -D.',
    locate: (clue, scene) =>
      placeOfWords([(clue.match[1] ?? '').replace(/\/$/, ''), clue.match[1] ?? ''], scene),
  },
  {
    name: 'rootfs-in-chroot',
    match: /'?[^\s']*\/work\/[^\s']+\/rootfs\/[^\s':]*'?: No such file or directory/,
    during: ['run-chroot'],
    certainty: 'likely',
    cause:
      'The script runs inside the chroot and uses a path of the build host: ${ROOTFS_DIR} does not exist there.',
    fix: 'Drop ${ROOTFS_DIR} from the paths: inside the chroot, / is the image.',
    locate: async (clue, scene) =>
      (await placeOfMessage(clue.text, scene)) ?? placeOfWords(['ROOTFS_DIR'], scene),
  },
  {
    name: 'owner-name',
    match: /(?:install|chown|chgrp): invalid (?:user|group):? '?([^'\s]+)'?/,
    during: ['run', 'prerun'],
    certainty: 'certain',
    cause: ({ match }) =>
      `${match[1] ?? 'The owner'} is a user or group of the image; the build host, where this script runs, does not know the name.`,
    fix: 'Use numbers (1000:1000 is the first user), or change the owner in the chroot.',
    locate: namedPlace,
  },
  {
    name: 'pip-break-system',
    match: /^error: externally-managed-environment/,
    certainty: 'certain',
    cause: "pip refuses to install into the system's own Python (from bookworm on).",
    fix: 'Install the python3-… package with apt, or make a venv and use its pip.',
    locate: (_clue, scene) => placeOfWords(['pip3', 'pip'], scene),
  },
  {
    name: 'setcap-dropped',
    match: /unable to set CAP_SETFCAP effective capability/,
    certainty: 'certain',
    cause: 'pi-gen drops the capability that setcap needs before it enters the chroot.',
    fix: 'Set SETFCAP=1 in config (pi-gen-action: setfcap: 1).',
    locate: (_clue, scene) => placeOfWords(['setcap'], scene),
  },
  {
    name: 'service-in-chroot',
    match:
      /(?:System has not been booted with systemd as init system|Failed to connect to (?:system scope )?bus|Cannot connect to the Docker daemon)/,
    during: scripts,
    certainty: 'likely',
    cause: 'A command wants a running system, and no services run in the chroot during a build.',
    fix: 'Only enable the service here (systemctl enable); leave what needs it running to a unit for the first boot.',
    locate: async (clue, scene) =>
      (await placeOfMessage(clue.text, scene)) ??
      placeOfWords(['start', 'restart', '--now', 'hostnamectl', 'timedatectl', 'localectl', 'docker'], scene),
  },
  {
    name: 'syntax-error',
    match:
      /syntax error(?: near unexpected token .*|: unexpected end of file.*)|unexpected EOF while looking for matching/,
    certainty: 'certain',
    cause: 'bash cannot read the script: its syntax is broken at or before this line.',
    fix: 'Mend the syntax; often a quote, a "fi" or the line that ends a heredoc is missing.',
  },
  {
    name: 'command-not-found',
    match: /: ([^\s:]+): command not found$/,
    certainty: 'certain',
    cause: (clue, scene) =>
      inChroot(clue, scene)
        ? `${clue.match[1] ?? 'The command'} is not installed in the image at this point of the build.`
        : `${clue.match[1] ?? 'The command'} is not installed on the build host, where this script runs.`,
    fix: (clue, scene) =>
      inChroot(clue, scene)
        ? 'Add its package to a NN-packages file of this sub-stage with a number that is not higher, or of an earlier one.'
        : 'If it is meant for the image, run it in the chroot (NN-run-chroot.sh or on_chroot); else the build container needs its package.',
  },
  {
    name: 'unset-variable',
    match: /: ([A-Za-z_]\w*): unbound variable$/,
    certainty: 'certain',
    cause: ({ match }) => `The script uses the variable ${match[1] ?? ''}, and nothing sets it.`,
    fix: 'Set it in the script, or export it in config: pi-gen passes on only what is exported.',
  },
  {
    name: 'permission-denied',
    match: /line \d+: (\S+): Permission denied$/,
    certainty: 'likely',
    cause: ({ match }) =>
      `${match[1] ?? 'A file'} may not be run or written: most often a helper lacks its execute bit.`,
    fix: 'Set the execute bit, in git too: chmod +x and git update-index --chmod=+x.',
  },
  {
    name: 'old-boot-path',
    match: /(\/boot\/(?:config|cmdline)\.txt): No such file or directory/,
    certainty: 'likely',
    cause: ({ match }) =>
      `${match[1] ?? 'The file'} is not there: from bookworm on it lives in /boot/firmware.`,
    fix: 'Use /boot/firmware.',
    locate: namedPlace,
  },
];

async function onChrootCall(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const read = await scene.script();
  const name = clue.match[1] ?? '';
  const base = name.slice(name.lastIndexOf('/') + 1);
  const calls =
    read?.script?.commands.filter(
      (command) => command.name?.literal === 'on_chroot' && command.arguments.length > 0,
    ) ?? [];
  const call =
    calls.find(({ arguments: words }) => words[0]?.literal === name || words[0]?.literal === base) ??
    calls[0];
  if (read === undefined || call === undefined) return scene.stepPlace();
  return { file: read.path, range: read.lines.range(call.span) };
}
