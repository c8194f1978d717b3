// runc for a machine that lacks capabilities: asks for those that there are, of containers and of programs started in them.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

// In the order of linux/capability.h: the place is the bit.
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
    .split(' ')
    .map((name) => `CAP_${name}`);

const words = process.argv.slice(2);
const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]}`);
const missing = new Set(names.filter((_name, bit) => (bounding & (1n << BigInt(bit))) === 0n));

/** The value of an option, as `--name value` or `--name=value`. */
function option(...spellings) {
  for (const [index, word] of words.entries()) {
    for (const spelling of spellings) {
      if (word === spelling) return words[index + 1];
      if (word.startsWith(`${spelling}=`)) return word.slice(spelling.length + 1);
    }
  }
  return undefined;
}

/** @param {string} file @param {(spec: any) => any} processOf */
function lessen(file, processOf) {
  const spec = JSON.parse(readFileSync(file, 'utf8'));
  const started = processOf(spec);
  const capabilities = started?.capabilities ?? {};
  for (const [set, held] of Object.entries(capabilities)) {
    capabilities[set] = held.filter((name) => !missing.has(name));
  }
  // Podman asks for limits above those of its own process, which only this capability lets it have.
  if (missing.has('CAP_SYS_RESOURCE')) delete started?.rlimits;
  writeFileSync(file, JSON.stringify(spec));
}

if (words.includes('create')) {
  lessen(path.join(option('--bundle', '-b') ?? '.', 'config.json'), (spec) => spec.process);
} else if (words.includes('exec')) {
  const file = option('--process', '-p');
  if (file !== undefined) lessen(file, (spec) => spec);
}
process.exitCode = spawnSync('runc', words, { stdio: 'inherit' }).status ?? 1;
