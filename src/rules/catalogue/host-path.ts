import type { Fix } from '../../pigen/finding';
import { commandsDeep, programsOf } from '../../shell/queries';
import type { Command, Script } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import { writtenPaths } from '../../shell/written-paths';
import type { WrittenPath } from '../../shell/written-paths';
import { expandBraces, pathWord } from '../../shell/path-word';
import type { PathWord } from '../../shell/path-word';
import type { SyntaxNode } from '../../shell/syntax-node';
import { placeOf } from '../../shell/place-at';
import { definesFunction, fileSpanToEdit, holds } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';
import { pathVariable } from '../knowledge/path-variable';
import { shorten } from '../knowledge/shorten';

export const hostPath: Rule = {
  name: 'host-path',
  severity: 'warning',
  summary: 'A host script writes to a system folder of the build host in place of the image.',
  page: {
    why: `pi-gen runs \`NN-run.sh\` and \`prerun.sh\` on the build host (\`run_sub_stage\` and \`run_stage\` in build.sh). The image's root file
system is the folder \`$ROOTFS_DIR\` there; \`/etc\` is the build host's own, or that of the build container.`,
    build: `The command succeeds, and the image lacks the file. With build-docker.sh the change is lost with the container; without Docker it
stays on the machine that builds: \`rm\`, \`sed -i\` and \`chown\` change that machine's system, as root. A link made by
\`ln -s "\${ROOTFS_DIR}/a" "\${ROOTFS_DIR}/b"\` leads to a folder of the build host, so nowhere in the image.`,
    fix: `Put \`"\${ROOTFS_DIR}"\` before the path: \`install -m 644 files/app.conf "\${ROOTFS_DIR}/etc/app.conf"\`. The quick fix does so. Or run
the command inside the chroot: in an \`on_chroot\` heredoc or a \`NN-run-chroot.sh\`.`,
    silent: [
      'files that are only read: the sources of `cp` and `install`',
      'the target of a symbolic link: `ln -s /usr/share/app "${ROOTFS_DIR}/opt/app"`; relative links made by `ln -sr`',
      '`cd /opt/build` where what is made there is read again',
      'paths below `/tmp`, `/var/tmp`, `/dev` and `/proc`',
      'paths that begin with a variable which is not set once to a plain text, or is read as well; relative ones, after `cd "${ROOTFS_DIR}"` too',
      'texts, sed programs, `--exclude` patterns',
      'a path that the script reads again to bring it into the image: a place to work in',
      '`/etc/sysctl.conf` where the script loads it with `sysctl -p`: it is meant for the machine that builds',
      '`postrun.sh`, which runs when the images are made, and may carry them to where they belong',
      '`on_chroot` bodies and `NN-run-chroot.sh`, where `/etc` is the image',
    ],
    bad: { tree: 'bad-paths', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-paths', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (file.place !== 'host' || file.isPostrun || !mayWrite.test(file.text)) return;
    let sources: readonly string[] | undefined;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'host') continue;
      for (const command of program.commands) {
        if (definesFunction(program, command.name?.literal ?? '')) continue;
        yield* linkToHost(file, program, command);
        yield* writesAfterCd(file, program, command);
        for (const written of writtenPaths(command)) {
          const path = resolved(program, written);
          if (path === undefined || !isSystemPath(path)) continue;
          if (placeOf(program, path.span) !== 'host') continue;
          sources ??= readPaths(file.script);
          if (sources.some((source) => isBelow(source, path.rest))) continue;
          yield {
            message: messageFor(path),
            file: file.path,
            span: program.toFileSpan(path.span),
            fixes: canBePrefixed(path) ? [prefixFix(file, program, path)] : [],
          };
        }
      }
    }
  },
};

const systemFolder = /\/(?:etc|usr|home|opt|boot|var(?!\/tmp\b)|lib|root|srv)(?![\w.-])/;
const systemPath = new RegExp(`^${systemFolder.source}`);
/** Spares many scripts the parsing: a folder's name, `/{etc,opt}`, or a link into the image. */
const mayWrite = new RegExp(`${systemFolder.source}|/\\{|\\bln\\b`);

/** With the path that its variable stands for put in; undefined where it begins with one of which nothing is known. */
function resolved(program: Script, path: WrittenPath): WrittenPath | undefined {
  if (path.variable === undefined) return path;
  const value = pathVariable(program, path.variable);
  return value?.startsWith('/') === true ? { ...path, rest: value + path.rest } : undefined;
}

/** Whether one of the paths that it stands for is the build host's. */
function isSystemPath({ rest, quote }: PathWord): boolean {
  return quote === undefined && rest.includes('{')
    ? expandBraces(rest).some((path) => systemPath.test(path))
    : systemPath.test(rest);
}

/** Of `{files,/etc}/app` one is not to be prefixed; `app.conf{,.bak}` is read at once with what is written. */
function canBePrefixed({ rest }: PathWord): boolean {
  return expandBraces(rest).every((path) => systemPath.test(path));
}

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

/** `ln -s "${ROOTFS_DIR}/a" "${ROOTFS_DIR}/b"`: what the link holds is a path of the build host, which no image has. */
function* linkToHost(file: ScriptFile, program: Script, command: Command): Generator<Report> {
  const invocation = invocationOf(command);
  if (invocation?.name !== 'ln') return;
  const options = invocation.arguments.filter(({ text }) => text.startsWith('-'));
  const isSymbolic = options.some(({ text }) => /^-[a-zA-Z]*s|^--symbolic$/.test(text));
  if (!isSymbolic || options.some(({ text }) => /^-[a-zA-Z]*[rtS]|^--(?:relative|target)/.test(text))) return;
  const operands = invocation.arguments
    .filter((word) => !options.includes(word))
    .map((word) => pathWord(word));
  const link = operands.at(-1);
  if (operands.length < 2 || link?.variable !== 'ROOTFS_DIR') return;
  for (const target of operands.slice(0, -1)) {
    if (target.variable !== 'ROOTFS_DIR' || !target.rest.startsWith('/')) continue;
    if (placeOf(program, target.span) !== 'host') continue;
    yield {
      message: `The link will hold the path of ROOTFS_DIR on the build host, which the image does not have: it leads nowhere once the image runs. Write ${shorten(target.rest)}, as the image sees it.`,
      file: file.path,
      span: program.toFileSpan(target.span),
      fixes: [...withoutRoot(file, program, target)],
    };
  }
}

function* withoutRoot(file: ScriptFile, program: Script, { span, word }: PathWord): Generator<Fix> {
  const found = /^"?\$(?:ROOTFS_DIR|\{ROOTFS_DIR\})"?/.exec(word.text)?.[0];
  if (found === undefined) return;
  // The quote that stays open behind the variable goes on in front of the path.
  const text = found.startsWith('"') && !found.endsWith('"') ? '"' : '';
  const at = { start: span.start, end: span.start + found.length };
  const range = file.lines.range(fileSpanToEdit(file.text, program, at));
  yield {
    title: 'Remove ROOTFS_DIR from the target of the link',
    edits: [{ kind: 'replace', file: file.path, range, text }],
    preferred: true,
  };
}

/** `cd /etc`, and a relative path that is written to in what follows. */
function* writesAfterCd(file: ScriptFile, program: Script, command: Command): Generator<Report> {
  const [operand, ...more] = command.arguments;
  if (command.name?.literal !== 'cd' || operand?.literal === undefined || more.length > 0) return;
  if (!systemPath.test(operand.literal) || placeOf(program, operand.span) !== 'host') return;
  const block = blockOf(command);
  if (block === undefined) return;
  const following = commandsIn(program, block, command);
  const read = new Set(following.flatMap(readNames));
  const written = following
    .flatMap((one) => writtenPaths(one))
    .find(({ variable, rest }) => variable === undefined && isRelative(rest) && !isReadAgain(rest, read));
  if (written === undefined) return;
  const path = pathWord(operand);
  const line = file.lines.position(program.toFile(written.span.start)).line + 1;
  yield {
    message: `From here on the script works in ${shorten(operand.literal)} of the build host, not of the image, and line ${line} changes ${shorten(written.rest)} there: pi-gen runs this script outside the chroot. Write "\${ROOTFS_DIR}${shorten(operand.literal)}", or do it inside the chroot.`,
    file: file.path,
    span: program.toFileSpan(operand.span),
    fixes: [prefixFix(file, program, { ...path, by: 'cd' })],
  };
}

/** The commands among which a `cd` is one: those behind it are in its folder. Undefined in a condition, a pipe, a function. */
function blockOf({ ancestors }: Command): SyntaxNode | undefined {
  const block = ancestors.find(({ type }) => type !== 'list' && type !== 'redirected_statement');
  return block !== undefined && ['program', 'subshell'].includes(block.type) ? block : undefined;
}

/** What runs behind a `cd` in its block, up to the next one. */
function commandsIn({ commands }: Script, block: SyntaxNode, cd: Command): readonly Command[] {
  const after = commands.filter(
    ({ span, ancestors }) =>
      span.start >= cd.span.end &&
      ancestors.includes(block) &&
      !ancestors.some(({ type }) => type === 'function_definition'),
  );
  const end = after.findIndex(({ name }) => ['cd', 'pushd', 'popd'].includes(name?.literal ?? ''));
  return end < 0 ? after : after.slice(0, end);
}

function isRelative(path: string): boolean {
  return /^(?:\.\/)?[\w*?]/.test(path) || /^\.[\w]/.test(path);
}

/** The names that a command reads or runs: what it makes there for that is a thing to work with. */
function readNames(command: Command): readonly string[] {
  const written = writtenPaths(command).map(({ span }) => span);
  const words = [...command.arguments, ...command.redirects.flatMap(({ target }) => target ?? [])];
  return (command.name === undefined ? words : [command.name, ...words])
    .filter(({ span }) => !written.some((one) => holds(span, one)))
    .map(({ text }) => text.replaceAll(/["']/g, '').replace(/^(?:\.\/)+/, ''));
}

function isReadAgain(path: string, read: ReadonlySet<string>): boolean {
  const name = path.replace(/^(?:\.\/)+/, '');
  for (const one of read) if (isBelow(one, name) || isBelow(name, one)) return true;
  return false;
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
