import type { BinaryFormat, MachineFacts } from './facts';

/**
 * What is run in a container to look at the engine's machine: POSIX sh, with the tools of a small Debian. It changes nothing
 * that outlives the container but a loop device, which it lets go again.
 */
export const probeScript = `
LC_ALL=C; export LC_ALL
say() { echo "pigen:$1=$2"; }
say machine "$(uname -m)"
say kernel "$(uname -r)"
page=$(getconf PAGESIZE 2>/dev/null) || page=
say page-size "$page"
set -- $(df -Pk / | tail -n 1)
say disk-free "$4"
dir=/tmp/pigen-probe; mkdir -p $dir
mount -t tmpfs none $dir 2>/dev/null && say mount yes && umount $dir
mknod $dir/null c 1 3 2>/dev/null && say mknod yes
if command -v setarch >/dev/null; then
  if setarch linux32 true 2>/dev/null; then say linux32 yes; else say linux32 no; fi
fi
formats=/proc/sys/fs/binfmt_misc
[ -e $formats/register ] || mount -t binfmt_misc binfmt_misc $formats 2>/dev/null
if [ -e $formats/register ]; then
  say binfmt yes
  for entry in $formats/*; do
    name=\${entry##*/}
    case $name in register|status) continue;; esac
    sed "s|^|pigen:format=$name |" "$entry"
  done
fi
if command -v losetup >/dev/null && losetup --version >/dev/null 2>&1; then
  device=
  trap '[ -z "$device" ] || losetup -d "$device"' EXIT
  trap 'exit 1' TERM INT
  image=$dir/image
  dd if=/dev/zero of=$image bs=1024 count=1024 2>/dev/null
  printf '\\000\\000\\000\\000\\203\\000\\000\\000\\010\\000\\000\\000\\010\\000\\000\\000' | dd of=$image bs=1 seek=446 conv=notrunc 2>/dev/null
  printf '\\125\\252' | dd of=$image bs=1 seek=510 conv=notrunc 2>/dev/null
  next=$(losetup -f 2>/dev/null)
  [ -z "$next" ] || [ -b "$next" ] || mknod "$next" b 7 "\${next#/dev/loop}" 2>/dev/null
  device=$(losetup -f --show -P $image 2>/dev/null)
  if [ -n "$device" ]; then
    say loop yes
    name=\${device#/dev/}
    if [ -d "/sys/block/$name/\${name}p1" ]; then say loop-partitions yes; else say loop-partitions no; fi
  else
    say loop no
  fi
fi
say end yes
`;

/** Reads what the probe printed; undefined where it did not come to its end. Lines that are not the probe's are passed over. */
export function parseProbe(output: string): MachineFacts | undefined {
  const values = new Map<string, string>();
  const formats = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const found = /^pigen:([a-z0-9-]+)=(.*)$/.exec(line.trimEnd());
    if (found === null) continue;
    const [, name = '', value = ''] = found;
    if (name !== 'format') {
      values.set(name, value);
      continue;
    }
    const [format = '', ...words] = value.split(' ');
    formats.set(format, [...(formats.get(format) ?? []), words.join(' ')]);
  }
  if (values.get('end') !== 'yes') return undefined;
  const free = numberOf(values.get('disk-free'));
  return {
    machine: values.get('machine') ?? '',
    kernel: values.get('kernel') ?? '',
    pageSize: numberOf(values.get('page-size')),
    canMount: values.get('mount') === 'yes',
    canMakeDevices: values.get('mknod') === 'yes',
    formats:
      values.get('binfmt') === 'yes'
        ? [...formats].map(([name, lines]) => binaryFormat(name, lines))
        : undefined,
    linux32: truth(values.get('linux32')),
    loopDevices: truth(values.get('loop')),
    loopPartitions: truth(values.get('loop-partitions')),
    diskFree: free === undefined ? undefined : free * 1024,
  };
}

/** `enabled`, `interpreter /usr/bin/qemu-arm-static`, `flags: POCF`, `offset 0`, `magic 7f45…`. */
function binaryFormat(name: string, lines: readonly string[]): BinaryFormat {
  const valueOf = (word: string): string =>
    lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? '';
  return {
    name,
    enabled: lines.includes('enabled'),
    interpreter: valueOf('interpreter'),
    flags: valueOf('flags:'),
    magic: valueOf('magic'),
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function truth(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'yes';
}
