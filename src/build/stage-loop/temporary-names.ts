import { programsOf, walk } from '../../shell/queries';
import type { Script } from '../../shell/script';

/** Stands for any name: the folder itself is used, or a name that only bash can tell. */
const anyName = '*';

const inChroot = /(?<![\w.}/-])\/(tmp|run|var\/run)(?![\w.-])(?:\/([\w.@+-]*))?/g;
const onHost = /\$(?:ROOTFS_DIR|\{ROOTFS_DIR\})"?\/(tmp|run|var\/run)(?![\w.-])(?:\/([\w.@+-]*))?/g;

const wordTypes: ReadonlySet<string> = new Set([
  'word',
  'string',
  'raw_string',
  'concatenation',
  'string_content',
]);

/**
 * What scripts use of the rootfs' /tmp and /run, as `tmp/NAME`: on_chroot (scripts/common) mounts a tmpfs on each, which
 * lasts until the stage ends and is in no layer.
 */
export function temporaryNames(scripts: readonly Script[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const script of scripts.flatMap((one) => [...programsOf(one)])) {
    const pattern = script.place === 'chroot' ? inChroot : onHost;
    for (const node of walk(script.root)) {
      if (!wordTypes.has(node.type)) continue;
      for (const [, folder = '', name = ''] of script.text.slice(node.start, node.end).matchAll(pattern)) {
        names.add(`${folder === 'tmp' ? 'tmp' : 'run'}/${name === '' ? anyName : name}`);
      }
    }
  }
  return names;
}

/**
 * From which part a stage has to be resumed so that the parts from `first` on find in /tmp and /run what they look for:
 * `first`, or an earlier one.
 *
 * @param parts what each part uses, in their order
 */
export function resumableFrom(parts: readonly ReadonlySet<string>[], first: number): number {
  const later = parts.slice(first);
  const source = parts.slice(0, first).findIndex((part) => later.some((one) => meet(part, one)));
  return source < 0 ? first : resumableFrom(parts, source);
}

function meet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const name of one) {
    const [folder = ''] = name.split('/');
    if (other.has(name) || other.has(`${folder}/${anyName}`)) return true;
    if (name.endsWith(`/${anyName}`) && [...other].some((found) => found.startsWith(`${folder}/`)))
      return true;
  }
  return false;
}
