/** A file, folder, link or special file of a root file system. */
export interface RootfsEntry {
  /** As find names it: `f`, `d`, `l`, `c`, `b`, `p`, `s`. */
  readonly type: string;
  /** As octal digits. */
  readonly mode: string;
  readonly user: number;
  readonly group: number;
  /** 0 for folders. */
  readonly bytes: number;
}

export interface EntryChange {
  /** Below the root, without a leading `/`. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before: RootfsEntry | undefined;
  readonly after: RootfsEntry | undefined;
}

export interface PackageChange {
  /** With its architecture, where that is not the only one of the name: `libc6:armhf`. */
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly versionBefore: string | undefined;
  readonly versionAfter: string | undefined;
  /** By which the installed size grew. */
  readonly bytes: number;
}

/** What a stage made of the root file system of the stage before it. */
export interface StageComparison {
  readonly before: string;
  readonly stage: string;
  /** By path. */
  readonly entries: readonly EntryChange[];
  /** By name. */
  readonly packages: readonly PackageChange[];
  /** By which all files grew, hard links counted once for each name. */
  readonly bytes: number;
}

interface Package {
  readonly version: string;
  readonly bytes: number;
}

/** Reads what container/compare-stage.sh prints, record by record. Used once. */
export class ComparisonReader {
  #stages: readonly [string, string] = ['', ''];
  readonly #removed = new Map<string, RootfsEntry>();
  readonly #added = new Map<string, RootfsEntry>();
  readonly #packagesBefore = new Map<string, Package>();
  readonly #packagesAfter = new Map<string, Package>();
  #complete = false;

  /** @param record without the NUL that ends it */
  push(record: string): void {
    const [kind = '', ...fields] = record.split('\t');
    switch (kind) {
      case 'stages':
        this.#stages = [fields[0] ?? '', fields[1] ?? ''];
        break;
      case '-':
        takeEntry(this.#removed, fields);
        break;
      case '+':
        takeEntry(this.#added, fields);
        break;
      case '<':
        takePackage(this.#packagesBefore, fields);
        break;
      case '>':
        takePackage(this.#packagesAfter, fields);
        break;
      case '.':
        this.#complete = true;
        break;
    }
  }

  /** Undefined where the records broke off. */
  end(): StageComparison | undefined {
    if (!this.#complete) return undefined;
    const [before, stage] = this.#stages;
    const entries = changes(this.#removed, this.#added).map(([path, one, other]) => ({
      path,
      change: kindOf(one, other),
      before: one,
      after: other,
    }));
    const packages = changes(this.#packagesBefore, this.#packagesAfter).flatMap(([name, one, other]) =>
      one?.version === other?.version
        ? []
        : [
            {
              name,
              change: kindOf(one, other),
              versionBefore: one?.version,
              versionAfter: other?.version,
              bytes: (other?.bytes ?? 0) - (one?.bytes ?? 0),
            },
          ],
    );
    return { before, stage, entries, packages, bytes: growth(entries) };
  }
}

/** By which the entries grew in all. */
export function growth(entries: readonly EntryChange[]): number {
  let bytes = 0;
  for (const { before, after } of entries) bytes += (after?.bytes ?? 0) - (before?.bytes ?? 0);
  return bytes;
}

function takeEntry(entries: Map<string, RootfsEntry>, fields: readonly string[]): void {
  const [type = '', mode = '', user = '', group = '', bytes = '', , ...rest] = fields;
  const [path = ''] = type === 'l' ? rest.join('\t').split('//', 1) : [rest.join('\t')];
  entries.set(path, {
    type,
    mode,
    user: Number(user),
    group: Number(group),
    bytes: Number(bytes),
  });
}

function takePackage(packages: Map<string, Package>, fields: readonly string[]): void {
  const [name = '', version = '', architecture = '', kilobytes = ''] = fields;
  const key = packages.has(name) ? `${name}:${architecture}` : name;
  packages.set(key, { version, bytes: Number(kilobytes) * 1024 });
}

function changes<Value>(
  before: ReadonlyMap<string, Value>,
  after: ReadonlyMap<string, Value>,
): readonly (readonly [string, Value | undefined, Value | undefined])[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.map((name) => [name, before.get(name), after.get(name)] as const);
}

function kindOf(before: unknown, after: unknown): EntryChange['change'] {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}
