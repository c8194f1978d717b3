import { pageOf } from '../pigen/finding';
import type { Finding } from '../pigen/finding';
import type { StageTree } from '../pigen/stage-tree';
import { Evidence } from './evidence';
import type { ClassifiedClue } from './evidence';
import type { Certainty, Explanation, FailedStep, Failure } from './explanation';
import { say } from './failure-class';
import type { Place } from './failure-class';
import { LocalPaths } from './local-paths';
import type { PathPair } from './local-paths';
import { missingRootfsCauses } from './missing-rootfs';
import { parseBashMessage, placeOfMessage } from './script-lines';
import { Scene } from './scene';
import type { Analyse } from './scene';

export interface ExplainOptions {
  /** The local tree that was built; without it the step is still named, by the log's path. */
  readonly tree?: StageTree;
  /** Reads a local file (of the tree); undefined where it cannot be read. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Where folders of the build container are local, as the build put them there. */
  readonly paths?: readonly PathPair[];
  /** Parses scripts; without it a cause inside a heredoc is named without its line. */
  readonly analyse?: Analyse;
  /** The rules that have a page, so that a finding of the same name can point at it. */
  readonly knownRules?: ReadonlySet<string>;
  /** Set by who knows how the build ended (its exit status); else the log tells. */
  readonly failed?: boolean;
}

const certainties: readonly Certainty[] = ['certain', 'likely', 'guess'];
/** Of one class: ten unknown packages are one mistake ten times. */
const failuresOfClass = 5;

/** Explains a build while its log comes in: take the whole log with `push`, then ask. Memory does not grow with the log. */
export class LogExplainer {
  readonly #evidence = new Evidence();

  push(chunk: string): void {
    this.#evidence.push(chunk);
  }

  /** What was running where the log stands now, by the log's paths, innermost last: it tells which tree was built. */
  get openPaths(): readonly string[] {
    return this.#evidence.stack.open.map(({ path }) => path);
  }

  /** To be called once, at the end of the log. Rejects only where `options.readText` does. */
  async explain(options: ExplainOptions): Promise<Explanation> {
    const evidence = this.#evidence;
    evidence.end();
    if (!hasFailed(evidence, options.failed)) return { failures: [], failed: false };
    const failures = await explainEvidence(evidence, options);
    return { failures, failed: true };
  }
}

/**
 * Explains a whole log, given in any chunks. Where it holds several runs, the last one counts. Never rejects for what
 * the log holds; rejects where the chunks or `options.readText` do.
 */
export async function explainLog(
  logChunks: AsyncIterable<string>,
  options: ExplainOptions,
): Promise<Explanation> {
  const explainer = new LogExplainer();
  for await (const chunk of logChunks) explainer.push(chunk);
  return explainer.explain(options);
}

/** Older branches of pi-gen end without a word: then steps that are still open, or a complaint before any step, tell. */
function hasFailed(evidence: Evidence, known: boolean | undefined): boolean {
  if (known !== undefined) return known;
  if (evidence.result !== undefined) return evidence.result === 'failed';
  if (evidence.stack.open.length > 0) return true;
  return evidence.clues.some(({ failureClass }) => failureClass.certainty === 'certain');
}

async function explainEvidence(evidence: Evidence, options: ExplainOptions): Promise<readonly Failure[]> {
  const frame = evidence.stack.innermost;
  const paths = new LocalPaths(options.tree, options.paths);
  const local = frame && paths.find(frame.path);
  const stageFrame = evidence.stack.stage;
  const scene = new Scene({
    frame,
    local,
    stage: stageFrame && paths.find(stageFrame.path),
    readText: options.readText,
    analyse: options.analyse,
  });
  const step: FailedStep | undefined = frame && { path: local?.path ?? frame.path, kind: frame.kind };
  const make = new FailureMaker(step, options.knownRules ?? new Set());

  const failures: Failure[] = [];
  const { rootfsClue } = evidence;
  if (rootfsClue !== undefined) {
    for (const cause of await missingRootfsCauses(rootfsClue, scene, evidence.stack)) {
      failures.push(make.failure({ ...cause, logLine: rootfsClue.line }));
    }
  }
  for (const { clue, failureClass } of rank(evidence.clues)) {
    const place =
      failureClass.locate === undefined
        ? ((await placeOfMessage(clue.text, scene)) ?? scene.stepPlace())
        : await failureClass.locate(clue, scene);
    failures.push(
      make.failure({
        name: failureClass.name,
        certainty: failureClass.certainty,
        cause: say(failureClass.cause, clue, scene),
        fix: say(failureClass.fix, clue, scene),
        place,
        logLine: clue.line,
      }),
    );
  }
  if (failures.length > 0) return distinct(failures);
  return [await explainUnknown(evidence, scene, make)];
}

/** The surest first; of equally sure ones the later, since `bash -e` stops at what fails. Of one class in the log's order. */
function rank(clues: readonly ClassifiedClue[]): readonly ClassifiedClue[] {
  const lastLine = new Map(clues.map(({ clue, failureClass }) => [failureClass.name, clue.line]));
  const sureness = ({ failureClass }: ClassifiedClue): number => certainties.indexOf(failureClass.certainty);
  const last = ({ failureClass }: ClassifiedClue): number => lastLine.get(failureClass.name) ?? 0;
  return [...clues].sort(
    (a, b) => sureness(a) - sureness(b) || last(b) - last(a) || a.clue.line - b.clue.line,
  );
}

function distinct(failures: readonly Failure[]): readonly Failure[] {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return failures.filter((failure) => {
    const place = failure.finding && [failure.finding.file, failure.finding.range.start.line];
    const key = JSON.stringify([failure.class, place ?? failure.cause]);
    const count = counts.get(failure.class) ?? 0;
    if (seen.has(key) || count >= failuresOfClass) return false;
    seen.add(key);
    counts.set(failure.class, count + 1);
    return true;
  });
}

interface FailureParts {
  readonly name: string;
  readonly certainty: Certainty;
  readonly cause: string;
  readonly fix: string;
  readonly place: Place | undefined;
  readonly logLine: number | undefined;
}

class FailureMaker {
  constructor(
    private readonly step: FailedStep | undefined,
    private readonly knownRules: ReadonlySet<string>,
  ) {}

  failure({ name, certainty, cause, fix, place, logLine }: FailureParts): Failure {
    const finding: Finding | undefined = place && {
      rule: name,
      severity: 'error',
      message: `${cause} ${fix}`,
      file: place.file,
      range: place.range,
      ...(this.knownRules.has(name) && { docs: pageOf(name) }),
    };
    return { class: name, cause, fix, certainty, step: this.step, finding, logLine };
  }
}

/** Nothing known: names the step, the line where bash gave one, and the last thing said. */
async function explainUnknown(evidence: Evidence, scene: Scene, make: FailureMaker): Promise<Failure> {
  const { lines } = evidence;
  const message = lines.findLast((line) => parseBashMessage(line.text) !== undefined);
  if (message !== undefined) {
    return make.failure({
      name: 'command-failed',
      certainty: 'likely',
      cause: `A command failed, and why is not known: ${quoted(message.text)}`,
      fix: 'Look at the command and at the lines of the log above the message.',
      place: (await placeOfMessage(message.text, scene)) ?? scene.stepPlace(),
      logLine: message.line,
    });
  }
  const last = lines.at(-1);
  const kind = scene.frame?.kind;
  if (last === undefined && (kind === 'run' || kind === 'run-chroot' || kind === 'prerun')) {
    return make.failure({
      name: 'silent-exit',
      certainty: 'guess',
      cause:
        'The script ended with an error and said nothing: with bash -e, any command that returns non-zero stops it (grep -q, a test, false).',
      fix: 'Add "set -x" at its top to see the last command, and "|| true" where a failure does not matter.',
      place: scene.stepPlace(),
      logLine: evidence.resultLine,
    });
  }
  return make.failure({
    name: 'unknown',
    certainty: 'guess',
    cause:
      last === undefined
        ? 'The build stopped here, and the log does not tell why.'
        : `The build stopped here, and why is not known. The last thing said: ${quoted(last.text)}`,
    fix: 'Look at the end of the log; the complete log may hold more than this part.',
    place: scene.stepPlace(),
    logLine: last?.line ?? evidence.resultLine,
  });
}

function quoted(text: string): string {
  const short = text.length > 300 ? `${text.slice(0, 299)}…` : text;
  return `“${short.trim()}”`;
}
