import type { Fix } from '../pigen/finding';
import { commandsDeep, programsOf } from '../shell/queries';
import type { Command, Script } from '../shell/script';
import { invocationOf } from '../shell/shell-invocation';
import { writtenPaths } from '../shell/written-paths';
import type { WrittenPath } from '../shell/written-paths';
import { placeOf } from '../shell/place-at';
import { definesFunction, fileSpanToEdit, holds } from './programs';
import type { Report, Rule, ScriptFile } from './rule';
import { shorten } from './shorten';

export const hostPath: Rule = {
  name: 'host-path',
  severity: 'warning',
  summary: 'A host script writes to a system folder of the build host in place of the image.',
  page: {
    why: `pi-gen runs \`NN-run.sh\` and \`prerun.sh\` on the build host (\`run_sub_stage\` and \`run_stage\` in build.sh). The image's root file
system is the folder \`$ROOTFS_DIR\` there; \`/etc\` is the build host's own, or that of the build container.`,
    build: `The command succeeds, and the image lacks the file. With build-docker.sh the change is lost with the container; without Docker it
stays on the machine that builds: \`rm\`, \`sed -i\` and \`chown\` change that machine's system, as root.`,
    fix: `Put \`"\${ROOTFS_DIR}"\` before the path: \`install -m 644 files/app.conf "\${ROOTFS_DIR}/etc/app.conf"\`. The quick fix does so. Or run
the command inside the chroot: in an \`on_chroot\` heredoc or a \`NN-run-chroot.sh\`.`,
    silent: [
      'files that are only read: the sources of `cp` and `install`',
      'the target of a symbolic link: `ln -s /usr/share/app "${ROOTFS_DIR}/opt/app"`',
      'paths below `/tmp`, `/var/tmp`, `/dev` and `/proc`',
      'paths that begin with a variable, and relative ones, after `cd "${ROOTFS_DIR}"` too',
      'texts, sed programs, `--exclude` patterns',
      'a path that the script reads again to bring it into the image: a place to work in',
      '`/etc/sysctl.conf` where the script loads it with `sysctl -p`: it is meant for the machine that builds',
      '`on_chroot` bodies and `NN-run-chroot.sh`, where `/etc` is the image',
    ],
    bad: { tree: 'bad-paths', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-paths', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (file.place !== 'host' || !systemFolder.test(file.text)) return;
    let sources: readonly string[] | undefined;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'host') continue;
      for (const command of program.commands) {
        if (definesFunction(program, command.name?.literal ?? '')) continue;
        for (const path of writtenPaths(command)) {
          if (path.variable !== undefined || !systemPath.test(path.rest)) continue;
          if (placeOf(program, path.span) !== 'host') continue;
          sources ??= readPaths(file.script);
          if (sources.some((source) => isBelow(source, path.rest))) continue;
          yield {
            message: messageFor(path),
            file: file.path,
            span: program.toFileSpan(path.span),
            fixes: [prefixFix(file, program, path)],
          };
        }
      }
    }
  },
};

const systemFolder = /\/(?:etc|usr|home|opt|boot|var(?!\/tmp\b)|lib|root|srv)(?![\w.-])/;
const systemPath = new RegExp(`^${systemFolder.source}`);

function messageFor({ rest, by }: WrittenPath): string {
  const what = by === 'rm' || by === 'rmdir' ? 'removes' : by === '>' ? 'writes to' : `changes (${by})`;
  return `This ${what} ${shorten(rest)} on the build host, not in the image: pi-gen runs this script outside the chroot. Write "\${ROOTFS_DIR}${shorten(rest)}", or do it inside the chroot.`;
}

function prefixFix(file: ScriptFile, program: Script, { span, quote }: WrittenPath): Fix {
  const at = { start: span.start, end: span.start + (quote === '"' ? 1 : 0) };
  return {
    title: 'Put "${ROOTFS_DIR}" before the path',
    edits: [
      {
        kind: 'replace',
        file: file.path,
        range: file.lines.range(fileSpanToEdit(file.text, program, at)),
        text: quote === '"' ? '"${ROOTFS_DIR}' : '"${ROOTFS_DIR}"',
      },
    ],
    preferred: true,
  };
}

/** Paths of the host that the script reads. What it made there itself and reads again is a place to work in. */
function readPaths(script: Script): readonly string[] {
  const paths: string[] = [];
  for (const { script: program, command } of commandsDeep(script)) {
    if (program.place !== 'host') continue;
    if (loadsKernelSettings(command)) paths.push('/etc/sysctl.conf', '/etc/sysctl.d');
    const written = writtenPaths(command).map(({ span }) => span);
    const used = [...command.arguments, ...command.redirects.flatMap(({ target }) => target ?? [])];
    // What is made there to be run is a tool of the build host.
    for (const word of command.name === undefined ? used : [command.name, ...used]) {
      if (written.some((span) => holds(word.span, span))) continue;
      const path = word.text.replaceAll(/["']/g, '');
      if (systemPath.test(path)) paths.push(path);
    }
  }
  return paths;
}

/** `sysctl -p` without a file reads /etc/sysctl.conf: the settings are for the machine that builds. */
function loadsKernelSettings(command: Command): boolean {
  const invocation = invocationOf(command);
  return (
    invocation?.name === 'sysctl' &&
    invocation.arguments.some(
      ({ literal }) => literal === '-p' || literal === '--system' || literal === '--load',
    )
  );
}

function isBelow(path: string, folder: string): boolean {
  const bare = folder.replace(/\/+$/, '');
  return path === bare || path.startsWith(`${bare}/`);
}
