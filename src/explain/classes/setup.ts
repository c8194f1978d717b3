import { LineIndex } from '../../pigen/text';
import type { Clue, FailureClass, Place } from '../failure-class';
import { atMessageOr, atPackage, atStep, atWords } from '../places';
import { lineRange } from '../scene';
import type { Scene } from '../scene';

/** The first line of the open NN-debconf with what a shell expands: the one that holds what the message names, if any does. */
async function atExpansion(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const path = scene.local?.path;
  const text = path === undefined ? undefined : await scene.readText(path);
  if (path === undefined || text === undefined) return scene.stepPlace();
  const lines = new LineIndex(text);
  const name = clue.match.groups?.['name'];
  const expanded = text
    .split('\n')
    .map((content, line) => ({ content, line }))
    .filter(({ content }) => /(?<!\\)[$`]/.test(content));
  const found = expanded.find(({ content }) => name !== undefined && content.includes(name)) ?? expanded[0];
  return found === undefined ? scene.stepPlace() : { file: path, range: lineRange(lines, text, found.line) };
}

/** How packages are set up once they are unpacked: their scripts, their questions, the initramfs. */
export const setupClasses: readonly FailureClass[] = [
  {
    name: 'package-setup-failed',
    signs: ['dpkg: error processing package '],
    match: /^dpkg: error processing package (?<name>\S+) \(--(?:configure|install|unpack|remove)\)/,
    says: 'dpkg: error processing package docker.io (--configure):',
    certainty: 'likely',
    cause:
      'A script of the package {name} itself failed in the chroot, where no services run and the kernel is that of the machine that builds (packages ending in -dkms).',
    fix: 'Look at the lines above the message. What needs a running system belongs into a service for the first boot.',
    follows: [
      'package-dependencies',
      'wrong-architecture',
      'host-qemu-crash',
      'disk-full',
      'runner-disk-full',
      'boot-partition-full',
      'image-full',
      'initramfs',
      'download-failed',
    ],
    locate: atPackage,
  },
  {
    name: 'package-setup-failed',
    signs: ['E: Sub-process /usr/bin/dpkg returned an error code'],
    match: /^E: Sub-process \/usr\/bin\/dpkg returned an error code/,
    says: 'E: Sub-process /usr/bin/dpkg returned an error code (1)',
    certainty: 'guess',
    cause: 'dpkg could not install or set up a package; the lines above the message name it.',
    fix: 'Look below “Errors were encountered while processing” for the package, and above for its own words.',
    follows: [
      'package-setup-failed',
      'host-qemu-crash',
      'disk-full',
      'runner-disk-full',
      'boot-partition-full',
      'image-full',
      'initramfs',
    ],
    locate: atStep,
  },
  {
    name: 'packages-file',
    signs: ['Configuring '],
    match: /^ *(?:[\u2502|\u2524]? *)?Configuring (?<name>[\w.+-]+)(?: *[\u251c|])?$/,
    says: 'Configuring iptables-persistent (and nothing after it but the question)',
    certainty: 'likely',
    during: ['packages', 'packages-nr', 'run', 'run-chroot'],
    // A question and its choices; a build that went on after it has more to say.
    when: (clue, scene) => scene.linesAfter(clue) < 25,
    cause:
      'The package {name} asked a question, and nobody could answer: pi-gen leaves questions on, so the build stood still.',
    fix: 'Answer it beforehand in a NN-debconf of a lower or the same number, or install the package with DEBIAN_FRONTEND=noninteractive.',
    locate: atPackage,
  },
  {
    name: 'debconf-file',
    signs: ['bad substitution', 'unexpected EOF while looking', 'syntax error'],
    match:
      /^(?:\/(?:usr\/)?bin\/)?bash: line \d+: .*(?:bad substitution|unexpected EOF while looking|syntax error)/,
    says: '/bin/bash: line 1: bad substitution: no closing "`" in `s nice',
    certainty: 'certain',
    during: ['debconf'],
    cause:
      'A shell reads the answers before debconf does: what follows a $ or stands between backticks is expanded there, and here it cannot be.',
    fix: 'Write \\$ for each $ and \\` for each ` that the answer itself is to hold.',
    locate: atExpansion,
  },
  {
    name: 'debconf-file',
    signs: [': command not found'],
    match: /^(?:\/(?:usr\/)?bin\/)?bash: line \d+: (?<name>.+): command not found$/,
    says: '/bin/bash: line 1: fast: command not found (in a NN-debconf)',
    certainty: 'certain',
    during: ['debconf'],
    remark: true,
    cause:
      'A shell reads the answers before debconf does, and ran {name}, which stands there between backticks or in $( ): debconf got another answer than the one that is written.',
    fix: 'Write \\$ for each $ and \\` for each ` that the answer itself is to hold.',
    locate: atExpansion,
  },
  {
    name: 'debconf-file',
    signs: ['error: parse error on line', 'error: Cannot find a question', 'error: parse error'],
    match: /^error: (?:parse error on line (?<line>\d+)|Cannot find a question for (?<name>\S+))/,
    says: "error: parse error on line 2: 'app app/mode'",
    certainty: 'certain',
    during: ['debconf'],
    cause: 'debconf-set-selections cannot read an answer: it wants owner, question, type and value.',
    fix: 'Write the answer as “owner question type value”, and \\$ for each $: a shell reads the file first.',
    locate: async (clue, scene) => {
      const path = scene.local?.path;
      const text = path === undefined ? undefined : await scene.readText(path);
      const line = Number(clue.match.groups?.['line']) - 1;
      if (path === undefined || text === undefined || Number.isNaN(line)) return scene.stepPlace();
      const lines = new LineIndex(text);
      if (line >= lines.lineCount) return scene.stepPlace();
      return { file: path, range: lineRange(lines, text, line) };
    },
  },
  {
    name: 'initramfs',
    signs: [
      'MODULES dep requires mounted sysfs',
      'failed to determine device for',
      'update-initramfs: failed for',
    ],
    match:
      /(?:MODULES dep requires mounted sysfs|mkinitramfs: failed to determine device for|update-initramfs: failed for (?<name>\S+))/,
    says: 'mkinitramfs: failed to determine device for /',
    certainty: 'likely',
    cause:
      'An initramfs was to be made in the chroot, where the root device cannot be found (MODULES=dep) or /boot/firmware has no room.',
    fix: 'Leave MODULES=most until the image is exported, and do not switch update_initramfs on again: pi-gen makes the initramfs in export-image.',
    follows: ['boot-partition-full', 'image-full', 'disk-full', 'runner-disk-full'],
    locate: atMessageOr('MODULES=dep', 'update-initramfs', 'mkinitramfs', 'initramfs.conf'),
  },
  {
    name: 'apt-lock',
    signs: ['Could not get lock '],
    match: /^E: Could not get lock (?<name>\S+)/,
    says: 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (apt-get)',
    certainty: 'certain',
    cause:
      'Another apt or dpkg works on the same system at the same time: one that a script left in the background, or the build host’s own.',
    fix: 'Let each apt end before the next begins; on the build host itself, wait for its own updates.',
    locate: atWords('apt-get', 'apt', 'dpkg'),
  },
];
