import { pathToFileURL } from 'node:url';
import type {
  ArtifactLocation,
  Fix as SarifFix,
  Location,
  Log,
  Region,
  ReportingDescriptor,
  Result,
} from 'sarif';
import type { Finding, Fix, FixEdit, Severity } from '../pigen/finding';
import { isAbsolute, shownPath } from '../pigen/files/path';
import type { TextRange } from '../pigen/text';
import { rules } from '../rules';
import type { Rule } from '../rules/rule';
import { internalErrorName } from '../rules/runner';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/** SARIF 2.1.0, as code scanning services read it. Paths are relative to the working directory where they lie in it. */
export function sarifLog(findings: readonly Finding[], version: string, workingFolder: string): Log {
  const descriptors = [...rules.map(descriptorOf), ...others(findings)];
  const indexes = new Map(descriptors.map(({ id }, index) => [id, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'pigen', version, semanticVersion: version, rules: [...descriptors] } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [base]: { uri: folderUri(workingFolder) } },
        results: findings.map((finding) => resultOf(finding, indexes.get(finding.rule) ?? -1, workingFolder)),
      },
    ],
  };
}

const base = '%SRCROOT%';

function descriptorOf({ name, summary, severity, page }: Rule): ReportingDescriptor {
  return {
    id: name,
    shortDescription: { text: plain(summary) },
    help: { text: plain(`${page.why}\n\n${page.fix}`), markdown: `${page.why}\n\n${page.fix}` },
    defaultConfiguration: { level: levels[severity] },
  };
}

/** Findings that no rule of ours made. */
function others(findings: readonly Finding[]): readonly ReportingDescriptor[] {
  const known = new Set(rules.map(({ name }) => name));
  const names = new Set(findings.map(({ rule }) => rule).filter((rule) => !known.has(rule)));
  return [...names].map((id) => ({
    id,
    ...(id === internalErrorName ? { shortDescription: { text: 'A check that failed itself.' } } : {}),
  }));
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}

function resultOf(finding: Finding, ruleIndex: number, workingFolder: string): Result {
  const { rule, code, severity, message, file, range, related, fixes } = finding;
  const sarifFixes = (fixes ?? []).flatMap((fix) => fixOf(fix, workingFolder));
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: code === undefined ? message : `${code.name}: ${message}` },
    // Who asks for a code of another checker finds it here, with the page about it.
    ...(code !== undefined && { properties: { code: code.name, helpUri: code.page, tags: [code.name] } }),
    locations: [locationOf(file, range, workingFolder)],
    ...(related === undefined
      ? {}
      : {
          relatedLocations: related.map((place, id) => ({
            id,
            ...locationOf(place.file, place.range, workingFolder),
            message: { text: place.message },
          })),
        }),
    ...(sarifFixes.length === 0 ? {} : { fixes: sarifFixes }),
  };
}

/** SARIF knows changes of texts only: a fix that renames or makes files is left out. */
function fixOf(fix: Fix, workingFolder: string): readonly SarifFix[] {
  const replacements = fix.edits.filter((edit) => edit.kind === 'replace');
  if (replacements.length < fix.edits.length) return [];
  const files = [...new Set(replacements.map(({ file }) => file))];
  return [
    {
      description: { text: fix.title },
      artifactChanges: files.map((file) => ({
        artifactLocation: artifactOf(file, workingFolder),
        replacements: replacements.filter((edit) => edit.file === file).map(replacementOf),
      })),
    },
  ];
}

function replacementOf({ range, text }: Extract<FixEdit, { kind: 'replace' }>): {
  deletedRegion: Region;
  insertedContent: { text: string };
} {
  return { deletedRegion: regionOf(range), insertedContent: { text } };
}

function locationOf(file: string, range: TextRange, workingFolder: string): Location {
  return { physicalLocation: { artifactLocation: artifactOf(file, workingFolder), region: regionOf(range) } };
}

/** 1-based, the end exclusive, as SARIF counts. */
function regionOf({ start, end }: TextRange): Region {
  return {
    startLine: start.line + 1,
    startColumn: start.column + 1,
    endLine: end.line + 1,
    endColumn: end.column + 1,
  };
}

function artifactOf(file: string, workingFolder: string): ArtifactLocation {
  const shown = shownPath(file, workingFolder);
  if (isAbsolute(shown)) return { uri: pathToFileURL(shown).href };
  return { uri: shown.split('/').map(encodeURIComponent).join('/'), uriBaseId: base };
}

function folderUri(folder: string): string {
  const { href } = pathToFileURL(folder);
  return href.endsWith('/') ? href : `${href}/`;
}
