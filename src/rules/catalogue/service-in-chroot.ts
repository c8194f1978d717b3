import type { Fix, Severity } from '../../pigen/finding';
import { programsOf } from '../../shell/queries';
import type { Command, Script, Word } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import type { Invocation } from '../../shell/shell-invocation';
import { placeOf } from '../../shell/place-at';
import { isSwallowed } from '../knowledge/missed-end';
import { definesFunction, fileSpanToEdit, textOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';

export const serviceInChroot: Rule = {
  name: 'service-in-chroot',
  severity: 'warning',
  summary: 'A command inside the chroot that needs a running system: services, the kernel, the network.',
  page: {
    why: `\`on_chroot\` (scripts/common) starts a bash in the image's root file system, and nothing else runs there: no systemd, no D-Bus, no
Docker. The kernel is the build host's: what changes it changes that machine.`,
    build: `\`systemctl start\` says \`Running in chroot, ignoring command 'start'\`, and \`service x start\` starts nothing of use. \`hostnamectl\`
and \`timedatectl\` fail: \`System has not been booted with systemd as init system\`. \`sysctl -p\` and \`iptables\` change the build host or
fail, and none of it is in the image. \`modprobe\` looks for modules of the build host's kernel; \`mount /boot\` finds no partition, since
they are made when the image is exported (export-image/prerun.sh).`,
    fix: `Say what shall happen when the image boots: \`systemctl enable app\` in place of \`start\`; \`echo app > /etc/hostname\`; \`ln -sf\` to
\`/etc/localtime\`; a file in \`/etc/sysctl.d\`; rules in \`/etc/nftables.conf\`; a unit that loads containers on the first boot. The quick fix
writes \`enable\` for \`start\`, and drops \`--now\`.`,
    silent: [
      '`systemctl enable`, `disable`, `mask`, `set-default`, `daemon-reload`, `is-enabled`, and anything with `--root`',
      'a service command under a test for a running systemd',
      'unit files, sudoers lines and other texts that name these commands',
      '`service x stop` and `/etc/init.d/x stop`: they end what the installation of a package has started',
      'what a script mounts for itself: `mount -t tmpfs`, `mount --bind`, `umount /proc`; a list by `mount` or `modprobe -n`',
      '`|| true` behind it: information only',
    ],
    bad: { tree: 'bad-services', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-services', show: 'stage-app/00-service/00-run-chroot.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (
      !/systemctl|service|init\.d|hostnamectl|timedatectl|localectl|loginctl|sysctl|tables|docker|mount|modprobe|insmod|rmmod|\bufw\b/.test(
        file.text,
      )
    )
      return;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'chroot' || isSwallowed(program)) continue;
      for (const command of program.commands) {
        const invocation = invocationOf(command);
        if (invocation === undefined || definesFunction(program, invocation.name)) continue;
        const problem = problemOf(invocation);
        if (problem === undefined || placeOf(program, invocation.nameWord.span) !== 'chroot') continue;
        if (isGuarded(program, command)) continue;
        // The script brings an engine of its own.
        if (invocation.name === 'docker' && file.text.includes('dockerd')) continue;
        const end = invocation.arguments.at(-1)?.span.end ?? invocation.nameWord.span.end;
        yield {
          message: problem.message,
          severity: severityOf(program, command),
          file: file.path,
          span: program.toFileSpan({ start: invocation.nameWord.span.start, end }),
          fixes: [...systemctlFix(file, program, invocation)],
        };
      }
    }
  },
};

interface Problem {
  readonly message: string;
}

const starting = new Set([
  ...['start', 'stop', 'restart', 'reload', 'try-restart', 'reload-or-restart', 'kill', 'isolate'],
  ...['force-reload'],
]);

function problemOf({ name, nameWord, arguments: words }: Invocation): Problem | undefined {
  const literals = words.map(({ literal }) => literal);
  const operands = literals.filter((literal) => literal?.startsWith('-') === false);
  const verb = operands[0];
  if (words.some(({ text }) => /^--(?:root|image|global|help|version)\b/.test(text))) return undefined;
  switch (name) {
    case 'systemctl':
      if (starting.has(verb ?? '')) {
        return problem(
          `systemctl ${verb ?? ''}`,
          'does nothing: no systemd runs in there',
          verb === 'stop'
            ? 'Nothing runs that it could stop: remove it, and disable or mask the unit where it is not to start at boot.'
            : 'Enable the unit, and it starts when the image boots.',
        );
      }
      return (verb === 'enable' || verb === 'disable') && literals.includes('--now')
        ? problem(
            `systemctl ${verb} --now`,
            'cannot start or stop anything and fails: no systemd runs in there',
            'Drop --now.',
          )
        : undefined;
    case 'service':
      return starting.has(operands[1] ?? '') && operands[1] !== 'stop'
        ? problem(
            `service ${verb ?? ''} ${operands[1] ?? ''}`,
            'has no effect on the image: it ends with the build at the latest',
            'Enable the unit, and it starts when the image boots.',
          )
        : undefined;
    case 'hostnamectl':
      return isQuery(verb)
        ? undefined
        : problem(
            name,
            'fails: no systemd runs in there',
            'Write /etc/hostname and /etc/hosts, or set TARGET_HOSTNAME in config.',
          );
    case 'timedatectl':
      return isQuery(verb)
        ? undefined
        : problem(
            name,
            'fails: no systemd runs in there',
            'Write /etc/timezone and /etc/localtime, or set TIMEZONE_DEFAULT in config.',
          );
    case 'localectl':
      return isQuery(verb)
        ? undefined
        : problem(
            name,
            'fails: no systemd runs in there',
            'Write /etc/default/locale and /etc/default/keyboard, or set LOCALE_DEFAULT and KEYBOARD_KEYMAP in config.',
          );
    case 'sysctl':
      return words.some(({ text }) => /^(?:-[a-zA-Z]*[pw]|--system|--load|--write|[\w.]+=)/.test(text))
        ? problem(
            name,
            "changes the build host's kernel or fails, and the image stays as it is",
            'Put the setting into /etc/sysctl.d: it is loaded when the image boots.',
          )
        : undefined;
    case 'iptables':
    case 'ip6tables':
    case 'nft':
      return words.length === 0 ||
        words.some(({ text }) => /^(?:-V|--version|-h|--help|-c|--check)$/.test(text))
        ? undefined
        : problem(
            name,
            "works on the build host's kernel, and the image stays as it is",
            'Put the rules into a file that is loaded when the image boots.',
          );
    case 'ufw':
      return ['enable', 'disable', 'reload'].includes(verb ?? '')
        ? problem(
            `ufw ${verb ?? ''}`,
            "works on the build host's kernel, and fails where that lets it not",
            'Write ENABLED=yes or no into /etc/ufw/ufw.conf: ufw goes by it when the image boots. Rules (ufw allow) may stay.',
          )
        : undefined;
    case 'modprobe':
    case 'insmod':
    case 'rmmod':
      return words.length === 0 || words.some(({ text }) => moduleQuery.test(text))
        ? undefined
        : problem(
            name,
            "is for the build host's kernel: it fails, since the image holds no modules of that one, or changes the build host",
            'Name the module in a file of /etc/modules-load.d: it is loaded when the image boots.',
          );
    case 'mount':
    case 'umount':
      return mountsOfImage(words)
        ? problem(
            name,
            'has nothing of the image to work on: its partitions are made when it is exported',
            'In there /boot/firmware and / are plain folders: write into them, or put the line into /etc/fstab.',
          )
        : undefined;
    case 'docker':
      return dockerVerbs.has(verb ?? '')
        ? problem(
            `docker ${verb ?? ''}`,
            'fails: no Docker engine runs in there',
            'Let a unit do it on the first boot.',
          )
        : undefined;
    default: {
      const script = /^\/etc\/init\.d\/(.+)$/.exec(nameWord.literal ?? '');
      return script !== null && starting.has(verb ?? '') && verb !== 'stop'
        ? problem(
            `${nameWord.literal ?? name} ${verb ?? ''}`,
            'has no effect on the image: it ends with the build at the latest',
            'Enable the service, and it starts when the image boots.',
          )
        : undefined;
    }
  }
}

const dockerVerbs = new Set([
  ...[
    'build',
    'compose',
    'create',
    'exec',
    'images',
    'load',
    'network',
    'ps',
    'pull',
    'push',
    'rm',
    'rmi',
    'run',
  ],
  ...['start', 'stop', 'swarm', 'volume', 'info'],
]);

const moduleQuery =
  /^(?:-[a-zA-Z]*[nDcRVh]|--(?:dry-run|show|show-depends|showconfig|resolve-alias|version|help|dump-))/;

/** Options of mount that take a word of their own. */
const valuedOfMount = /^-[a-zA-Z]*[oOtLU]$|^--(?:options|types|test-opts|label|uuid|source|target)$/;

/**
 * Whether mount or umount surely means what an image has on its card: all of fstab, a file system of pi-gen's fstab by its place
 * alone, or a partition. What a script mounts for itself (tmpfs, proc, a bind, a file) may well work.
 */
function mountsOfImage(words: readonly Word[]): boolean {
  if (
    words.some(({ text }) =>
      /^(?:-[a-zA-Z]*[Vh]|--(?:version|help|fake|bind|rbind|move|make-.*))$/.test(text),
    )
  )
    return false;
  if (words.some(({ text }) => /^(?:-a|--all)$/.test(text))) return true;
  const operands = words.filter(
    ({ text }, index) => !text.startsWith('-') && !valuedOfMount.test(words[index - 1]?.text ?? ''),
  );
  const [first] = operands.map(({ literal }) => literal);
  if (first === undefined) return false;
  if (operands.length === 1 && /^\/(?:boot(?:\/firmware)?)?\/?$/.test(first)) return true;
  return /^(?:\/dev\/(?:mmcblk|sd[a-z]|nvme|disk\/)|(?:PART)?(?:UUID|LABEL)=)/.test(first);
}

function isQuery(verb: string | undefined): boolean {
  return verb === undefined || /^(?:status|show|list-|hostname$)/.test(verb);
}

function problem(command: string, what: string, advice: string): Problem {
  return { message: `Inside the chroot "${command}" ${what}. ${advice}` };
}

/** A test before it that asks whether a system runs, or whether this is a chroot. */
function isGuarded(program: Script, command: Command): boolean {
  return command.ancestors.some(({ type, children }) => {
    if (type !== 'if_statement' && type !== 'list' && type !== 'case_statement') return false;
    const condition = children[type === 'if_statement' || type === 'case_statement' ? 1 : 0];
    if (condition === undefined || condition === command.node) return false;
    return /systemd|is-system-running|is-active|chroot|pidof|docker info/.test(textOf(program, condition));
  });
}

/** Whether a failure of it is provided for: `|| true`. */
function severityOf(program: Script, command: Command): Severity {
  const list = command.ancestors.find(({ type }) => type === 'list');
  return list !== undefined && /\|\|\s*(?:true|:|echo|log)\b/.test(textOf(program, list))
    ? 'information'
    : 'warning';
}

function* systemctlFix(
  file: ScriptFile,
  program: Script,
  { name, arguments: words }: Invocation,
): Generator<Fix> {
  if (name !== 'systemctl') return;
  const now = words.find(({ literal }) => literal === '--now');
  const start = words.find(({ literal }) => literal === 'start');
  if (now !== undefined) {
    const before = program.text.charAt(now.span.start - 1) === ' ' ? 1 : 0;
    const span = { start: now.span.start - before, end: now.span.end };
    yield replacing('Drop --now', '', span);
  } else if (start !== undefined && words.length > 1)
    yield replacing('Enable the unit in place of starting it', 'enable', start.span);

  function replacing(
    title: string,
    text: string,
    span: { readonly start: number; readonly end: number },
  ): Fix {
    const range = file.lines.range(fileSpanToEdit(file.text, program, span));
    return { title, edits: [{ kind: 'replace', file: file.path, range, text }], preferred: true };
  }
}
