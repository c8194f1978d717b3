import type { Fix } from '../../pigen/finding';
import type { Span } from '../../pigen/text';
import { programsOf } from '../../shell/queries';
import type { Script } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import type { Invocation } from '../../shell/shell-invocation';
import { placeOf } from '../../shell/place-at';
import { definesFunction, fileSpanToEdit } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';

export const ownerName: Rule = {
  name: 'owner-name',
  severity: 'warning',
  summary: "`chown NAME` or `install -o NAME` on the build host, which does not know the image's users.",
  page: {
    why: `pi-gen runs \`NN-run.sh\` on the build host (\`run_sub_stage\` in build.sh), and there a name stands for the build host's own user of
that name. The image's users are in \`$ROOTFS_DIR/etc/passwd\`, which \`chown\` and \`install\` on the host never read.`,
    build: `Where the build host has no such user, the build stops: \`chown: invalid user: 'pi:pi'\`. Where it has one with another number, the
file in the image belongs to somebody else.`,
    fix: `Use numbers: the first user, whom \`stage1/01-sys-tweaks\` makes, is 1000 with group 1000. The quick fix
writes 1000 for \`pi\` and \`$FIRST_USER_NAME\`. Or run \`chown\` inside the chroot, in an \`on_chroot\` heredoc.`,
    silent: [
      'numbers, `root`, and the users and groups that have the same number on every Debian: `www-data`, `video`, `dialout`, …',
      '`chown` inside the chroot',
      'variables other than `FIRST_USER_NAME`: they may hold a number',
      'a name that the script gives to a user of the build host itself',
      '`chown --reference`',
      '`postrun.sh`, which gives the finished images to somebody on the machine that builds',
    ],
    bad: { tree: 'bad-owners', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-owners', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (file.place !== 'host' || file.isPostrun || !/\b(?:chown|chgrp|install)\b/.test(file.text)) return;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'host') continue;
      for (const command of program.commands) {
        const invocation = invocationOf(command);
        if (invocation === undefined || definesFunction(program, invocation.name)) continue;
        for (const owner of ownersOf(invocation)) {
          if (!isUnknown(owner.name) || placeOf(program, owner.span) !== 'host') continue;
          if (makesUser(program, owner.name)) continue;
          yield {
            message: `${invocation.name} looks for ${shown(owner.name)} among the users of the build host, not of the image: it fails, or gives the file to somebody else. Use the number (the first user is 1000), or run it inside the chroot.`,
            file: file.path,
            span: program.toFileSpan(owner.span),
            fixes: numberFix(file, program, owner),
          };
        }
      }
    }
  },
};

interface Owner {
  /** A name, or `$FIRST_USER_NAME`. */
  readonly name: string;
  readonly span: Span;
}

const firstUser = /^\$(?:FIRST_USER_NAME|\{FIRST_USER_NAME\})$/;

function shown(name: string): string {
  return firstUser.test(name) ? '$FIRST_USER_NAME' : `"${name}"`;
}

function* ownersOf({ name, arguments: words }: Invocation): Generator<Owner> {
  switch (name) {
    case 'chown':
    case 'chgrp': {
      if (words.some(({ text }) => /^--(?:reference|help|version)/.test(text))) return;
      const first = words.find(({ text }) => !text.startsWith('-'));
      if (first !== undefined) yield* parts(first.text, first.span.start);
      return;
    }
    case 'install':
      for (const [index, word] of words.entries()) {
        const attached = /^(?:-[og]|--(?:owner|group)=)(?=.)/.exec(word.text);
        if (attached !== null) {
          yield* parts(word.text.slice(attached[0].length), word.span.start + attached[0].length);
        } else if (/^(?:-[a-zA-Z]*[og]|--owner|--group)$/.test(word.text)) {
          const value = words[index + 1];
          if (value !== undefined) yield* parts(value.text, value.span.start);
        }
      }
  }
}

/** The user and the group of `user:group`, quotes left out. */
function* parts(text: string, start: number): Generator<Owner> {
  for (const found of text.matchAll(/\$\{\w+\}|\$\w+|[A-Za-z_][\w-]*|[^\s:"']+/g)) {
    const before = text.slice(0, found.index);
    const after = text.slice(found.index + found[0].length);
    // A part of a larger name.
    if (!/(?:^|[:"'])$/.test(before) || !/^(?:$|[:"'])/.test(after)) continue;
    yield {
      name: found[0],
      span: { start: start + found.index, end: start + found.index + found[0].length },
    };
  }
}

/** base-passwd gives them the same numbers on every Debian; systemd and others add theirs by number or not at all. */
const everywhere = new Set([
  ...[
    'root',
    'daemon',
    'bin',
    'sys',
    'sync',
    'games',
    'man',
    'lp',
    'mail',
    'news',
    'uucp',
    'proxy',
    'www-data',
  ],
  ...['backup', 'list', 'irc', 'nobody', 'nogroup', 'adm', 'tty', 'disk', 'kmem', 'dialout', 'fax', 'voice'],
  ...[
    'cdrom',
    'floppy',
    'tape',
    'sudo',
    'audio',
    'dip',
    'operator',
    'src',
    'shadow',
    'utmp',
    'video',
    'sasl',
  ],
  ...['plugdev', 'staff', 'users'],
]);

function isUnknown(name: string): boolean {
  return firstUser.test(name) || (/^[a-z_][a-z0-9_-]*$/.test(name) && !everywhere.has(name));
}

function makesUser(program: Script, name: string): boolean {
  return program.commands.some((command) => {
    const invocation = invocationOf(command);
    const makes = /^(?:adduser|useradd|addgroup|groupadd)$/.test(invocation?.name ?? '');
    return makes && command.arguments.some(({ text }) => text.replaceAll('"', '') === name);
  });
}

function numberFix(file: ScriptFile, program: Script, { name, span }: Owner): readonly Fix[] {
  if (name !== 'pi' && !firstUser.test(name)) return [];
  const range = file.lines.range(fileSpanToEdit(file.text, program, span));
  return [
    {
      title: 'Write 1000, the number of the first user',
      edits: [{ kind: 'replace', file: file.path, range, text: '1000' }],
      preferred: true,
    },
  ];
}
