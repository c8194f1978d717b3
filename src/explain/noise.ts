/**
 * Output that looks like an error and is none, or that only follows from one: never named as a cause, nor shown as the
 * last thing that a failed step said. With each what of it stands in every such line; where it comes from stands beside it.
 */
const noise: readonly (readonly [sign: string, pattern: RegExp])[] = [
  // tee in scripts/common's log(), of a build that failed before its work folder was made.
  ['build.log: No such file', /^tee: .*build\.log: No such file or directory/],
  // The docker CLI and BuildKit about the base image that build-docker.sh means to use.
  ['current commit information', /current commit information was not captured by the build/],
  ['InvalidBaseImagePlatform', /InvalidBaseImagePlatform/],
  ['LegacyKeyValueFormat', /LegacyKeyValueFormat/],
  ["requested image's platform", /requested image's platform .* does not match/],
  // arch-test tries the native way first.
  ['not supported on this machine/kernel', /^\S+: not supported on this machine\/kernel/],
  ['SIGILL', /^\S+: not supported on this machine\/kernel \(SIGILL\)/],
  // systemctl in a chroot says so and goes on.
  ['Running in chroot, ignoring', /Running in chroot, ignoring (?:request|command)/],
  ['sudo: unable to resolve host', /^sudo: unable to resolve host/],
  ['Unknown host QEMU_IFLA type', /Unknown host QEMU_IFLA type/],
  [
    'grep: /proc/sys/fs/binfmt_misc',
    /^grep: \/proc\/sys\/fs\/binfmt_misc\/qemu-\S+: No such file or directory/,
  ],
  ['mkfs.fat: ', /^mkfs\.fat: [wW]arning/],
  ['debconf: ', /^debconf: (?:unable to initialize frontend|falling back to frontend|\()/],
  ['perl: warning:', /^perl: warning:/],
  ['cannot change locale', /setlocale: \S+: cannot change locale/],
  [
    'from /etc/ld.so.preload cannot',
    /^ERROR: ld\.so: object .* from \/etc\/ld\.so\.preload cannot be preloaded/,
  ],
  ['qemu: Unsupported syscall', /^qemu: Unsupported syscall/],
  // bash's time, which build-docker.sh puts before `docker run`.
  ['real', /^real\s+\d+m/],
  ['user', /^user\s+\d+m/],
  ['sys', /^sys\s+\d+m/],
  // GitHub's runner after any failed step.
  ['Process completed with exit code', /^Process completed with exit code \d+/],
  ['(Reading database ...', /^\(Reading database \.\.\./],
];

export const noiseSigns: readonly string[] = noise.map(([sign]) => sign);

/** A script's trace, progress bars and rulers. */
const idle = /^(?:\+ |[\s#.=>-]*(?:\d+(?:\.\d+)?%)?\s*$)/;
/** How such a line can begin, and no word. */
const idleStarts = new Set('+#.=>- \t');

/** Whether a line of output tells nothing about why a build failed. `hasSign`: one of noiseSigns stands in it. */
export function isNoise(text: string, hasSign: boolean): boolean {
  if (idleStarts.has(text.charAt(0)) && idle.test(text)) return true;
  // arch-test's good news.
  if (text.endsWith(': ok') && !text.slice(0, -4).includes(' ')) return true;
  return hasSign && noise.some(([, pattern]) => pattern.test(text));
}
