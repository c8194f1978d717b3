import type { Fix } from '../../pigen/finding';
import { programsOf } from '../../shell/queries';
import type { Command, Script, Word } from '../../shell/script';
import { placeOf } from '../../shell/place-at';
import { findHostPaths } from '../knowledge/host-paths';
import type { HostPath } from '../knowledge/host-paths';
import { isSwallowed } from '../knowledge/missed-end';
import { fileSpanToEdit, nameOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';

export const rootfsInChroot: Rule = {
  name: 'rootfs-in-chroot',
  severity: 'warning',
  summary: '`$ROOTFS_DIR`, another path of the build host, or `files/` used inside the chroot.',
  page: {
    why: `pi-gen exports \`ROOTFS_DIR\`, \`STAGE_DIR\`, \`WORK_DIR\` and others (build.sh), so they are set inside the chroot too. But they hold
paths of the build host, and inside the chroot (\`NN-run-chroot.sh\`, \`on_chroot\` bodies) the image's root is \`/\`. The \`files\` folder of
the sub-stage lies on the build host as well: \`run_sub_stage\` changes into the sub-stage only there.`,
    build: `Reading from such a path fails. Writing to it does not: \`mkdir -p "$ROOTFS_DIR/etc/x"\` makes a junk tree
\`/pi-gen/work/…/rootfs/etc/x\` inside the image, without a word.`,
    fix: `Drop the prefix: \`"\${ROOTFS_DIR}/etc/x"\` becomes \`"/etc/x"\`. The quick fix does so for \`ROOTFS_DIR\` and keeps the quotes right.
Bring files of the sub-stage into the image from a \`NN-run.sh\`: \`install -m 644 files/x "\${ROOTFS_DIR}/etc/x"\`.`,
    silent: [
      'comments, and texts that `echo`, `printf` or `log` print',
      'taking the prefix off a path: `${path#"$ROOTFS_DIR"}`, `sed "s|$ROOTFS_DIR||"`',
      'a name that the script sets itself: `WORK_DIR=$(mktemp -d)`',
      '`$(…)` in an unquoted heredoc: the build host runs it, `files/` and all',
      '`files/` after `cd`, or where the script made it',
      'a test that only asks whether the variable is set: `[ -n "$ROOTFS_DIR" ]`',
    ],
    bad: { tree: 'bad-paths', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-paths', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (!mayUseHostPaths(file)) return;
    const reported = new Set<number>();
    for (const program of programsOf(file.script)) {
      if (isSwallowed(program)) continue;
      for (const path of findHostPaths(program)) {
        const span = program.toFileSpan(path.span);
        // The body of an inner heredoc belongs to two programs.
        if (reported.has(span.start)) continue;
        reported.add(span.start);
        yield {
          message: `$${path.name} holds a path of the build host, which does not exist inside the chroot: what is written there ends in a junk folder in the image, and what is read there is not found. ${advice(path)}`,
          file: file.path,
          span,
          fixes: [...prefixFix(file, program, path)],
        };
      }
      for (const word of filesWords(program)) {
        yield {
          message: `${word.literal ?? word.text} lies beside the script on the build host and is not there inside the chroot, so this command fails. Bring it into the image from a NN-run.sh with install or cp to a path below "\${ROOTFS_DIR}".`,
          file: file.path,
          span: program.toFileSpan(word.span),
        };
      }
    }
  },
};

/** Spares most scripts the parsing: nothing can be found where no such name stands in code that may run in the chroot. */
function mayUseHostPaths({ place, text }: ScriptFile): boolean {
  const entersChroot = place === 'chroot' || /chroot|nspawn/.test(text);
  return entersChroot && /_DIR\b|LOG_FILE|files\//.test(text);
}

function advice({ name }: HostPath): string {
  return name === 'ROOTFS_DIR'
    ? "Drop the prefix: in here the image's root is /."
    : 'Do this part in a NN-run.sh, which runs on the build host.';
}

function* prefixFix(file: ScriptFile, program: Script, path: HostPath): Generator<Fix> {
  if (path.name !== 'ROOTFS_DIR' || path.drop === undefined) return;
  const span = fileSpanToEdit(file.text, program, path.drop.span);
  yield {
    title: 'Drop the $ROOTFS_DIR prefix',
    edits: [{ kind: 'replace', file: file.path, range: file.lines.range(span), text: path.drop.text }],
    preferred: true,
  };
}

/** Commands that read a file which they are given. */
const readers = new Set([
  '.',
  'apt',
  'apt-get',
  'bash',
  'cat',
  'cp',
  'dpkg',
  'install',
  'ln',
  'mv',
  'patch',
  'pip',
  'pip3',
  'python3',
  'rsync',
  'sed',
  'sh',
  'source',
  'tar',
  'tee',
  'unzip',
  'xargs',
]);

/** Commands after which a relative path is anyone's guess. */
const movers = new Set(['cd', 'pushd', 'mkdir', 'git', 'tar', 'unzip', 'wget', 'curl', 'svn']);

/** Words that name a file of the sub-stage's `files` folder. */
function filesWords(program: Script): readonly Word[] {
  if (program.place !== 'chroot') return [];
  const found: Word[] = [];
  for (const command of program.commands) {
    const name = nameOf(command);
    const words = readers.has(name ?? '') ? sourceWords(command) : inputs(command);
    for (const word of words) {
      if (isFilesPath(word) && placeOf(program, word.span) === 'chroot') found.push(word);
    }
    if (movers.has(name ?? '')) break;
  }
  return found;
}

function sourceWords(command: Command): readonly Word[] {
  return [...command.arguments, ...inputs(command)];
}

function inputs(command: Command): readonly Word[] {
  return command.redirects.flatMap(({ operator, target }) => (operator === '<' && target ? [target] : []));
}

/** A path that begins in `files/`, whatever variables follow. */
function isFilesPath({ text }: Word): boolean {
  return /^["']?(?:\.\/)?files\/./.test(text);
}
