/** Codes of ShellCheck that are not told, and the fact that makes them moot. */
export interface MootCodes {
  readonly codes: readonly number[];
  /** Markdown, for the page. */
  readonly reason: string;
}

/** Not told anywhere. */
export const mootEverywhere: readonly MootCodes[] = [
  {
    codes: [1090, 1091],
    reason:
      'A sourced file that ShellCheck does not follow: it lies in the rootfs, or under `${STAGE_DIR}` and its like, which have a value only while pi-gen builds.',
  },
  {
    codes: [1017, 1082],
    reason:
      'Carriage returns and a byte order mark: [line-endings](line-endings.md) tells of them, once for a file.',
  },
  {
    codes: [2148],
    reason:
      'A missing `#!` line: programs inside the chroot have none, since pi-gen feeds them to `bash -e` (scripts/common, on_chroot); for scripts of the build host there is [shell-interpreter](shell-interpreter.md).',
  },
];

/** Not told of what the build host puts into an unquoted heredoc: ShellCheck sees underscores there. */
export const mootForHostExpansions: MootCodes = {
  codes: [
    ...[
      2043, 2050, 2053, 2057, 2066, 2072, 2078, 2102, 2144, 2157, 2158, 2159, 2160, 2161, 2170, 2193, 2194,
      2195,
    ],
    ...[2199, 2211, 2215, 2221, 2222, 2242, 2244, 2252, 2283, 2286, 2287, 2288, 2289, 2309, 2335],
  ],
  reason:
    'A constant where a value is expected, on a line that holds something the build host replaces first (`${X}` in an unquoted `on_chroot << EOF`): ShellCheck sees underscores in its place, so it takes it for a constant.',
};

/**
 * SC2043, a loop that runs once, warns of a pattern or a command that was forgotten. A single word such as `64bit` is neither, and
 * pi-gen's own lists are kept as loops (export-image/prerun.sh): a hint.
 */
export const listOfOne = 2043;
export const plainWord = /^[\w.+-]+$/;

/** A variable that no supported build lets hold blanks or patterns, and where that is settled. */
interface PlainVariable {
  readonly names: readonly string[];
  readonly reason: string;
}

/** Of these SC2086 (unquoted) is not told, unless the script gives them a value of its own. */
export const plainVariables: readonly PlainVariable[] = [
  {
    names: [
      ...['BASE_DIR', 'SCRIPT_DIR', 'WORK_DIR', 'LOG_FILE', 'STAGE_DIR', 'STAGE_WORK_DIR', 'SUB_STAGE_DIR'],
      ...[
        'PREV_STAGE_DIR',
        'ROOTFS_DIR',
        'PREV_ROOTFS_DIR',
        'EXPORT_DIR',
        'EXPORT_ROOTFS_DIR',
        'EXPORT_CONFIG_DIR',
      ],
    ],
    reason:
      'folders of the build: build.sh refuses a base path with a space, and debootstrap refuses a rootfs with one',
  },
  { names: ['FIRST_USER_NAME'], reason: 'build.sh wants it to match `^[a-z][-a-z0-9_]*$`' },
  { names: ['TARGET_HOSTNAME'], reason: 'the name of a host has no blanks' },
  {
    names: ['ARCH', 'RELEASE', 'IMG_DATE', 'GIT_HASH', 'STAGE', 'PREV_STAGE'],
    reason:
      'words that pi-gen itself makes up: an architecture, a release, a date, a commit, the name of a stage',
  },
  {
    names: [
      ...['ENABLE_SSH', 'PUBKEY_ONLY_SSH', 'PASSWORDLESS_SUDO', 'DISABLE_FIRST_BOOT_USER_RENAME'],
      ...['ENABLE_CLOUD_INIT', 'USE_QEMU', 'USE_QCOW2', 'COMPRESSION_LEVEL', 'CLEAN'],
    ],
    reason: 'switches and numbers',
  },
];

/** Rules of ours that say the same, and better: where one of them speaks, ShellCheck does not. */
export interface SaidByRule {
  readonly rule: string;
  readonly codes: readonly number[];
  /** Whether it is enough that the rule speaks of the same file, or it has to be the same line. */
  readonly where: 'file' | 'line';
}

/** What ShellCheck says when it cannot read on. */
export const readErrors: readonly number[] = [1009, 1072, 1073];

export const saidByRules: readonly SaidByRule[] = [
  { rule: 'line-endings', codes: [1017, 1082], where: 'file' },
  {
    rule: 'shell-interpreter',
    codes: [1008, 1071, 1104, 1113, 1114, 1115, 1128, 2039, 2096, 2148, 2187, 2239],
    where: 'file',
  },
  {
    rule: 'heredoc-terminator',
    codes: [1039, 1040, 1041, 1042, 1043, 1044, 1118, 1119, 1120, 1122],
    where: 'file',
  },
  { rule: 'unset-root', codes: [2016, 2115, 2153, 2154], where: 'line' },
  { rule: 'heredoc-host-expansion', codes: [2086, 2153, 2154], where: 'line' },
  { rule: 'stdin-in-chroot', codes: [2095], where: 'line' },
  { rule: 'rootfs-in-chroot', codes: [2115, 2153, 2154], where: 'line' },
  { rule: 'on-chroot-arguments', codes: [2016], where: 'line' },
];
