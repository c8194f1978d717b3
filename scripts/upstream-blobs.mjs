/**
 * Writes src/pigen/tree/upstream-blobs.ts: what git calls the scripts, lists and patches that pi-gen ever shipped, so that the
 * checks tell them from files of one's own. Hashes only, nothing of the files.
 *
 *     node scripts/upstream-blobs.mjs PATH_OF_A_CLONE_OF_PI_GEN
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const branches = [
  ...['master', 'arm64', 'bookworm', 'bookworm-arm64', 'bullseye', 'bullseye-arm64', 'buster', 'jessie'],
];
/** What the rules read: steps, prerun.sh, markers with a content, patches. */
const judged =
  /\/(?:prerun\.sh|\d\d-(?:run|run-chroot)\.sh|\d\d-(?:packages|packages-nr|debconf)|EXPORT_IMAGE|EXPORT_NOOBS|\d\d-patches\/[^/]+)$/;
/** An empty file is nobody's. */
const empty = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
/** Hexadecimal digits of a hash that are kept: 48 bits, so that one file in 10¹¹ is taken for one of pi-gen's. */
const kept = 12;

const [clone] = process.argv.slice(2);
if (clone === undefined) {
  console.error('Usage: node scripts/upstream-blobs.mjs PATH_OF_A_CLONE_OF_PI_GEN');
  process.exit(2);
}

/** @param {readonly string[]} words */
function git(words) {
  return execFileSync('git', ['-C', clone, ...words], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

const known = new Set(git(['for-each-ref', '--format=%(refname)']).split('\n'));
const refs = branches.flatMap((name) =>
  [`refs/heads/${name}`, `refs/remotes/origin/${name}`].filter((ref) => known.has(ref)).slice(0, 1),
);
if (refs.length < branches.length) {
  console.error(`Some of pi-gen's branches are not there: ${branches.join(', ')}`);
  process.exit(1);
}
const log = git(['log', ...refs, '--format=', '--raw', '--no-abbrev', '--no-renames', '-m']);
const hashes = new Set();
for (const line of log.split('\n')) {
  const [, , , hash, rest = ''] = line.split(' ');
  const file = rest.split('\t')[1] ?? '';
  if (hash === undefined || /^0+$/.test(hash) || hash === empty || !judged.test(file)) continue;
  hashes.add(hash.slice(0, kept));
}
const bytes = Buffer.from([...hashes].sort().join(''), 'hex');
const text = `// Written by scripts/upstream-blobs.mjs: ${hashes.size} files of RPi-Distro/pi-gen, of all its branches and commits.

/** The first ${kept / 2} bytes of the git hash of each, in base64. */
export const upstreamBlobs =
  '${bytes.toString('base64')}';
`;
writeFileSync(path.resolve(import.meta.dirname, '../src/pigen/tree/upstream-blobs.ts'), text);
console.log(`${hashes.size} files, ${bytes.length} bytes`);
