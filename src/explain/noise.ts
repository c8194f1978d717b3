/**
 * Output that looks like an error and is none, or that only follows from one: never named as a cause, nor shown as the
 * last thing that a failed step said. Where each comes from stands beside it.
 */
const noise: readonly RegExp[] = [
  // tee in scripts/common's log(), of a build that failed before its work folder was made.
  /^tee: .*build\.log: No such file or directory/,
  // The docker CLI and BuildKit about the base image that build-docker.sh means to use.
  /current commit information was not captured by the build/,
  /InvalidBaseImagePlatform|LegacyKeyValueFormat/,
  /requested image's platform .* does not match/,
  // arch-test tries the native way first.
  /^\S+: not supported on this machine\/kernel/,
  /^\S+: ok$/,
  // systemctl in a chroot says so and goes on.
  /Running in chroot, ignoring (?:request|command)/,
  /^sudo: unable to resolve host/,
  /Unknown host QEMU_IFLA type/,
  /^grep: \/proc\/sys\/fs\/binfmt_misc\/qemu-\S+: No such file or directory/,
  /^mkfs\.fat: warning/,
  /^debconf: (?:unable to initialize frontend|falling back to frontend|\()/,
  /^perl: warning:/,
  /setlocale: \S+: cannot change locale/,
  /^ERROR: ld\.so: object .* from \/etc\/ld\.so\.preload cannot be preloaded/,
  /^qemu: Unsupported syscall/,
  // bash's time, which build-docker.sh puts before `docker run`.
  /^(?:real|user|sys)\t/,
  // GitHub's runner after any failed step.
  /^Process completed with exit code \d+/,
  // A step's trace and progress bars.
  /^(?:\+ |[\s#.=>-]*$)/,
  /^\(Reading database \.\.\./,
];

/** Whether a line of output tells nothing about why a build failed. */
export function isNoise(text: string): boolean {
  return noise.some((pattern) => pattern.test(text));
}
