import type { Clue, FailureClass } from '../failure-class';
import { atMessageOr, atWords, nowhere } from '../places';
import { parseBashMessage } from '../script-lines';
import type { Scene } from '../scene';

function inChroot(clue: Clue, scene: Scene): boolean {
  const message = parseBashMessage(clue.text);
  return message === undefined ? scene.frame?.kind === 'run-chroot' : message.script === undefined;
}

const scripts = ['run', 'run-chroot', 'prerun', 'postrun'] as const;

/** What the chroot lacks: services, the image's own kernel, a capability, commands that come later. */
export const chrootClasses: readonly FailureClass[] = [
  {
    name: 'pip-break-system',
    signs: ['externally-managed-environment'],
    match: /^(?:error|\u00d7)?:? ?(?:error: )?externally-managed-environment/,
    says: 'error: externally-managed-environment',
    certainty: 'certain',
    cause: "pip refuses to install into the system's own Python (from bookworm on).",
    fix: 'Install the python3-… package with apt, or make a venv (in /opt, say) and use its pip.',
    locate: atWords('pip3', 'pip'),
  },
  {
    name: 'python-package-missing',
    signs: ['No matching distribution found for ', 'Could not find a version that satisfies'],
    match:
      /^ERROR: (?:No matching distribution found for|Could not find a version that satisfies the requirement) (?<name>[^\s(]+)/,
    says: 'ERROR: No matching distribution found for acme==9.9',
    during: scripts,
    certainty: 'likely',
    cause:
      'pip finds no {name} that can be installed here: the name or the version does not exist, needs another Python, or has no build for this processor; or the index cannot be reached.',
    fix: 'Check the name and the version on PyPI and piwheels, loosen the version, or install python3-… with apt.',
    follows: ['name-not-resolved', 'certificates-missing'],
    locate: (clue, scene) => {
      const name = clue.match.groups?.['name'] ?? '';
      return atMessageOr(name, name.replace(/[=<>!~[].*$/, ''), 'pip3', 'pip')(clue, scene);
    },
  },
  {
    name: 'python-module-missing',
    signs: ['No module named '],
    match:
      /^(?:(?:ModuleNotFoundError|ImportError): No module named '?(?<name>[\w.]+)|\S*python[\d.]*: No module named (?<module>[\w.]+))/,
    says: "ModuleNotFoundError: No module named 'yaml'",
    during: scripts,
    certainty: 'likely',
    cause: 'The Python that runs here has no module {name}.',
    fix: 'Install the package that brings it (most are called python3-…) in a NN-packages before this step; or, where it lies in a venv, run the python of that venv.',
    locate: atWords('python3', 'python', 'pip3', 'pip'),
  },
  {
    name: 'node-version',
    signs: ['EBADENGINE', 'npm error notsup', 'npm ERR! notsup'],
    match: /^npm (?:error|ERR!) (?:code EBADENGINE|notsup (?:Required|Not compatible))/,
    says: 'npm error code EBADENGINE',
    during: scripts,
    certainty: 'certain',
    cause:
      'The package asks for another version of Node.js than the image has; the log tells both, behind “notsup”.',
    fix: 'Install a newer Node.js before (from nodesource.com, with its own repository and key), or a release of the package that goes with this one.',
    locate: atWords('npm', 'npx', 'yarn'),
  },
  {
    name: 'chroot-broken',
    signs: ["execve '/bin/bash' failed"],
    match: /^execve '\/bin\/bash' failed!/,
    says: "execve '/bin/bash' failed!",
    certainty: 'likely',
    cause:
      'The bash of the image cannot be started: it is not there, or the loader below /lib that it needs is not. Either a step has put a folder in the place of one of the links /bin, /lib and /sbin (rsync or tar, with lib/ in what they copy onto ${ROOTFS_DIR}); or the root file system was never whole, since an earlier build ended while it was copied.',
    fix: 'Keep such files below usr (files/usr/lib in the place of files/lib); then build with CLEAN=1, or with the folder of the stage in the work folder deleted.',
    locate: nowhere,
  },
  {
    name: 'setcap-dropped',
    signs: ['CAP_SETFCAP', 'Failed to set capabilities on file'],
    match: /(?:unable to set CAP_SETFCAP effective capability|Failed to set capabilities on file)/,
    says: 'unable to set CAP_SETFCAP effective capability: Operation not permitted',
    certainty: 'certain',
    cause: 'pi-gen drops the capability that setcap needs before it enters the chroot.',
    fix: 'Set SETFCAP=1 in config (pi-gen-action: setfcap: 1).',
    locate: atWords('setcap'),
  },
  {
    name: 'service-in-chroot',
    signs: [
      'System has not been booted with systemd',
      'Failed to connect to bus',
      'scope bus',
      'Cannot connect to the Docker daemon',
      'Failed to connect to socket',
      "Can't connect to local",
    ],
    match:
      /(?:System has not been booted with systemd as init system|Failed to connect to (?:system scope )?bus|Cannot connect to the Docker daemon|Failed to connect to socket \/(?:var\/)?run\/dbus|Can't connect to local (?:MySQL|MariaDB|server))/,
    says: "System has not been booted with systemd as init system (PID 1). Can't operate.",
    during: [...scripts, 'packages', 'packages-nr'],
    certainty: 'likely',
    cause: 'A command wants a running system, and no services run in the chroot during a build.',
    fix: 'Only enable the service here (systemctl enable); leave what needs it running (docker pull, hostnamectl, ufw, a database) to a unit for the first boot.',
    locate: atMessageOr(
      'hostnamectl',
      'timedatectl',
      'localectl',
      'loginctl',
      'docker',
      'mysql',
      'mariadb',
      'ufw',
      'start',
      'restart',
      '--now',
    ),
  },
  {
    name: 'chroot-kernel',
    signs: ['not found in directory /lib/modules/'],
    match:
      /^(?:modprobe|depmod|modinfo): (?:FATAL|ERROR): .*(?:Module (?!nbd |binfmt_misc )(?<name>\S+) )not found in directory \/lib\/modules\/(?<kernel>\S+)/,
    says: 'modprobe: FATAL: Module i2c-dev not found in directory /lib/modules/6.8.0-1-amd64',
    during: [...scripts, 'packages', 'packages-nr'],
    certainty: 'certain',
    cause:
      'In the chroot the kernel is still that of the build host ({kernel}): its modules are not those of the image, and none can be loaded.',
    fix: "Leave loading to the image: a file in /etc/modules-load.d. To build for the image's kernels, go through the folders of /lib/modules instead of uname -r.",
    locate: atMessageOr('modprobe', 'uname', 'depmod', 'dkms'),
  },
  {
    name: 'chroot-kernel',
    signs: ['linux-headers-', 'Your kernel headers for kernel', 'build your kernel headers'],
    match:
      /(?:Your kernel headers for kernel (?<kernel>\S+) cannot be found|Unable to locate package linux-headers-(?<version>\S+))/,
    says: 'Error! Your kernel headers for kernel 6.8.0-1-amd64 cannot be found.',
    during: [...scripts, 'packages', 'packages-nr'],
    certainty: 'likely',
    when: (clue) => /(?:amd64|generic|azure|aws|gcp|WSL|linuxkit|cannot be found)/.test(clue.text),
    cause: 'A module is built for the kernel of the build host, which uname -r names in the chroot, too.',
    fix: "Name the image's kernels: dkms with -k, for each folder of /lib/modules.",
    locate: atMessageOr('uname', 'dkms', 'linux-headers'),
  },
  {
    name: 'command-not-found',
    signs: [': command not found'],
    match: /: (?<name>curl|wget|gpg|git|unzip|xz|lsb_release|add-apt-repository): command not found$/,
    says: '/bin/bash: line 2: gpg: command not found',
    during: scripts,
    certainty: 'certain',
    when: inChroot,
    cause:
      '{name} is not installed in the image at this point of the build: pi-gen’s stage2 or a later step brings it, if any does.',
    fix: 'Add the package that has it (curl, wget, gnupg, git, unzip, …) to a NN-packages of this sub-stage with a number that is not higher, or of an earlier one.',
    locate: atMessageOr(),
  },
  {
    name: 'command-not-found',
    signs: [': command not found', ': not found'],
    match: /: (?<name>[^\s:]+): (?:command )?not found$/,
    says: '/bin/bash: line 5: frobnicate: command not found',
    during: scripts,
    certainty: 'certain',
    when: inChroot,
    cause: '{name} is not installed in the image at this point of the build.',
    fix: 'Add its package to a NN-packages of this sub-stage with a number that is not higher, or of an earlier one; or correct the name.',
    follows: ['line-endings', 'heredoc-host-expansion'],
  },
  {
    name: 'command-not-found',
    signs: [': command not found', ': not found'],
    match: /: (?<name>[^\s:]+): (?:command )?not found$/,
    says: './00-run.sh: line 4: systemd-firstboot: command not found',
    during: scripts,
    certainty: 'certain',
    cause: '{name} is not installed on the build host, where this script runs.',
    fix: 'If it is meant for the image, run it in the chroot (NN-run-chroot.sh or on_chroot); else the build container needs its package.',
    follows: ['line-endings'],
  },
  {
    name: 'sudo-password',
    signs: ['sudo: '],
    match: /^sudo: (?<name>a terminal is required|no tty present|a password is required)/,
    says: 'sudo: a terminal is required to read the password',
    during: scripts,
    certainty: 'certain',
    cause: 'sudo asks for a password, and nobody can answer. pi-gen’s scripts run as root already.',
    fix: 'Drop sudo, or use runuser -u USER -- COMMAND to run something as the first user.',
    locate: atWords('sudo'),
  },
  {
    name: 'git-credentials',
    signs: ['could not read Username', 'could not read Password', 'Permission denied (publickey'],
    match:
      /(?:^fatal: could not read (?:Username|Password) for '(?<name>[^']+)'|^(?<host>\S+@\S+): Permission denied \(publickey)/,
    says: "fatal: could not read Username for 'https://github.com': No such device or address",
    during: scripts,
    certainty: 'certain',
    cause:
      'git asks for a user name or a key, and nobody can answer: the repository is private, or there is none of that name.',
    fix: 'Correct the address. For a private repository, clone it before the build and copy it from files/, so that no key gets into the image.',
    locate: atWords('git clone', 'git'),
  },
  {
    name: 'missing-folder',
    signs: ['No such file or directory'],
    match: /^fatal: could not create work tree dir '(?<name>[^']+)': No such file or directory/,
    says: "fatal: could not create work tree dir '/opt/app': No such file or directory",
    during: scripts,
    certainty: 'likely',
    cause: 'git cannot make the folder {name}: the one that should hold it is not there.',
    fix: 'Make it first with mkdir -p.',
    locate: atWords('git clone', 'git'),
  },
];
