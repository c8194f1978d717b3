import type { Fix, Severity } from '../../pigen/finding';
import { programsOf } from '../../shell/queries';
import type { Command, Script } from '../../shell/script';
import { invocationOf, shellInvocation } from '../../shell/shell-invocation';
import type { Invocation } from '../../shell/shell-invocation';
import { placeOf } from '../../shell/place-at';
import { hostTools } from '../knowledge/host-tools';
import { definesFunction, lineAround, nameOf, textOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';

export const hostCommand: Rule = {
  name: 'host-command',
  severity: 'warning',
  summary:
    'A host script installs packages, adds users or enables services on the build host in place of the image.',
  page: {
    why: `pi-gen runs \`NN-run.sh\` on the build host (\`run_sub_stage\` in build.sh). apt, pip, systemctl, useradd and their like work on the
system on which they run: the build host, or the build container of build-docker.sh.`,
    build: `The command succeeds, as root, and the image has none of it: no package, no user, no enabled service. Without Docker the change
stays on the machine that builds.`,
    fix: `Run it inside the chroot:

\`\`\`bash
on_chroot << EOF
systemctl enable app.service
EOF
\`\`\`

or put packages into \`NN-packages\`, other commands into \`NN-run-chroot.sh\`. The quick fix wraps a command that stands alone on its lines
(and drops \`sudo\`, which root needs not).`,
    silent: [
      '`on_chroot` bodies, `on_chroot -c "…"`, `chroot "${ROOTFS_DIR}" …`',
      'commands that are told where the image is: `systemctl --root="${ROOTFS_DIR}" enable app`, `pip install --target …`',
      'commands that only look or unpack: `dpkg -l`, `dpkg -x`, `apt-cache`, `systemctl is-enabled`',
      '`postrun.sh`, which runs when the images are made: what it does is meant for the machine that builds',
      'packages and installers of tools that serve on the build host: information only',
    ],
    bad: { tree: 'bad-commands', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-commands', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (file.place !== 'host' || file.isPostrun || !mayChangeHost.test(file.text)) return;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'host') continue;
      for (const command of program.commands) {
        const invocation = invocationOf(command);
        if (invocation === undefined || definesFunction(program, invocation.name)) continue;
        const installer = pipedInstaller(program, command);
        const what = installer === undefined ? changes(invocation) : installing;
        if (what === undefined || isToldWhere(command) || placeOf(program, command.span) !== 'host') continue;
        const severity = installer?.severity ?? severityOf(invocation, file);
        const isEarly = isBeforeRootfs(file, command);
        yield {
          message: messageFor(what, invocation, severity, isEarly),
          severity,
          file: file.path,
          span: program.toFileSpan({
            start: (installer?.from ?? invocation.nameWord).span.start,
            end: invocation.arguments.at(-1)?.span.end ?? invocation.nameWord.span.end,
          }),
          fixes:
            severity === 'information' || settingTools.has(invocation.name) || isEarly
              ? []
              : wrapFix(file, program, command, invocation),
        };
      }
    }
  },
};

/** A prerun.sh makes the root file system of its stage: until then there is none in which on_chroot could run anything. */
function isBeforeRootfs({ subStage, script }: ScriptFile, { span }: Command): boolean {
  if (subStage !== undefined) return false;
  const makers = script.commands.filter((other) => /^(?:copy_previous|bootstrap)$/.test(nameOf(other) ?? ''));
  return !makers.some((other) => other.span.end <= span.start);
}

function messageFor(what: string, { name }: Invocation, severity: Severity, isEarly: boolean): string {
  const effect = `This ${what} on the build host, not in the image:`;
  if (isEarly && severity !== 'information' && !settingTools.has(name)) {
    return `${effect} pi-gen runs this script outside the chroot, and the stage has no root file system yet. Move it to a NN-run-chroot.sh, or packages to a NN-packages, of a sub-stage.`;
  }
  if (what === installing) {
    return severity === 'information'
      ? `${effect} right for a tool that the build needs, and wrong for what the image needs.`
      : `${effect} pi-gen runs this script outside the chroot. Put the whole pipe into on_chroot, or move it to a NN-run-chroot.sh.`;
  }
  if (severity === 'information') {
    return `${effect} right for a tool that the build needs, and wrong for what the image needs. For the image, do it inside the chroot, in on_chroot or in NN-packages.`;
  }
  if (settingTools.has(name)) {
    return `${effect} pi-gen runs this script outside the chroot. Set TARGET_HOSTNAME, TIMEZONE_DEFAULT and their like in config, or write the files below \${ROOTFS_DIR}/etc.`;
  }
  return `${effect} pi-gen runs this script outside the chroot. Wrap it in on_chroot, or move it to a NN-run-chroot.sh.`;
}

/** The download that is piped into a shell of the build host, and how sure it is that the image should have had it. */
function pipedInstaller(
  program: Script,
  { name, arguments: words, pipedFrom, span }: Command,
): { readonly from: Command; readonly severity: Severity } | undefined {
  if (pipedFrom === undefined || name === undefined) return undefined;
  const shell = shellInvocation([name, ...words], 'host');
  if (shell?.place !== 'host' || shell.program !== undefined) return undefined;
  if (!/^(?:curl|wget)$/.test(invocationOf(pipedFrom)?.name ?? '')) return undefined;
  const source = textOf(program, { start: pipedFrom.span.start, end: span.end });
  if (source.includes('ROOTFS')) return undefined;
  return { from: pipedFrom, severity: toolInstallers.test(source) ? 'information' : 'warning' };
}

const installing = 'runs an installer from the network';

/** Installers of compilers and their like, which a stage may well need where it builds. */
const toolInstallers = /rustup|nvm-sh|astral\.sh|golang|sdkman|bazel|nixos\.org/;

/** Spares most scripts the parsing. */
const mayChangeHost =
  /\|[^|\n]*\b(?:ba|da)?sh\b|\b(?:apt|apt-get|aptitude|apt-mark|dpkg|pip[23]?|npm|systemctl|user|group|passwd|chsh)\b|user(?:add|del|mod)|group(?:add|del|mod)|(?:add|del)(?:user|group)|passwd|raspi-config|update-(?:rc|locale)|dpkg-|debconf|locale-gen|rpi-update|update-(?:alternatives|initramfs)|\bgem\b|(?:hostname|locale|timedate)ctl/;

const packageVerbs = new Set([
  ...['install', 'reinstall', 'remove', 'purge', 'upgrade', 'dist-upgrade', 'full-upgrade', 'autoremove'],
]);

const unitVerbs = new Set([
  'enable',
  'disable',
  'mask',
  'unmask',
  'set-default',
  'preset',
  'reenable',
  'add-wants',
]);

/** Commands that change users and the like, whatever their arguments. */
const changers: ReadonlyMap<string, string> = new Map([
  ...['addgroup', 'adduser', 'delgroup', 'deluser', 'gpasswd', 'groupadd', 'groupdel', 'groupmod'].map(
    (name) => [name, 'changes users and groups'] as const,
  ),
  ...['useradd', 'userdel', 'usermod', 'chpasswd', 'passwd', 'chsh'].map(
    (name) => [name, 'changes users and groups'] as const,
  ),
  ['raspi-config', 'changes settings'],
  ['update-rc.d', 'changes services'],
  ['dpkg-reconfigure', 'configures packages'],
  ['debconf-set-selections', 'answers questions of packages'],
  ['update-locale', 'changes the locale'],
  ['locale-gen', 'makes locales'],
  ['rpi-update', 'installs firmware'],
  ['update-initramfs', 'makes initial file systems'],
]);

/** They talk to systemd, so the chroot is no place for them either. */
const settingTools: ReadonlySet<string> = new Set(['hostnamectl', 'localectl', 'timedatectl']);

/** What a command does to the system on which it runs; undefined where it does nothing to it. */
function changes({ name, arguments: words }: Invocation): string | undefined {
  const operands = words.flatMap(({ literal }) => (literal?.startsWith('-') === false ? [literal] : []));
  const verb = operands[0] ?? '';
  switch (name) {
    case 'apt':
    case 'apt-get':
    case 'aptitude':
      return operands.some((operand) => packageVerbs.has(operand))
        ? 'installs or removes packages'
        : undefined;
    case 'apt-mark':
      return ['hold', 'unhold', 'auto', 'manual'].includes(verb) ? 'marks packages' : undefined;
    case 'dpkg':
      return words.some(({ text }) =>
        /^(?:-[irP]|--(?:install|remove|purge|configure|add-architecture))$/.test(text),
      )
        ? 'installs or removes packages'
        : undefined;
    case 'pip':
    case 'pip2':
    case 'pip3':
      return verb === 'install' || verb === 'uninstall' ? 'installs Python packages' : undefined;
    case 'npm':
      return /^(?:i|install|add)$/.test(verb) && words.some(({ text }) => /^(?:-g|--global)$/.test(text))
        ? 'installs Node packages'
        : undefined;
    case 'gem':
      return verb === 'install' ? 'installs Ruby packages' : undefined;
    case 'update-alternatives':
      return words.some(({ text }) => /^--(?:auto|config|install|remove|remove-all|set)$/.test(text))
        ? 'chooses default programs'
        : undefined;
    case 'systemctl':
      return unitVerbs.has(verb) ? 'changes services' : undefined;
    default:
      if (settingTools.has(name)) {
        return /^(?:set-|hostname$)/.test(verb) && operands.length > 1 ? 'changes settings' : undefined;
      }
      return changers.get(name);
  }
}

/** It is told where the image is, or at least another place. */
function isToldWhere(command: Command): boolean {
  return command.arguments.some(({ text }) =>
    /ROOTFS|^--(?:root|rootdir|instdir|prefix|target|chroot|admindir|help|version)\b|^(?:-R|-t|-P)$|^-oDir|^Dir::|^RootDir/.test(
      text,
    ),
  );
}

/** Packages that serve on the build host, as far as their names tell. */
function severityOf({ name, arguments: words }: Invocation, file: ScriptFile): Severity {
  if (!/^(?:apt|apt-get|aptitude|pip|pip2|pip3|npm|dpkg)$/.test(name)) return 'warning';
  const packages = words.flatMap(({ text, literal }) =>
    text.startsWith('-') || packageVerbs.has(literal ?? '') ? [] : [literal],
  );
  if (packages.length === 0) return 'warning';
  const used = new Set(file.script.commands.map((command) => invocationOf(command)?.name));
  return packages.every((one) => one !== undefined && (hostTools.test(one) || used.has(one)))
    ? 'information'
    : 'warning';
}

const plainAncestors = new Set([
  'program',
  'compound_statement',
  'do_group',
  'if_statement',
  'else_clause',
  'function_definition',
]);

function wrapFix(
  file: ScriptFile,
  program: Script,
  command: Command,
  invocation: Invocation,
): readonly Fix[] {
  if (program.parent !== undefined || command.redirects.length > 0 || command.pipedFrom !== undefined)
    return [];
  const [parent] = command.ancestors;
  if (parent === undefined || !plainAncestors.has(parent.type) || command.node.field === 'condition')
    return [];
  if (parent.type === 'if_statement' && isCondition(parent, command)) return [];
  const first = lineAround(program.text, command.span.start);
  const last = lineAround(program.text, command.span.end - 1);
  const indent = program.text.slice(first.start, command.span.start);
  const after = program.text.slice(command.span.end, last.end);
  // `<<-` drops the tabs of an indented terminator; `<< EOF` wants it at the very start of its line.
  if (!/^\t*$/.test(indent) || after.trim() !== '') return [];
  const sudo = command.name?.literal === 'sudo' && command.arguments[0] === invocation.nameWord;
  const start = sudo ? invocation.nameWord.span.start : command.span.start;
  const source = program.text.slice(start, command.span.end);
  // In an unquoted heredoc single quotes protect nothing, and backslashes vanish.
  if (/`|'[^']*\$[^']*'|\\(?!\n)|\$\(/.test(source) || /^\s*EOF\s*$/m.test(source)) return [];
  // A file of the sub-stage, or a path of the build host, is not there inside the chroot.
  if (/files\/|_DIR\b/.test(source) || invocation.arguments.some(({ text }) => /^["']?[\w.-]+\//.test(text)))
    return [];
  const operator = indent === '' ? '<<' : '<<-';
  const end = after.endsWith('\n') ? last.end - 1 : last.end;
  return [
    {
      title: 'Wrap it in on_chroot',
      edits: [
        {
          kind: 'replace',
          file: file.path,
          range: file.lines.range({ start: command.span.start, end }),
          text: `on_chroot ${operator} EOF\n${indent}${source}\n${indent}EOF`,
        },
      ],
      preferred: true,
    },
  ];
}

/** The condition is what stands before `then`. */
function isCondition({ children }: Command['node'], { node }: Command): boolean {
  const then = children.find(({ type }) => type === 'then');
  return then === undefined || node.start < then.start;
}
