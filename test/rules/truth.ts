import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { Finding, Fix } from '../../src/pigen/finding';
import { relativePath } from '../../src/pigen/files/path';
import { compatibleFixes, preferredFix } from '../../src/rules/apply-fixes';
import type { Checker } from '../../src/rules/checker';
import { applyFixes, copyTree, corePath, fixturesFolder } from './harness';

/** What a wrong image, or the build host, shows. Paths without a leading `/`. */
export interface Look {
  readonly missing?: readonly string[];
  readonly present?: readonly string[];
  /** Files, and a text in each of them. */
  readonly holds?: Readonly<Record<string, string>>;
  /** Files, and a text that belongs into each of them. */
  readonly lacks?: Readonly<Record<string, string>>;
}

/**
 * What a build shows of a finding that says error, where all other findings of its tree are mended. With neither of
 * `fails`, `image`, `host`, `deploy` and `elsewhere` it says of a warning how to mend it.
 */
export interface TruthOfFinding {
  /** `file:line` or `file:line,line` as in the `.expected` file; all of the rule's findings in these lines are meant. */
  readonly at: string;
  /** The build fails, and its log holds this. */
  readonly fails?: string;
  /** The build passes, and the image is wrong in this. The mended tree's image is not. */
  readonly image?: Look;
  /** The same of the build host. */
  readonly host?: Look;
  /** The same of the names in the folder of the results, where today is the first of January 2026. */
  readonly deploy?: Look;
  /** No engine can show it: why not, and what does. */
  readonly elsewhere?: string;
  /** What mends it where no preferred fix does: the line as it should be, or files as they should be. */
  readonly mend?: string | Readonly<Record<string, string>>;
}

export interface TruthOfTree {
  readonly rule: string;
  readonly tree: string;
  /** Binaries that a Raspberry Pi OS has and that the tree needs. */
  readonly programs: readonly string[];
  readonly findings: readonly TruthOfFinding[];
}

/** What test/rules/RULE/truth.yaml says. */
export type Truth =
  | { readonly kind: 'elsewhere'; readonly reason: string }
  | { readonly kind: 'trees'; readonly trees: readonly TruthOfTree[] };

interface TreeData {
  readonly programs?: readonly string[];
  readonly findings: readonly TruthOfFinding[];
}

/** At once, since mocha wants to know its tests before it runs any. Undefined where the rule has none. */
export function truthOf(rule: string): Truth | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(fixturesFolder, rule, 'truth.yaml'), 'utf8');
  } catch {
    return undefined;
  }
  const data = parse(text) as Record<string, TreeData> | { readonly elsewhere: string };
  if (typeof data.elsewhere === 'string') return { kind: 'elsewhere', reason: data.elsewhere };
  const trees = Object.entries(data as Record<string, TreeData>).map(([tree, { programs = [], findings }]) => ({
    rule,
    tree,
    programs,
    findings,
  }));
  return { kind: 'trees', trees };
}

export interface Place {
  readonly file: string;
  /** From 0. */
  readonly line: number;
}

/** The places that `at` names. */
export function placesOf(at: string): readonly Place[] {
  const colon = at.lastIndexOf(':');
  const file = at.slice(0, colon);
  return at
    .slice(colon + 1)
    .split(',')
    .map((line) => ({ file, line: Number(line) - 1 }));
}

/**
 * Writes a failing tree to a folder outside of this repository with all of its findings mended but those at `kept`;
 * undefined: with all of them mended.
 */
export async function writeMended(
  truth: TruthOfTree,
  kept: string | undefined,
  root: string,
  checker: Checker,
): Promise<void> {
  await copyTree(path.join(fixturesFolder, truth.rule, truth.tree), root);
  for (const { at, mend } of truth.findings) {
    if (at !== kept && mend !== undefined) await mendByHand(root, placesOf(at), mend);
  }
  let places = kept === undefined ? [] : placesOf(kept);
  const isKept = (finding: Finding): boolean =>
    finding.rule === truth.rule && places.some((place) => isAt(finding, place, root));
  for (;;) {
    const { findings } = await checker.checkTree(corePath(root));
    // Else a fix of another finding would have mended this one too, and the build would show nothing.
    if (kept !== undefined && !findings.some(isKept)) throw new Error(`${root}: nothing is left of ${kept}`);
    const fixes = compatibleFixes(findings, (finding) => (isKept(finding) ? undefined : preferredFix(finding)));
    if (fixes.length === 0) return;
    await applyFixes(fixes);
    places = places.map((place) => moved(place, fixes, root));
  }
}

function isAt({ file, range }: Finding, place: Place, root: string): boolean {
  return range.start.line === place.line && relativePath(corePath(root), file) === place.file;
}

/** Where a line is after edits of the lines before it. */
function moved({ file, line }: Place, fixes: readonly Fix[], root: string): Place {
  let by = 0;
  for (const edit of fixes.flatMap(({ edits }) => edits)) {
    if (edit.kind !== 'replace' || relativePath(corePath(root), edit.file) !== file) continue;
    const { start, end } = edit.range;
    if (end.line <= line && start.line < line) by += edit.text.split('\n').length - 1 - (end.line - start.line);
  }
  return { file, line: line + by };
}

async function mendByHand(
  root: string,
  places: readonly Place[],
  mend: NonNullable<TruthOfFinding['mend']>,
): Promise<void> {
  if (typeof mend !== 'string') {
    for (const [name, text] of Object.entries(mend)) await writeFileBelow(root, name, text);
    return;
  }
  for (const { file, line } of places) {
    const lines = (await readFile(path.join(root, file), 'utf8')).split('\n');
    lines[line] = mend;
    await writeFile(path.join(root, file), lines.join('\n'));
  }
}

async function writeFileBelow(root: string, name: string, text: string): Promise<void> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}
