import { growth } from './comparison';
import type { EntryChange, PackageChange, RootfsEntry, StageComparison } from './comparison';
import { shownSize } from './shown-size';

const signs = { added: '+', removed: '-', changed: '~' } as const;

/** A comparison for people: sums, packages, the folders that grew most, and every file. Lines end with LF. */
export function comparisonText({ before, stage, entries, packages, bytes }: StageComparison): string {
  const count = (change: EntryChange['change']) => entries.filter((one) => one.change === change).length;
  const lines = [
    `${stage}, compared with ${before}`,
    '',
    `Size: ${signed(bytes)}`,
    `Files and folders: ${count('added')} added, ${count('removed')} removed, ${count('changed')} changed`,
    `Packages: ${packages.length === 0 ? 'none added, removed or changed' : packages.length}`,
  ];
  if (packages.length > 0) lines.push('', 'Packages', ...packages.map(packageLine));
  const folders = largestFolders(entries);
  if (folders.length > 0) {
    lines.push('', 'Folders that changed most in size');
    for (const [path, size] of folders) lines.push(`  ${signed(size).padStart(10)}  ${path}/`);
  }
  if (entries.length > 0) lines.push('', 'Files and folders', ...entries.map(entryLine));
  return `${lines.join('\n')}\n`;
}

function packageLine({ name, change, versionBefore, versionAfter, bytes }: PackageChange): string {
  const versions =
    change === 'changed' ? `${versionBefore} → ${versionAfter}` : (versionAfter ?? versionBefore);
  return `${signs[change]} ${signed(bytes).padStart(10)}  ${name} ${versions}`;
}

function entryLine({ path, change, before, after }: EntryChange): string {
  const size = (after?.bytes ?? 0) - (before?.bytes ?? 0);
  const isFolder = (after ?? before)?.type === 'd';
  const what = change === 'changed' && before && after ? whatChanged(before, after) : '';
  const name = `/${shownName(path)}${isFolder ? '/' : ''}`;
  return `${signs[change]} ${(isFolder ? '' : signed(size)).padStart(10)}  ${name}${what}`;
}

function whatChanged(before: RootfsEntry, after: RootfsEntry): string {
  const parts = [
    ...(before.type === after.type ? [] : [`type ${before.type} → ${after.type}`]),
    ...(before.mode === after.mode ? [] : [`mode ${before.mode} → ${after.mode}`]),
    ...(before.user === after.user && before.group === after.group
      ? []
      : [`owner ${before.user}:${before.group} → ${after.user}:${after.group}`]),
  ];
  return parts.length === 0 ? '' : `  (${parts.join(', ')})`;
}

/** A name of a file must not look like another line. */
function shownName(path: string): string {
  return path.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Two levels deep, the ten that changed most. */
function largestFolders(entries: readonly EntryChange[]): readonly (readonly [string, number])[] {
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    const parts = entry.path.split('/');
    if (parts.length < 2) continue;
    const folder = `/${shownName(parts.slice(0, Math.min(2, parts.length - 1)).join('/'))}`;
    sizes.set(folder, (sizes.get(folder) ?? 0) + growth([entry]));
  }
  return [...sizes]
    .filter(([, size]) => size !== 0)
    .sort(([, one], [, other]) => Math.abs(other) - Math.abs(one))
    .slice(0, 10);
}

function signed(bytes: number): string {
  return bytes > 0 ? `+${shownSize(bytes)}` : shownSize(bytes);
}
