import type { Branch } from '../../pigen/branches';

/** What the kernel knows programs by: e_machine of the ELF header, bytes 18 and 19, and e_ident's class, byte 4: /usr/include/elf.h. */
export const programKinds = {
  armhf: { elfClass: '01', elfMachine: '2800', emulator: 'qemu-arm' },
  arm64: { elfClass: '02', elfMachine: 'b700', emulator: 'qemu-aarch64' },
  i386: { elfClass: '01', elfMachine: '0300', emulator: 'qemu-i386' },
} as const;

type Architecture = Branch['architecture'];

/** Whether a machine needs no emulation for an image. A 64-bit ARM machine that runs no 32-bit programs needs another branch. */
export function runsNatively(machine: string, architecture: Architecture): boolean {
  return machine === 'aarch64' || (machine.startsWith('arm') && architecture === 'armhf');
}

/** In what the kernel tells of a format, as bash's pattern. */
const anyByte = '??';

/**
 * What bash in the build's container does before build.sh, where the engine's machine is of another architecture than the
 * image: it registers the container's own qemu with the kernel, with the flag F, unless one with that flag is there.
 * build-docker.sh does so on its own machine, which need not be the engine's; and `dpkg-reconfigure qemu-user-binfmt`, which
 * is in the start line of trixie's branches, registers nothing. What does not work is left to build.sh to tell.
 */
export function emulatorRegistration(architecture: Architecture): string {
  const { elfClass, elfMachine, emulator } = programKinds[architecture];
  const escaped = (hex: string): string => hex.replaceAll(/../g, '\\x$&');
  const magic = `7f454c46${elfClass}0101000000000000000000`;
  const mask = 'ffffffffffffff00fffffffffffffffffeffffff';
  return `(
  set +e
  emulator=$(command -v ${emulator}-static || command -v ${emulator}) || exit 0
  formats=$(mktemp -d)
  mount -t binfmt_misc binfmt_misc "$formats" || exit 0
  trap 'umount "$formats"; rmdir "$formats"' EXIT
  for format in "$formats"/*; do
    IFS= read -r -d '' told < "$format"
    case "$told" in enabled*'flags: '*F*'magic 7f454c46${elfClass}'${anyByte.repeat(13)}'${elfMachine}'*) exit 0 ;; esac
  done
  if [ -e "$formats/${emulator}-rpi" ]; then echo -1 > "$formats/${emulator}-rpi"; fi
  echo 'Registering ${emulator} for binfmt_misc...'
  printf '%s' ':${emulator}-rpi:M::${escaped(`${magic}0200${elfMachine}`)}:${escaped(mask)}:'"$emulator:F" > "$formats/register"
) 2> /dev/null || true
`;
}
