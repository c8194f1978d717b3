import { fileStart } from '../pigen/text';
import type { StageTree } from '../pigen/tree/stage-tree';
import { Evidence } from './evidence';
import type { Explanation, FailedStep, Failure } from './explanation';
import { fillIn } from './failure-class';
import { FailureMaker } from './failure-maker';
import { LocalPaths } from './local-paths';
import { LogReader } from './log-reader';
import type { LogEvent } from './log-reader';
import type { PathPair } from './local-paths';
import { missingRootfsCauses } from './missing-rootfs';
import { decideClues, goesOnAfterErrors, rankSuspects } from './rank-clues';
import type { Suspect } from './rank-clues';
import { placeOfMessage } from './script-lines';
import { readSecondLog } from './second-log';
import { Scene } from './scene';
import { unexportedStages } from './unexported-stages';
import type { Analyse } from './scene';
import { explainUnknown } from './unknown-failure';

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

/** Of one class: ten unknown packages are one mistake ten times. */
const failuresOfClass = 5;

/** Explains a build while its log comes in: take the whole log with `push`, then ask. Memory does not grow with the log. */
export class LogExplainer {
  readonly #reader = new LogReader();
  readonly #evidence = new Evidence();

  /** @param alsoTake is told every event of the log, so that who wants them need not read it again */
  constructor(private readonly alsoTake?: (event: LogEvent) => void) {}

  push(chunk: string): void {
    for (const event of this.#reader.push(chunk)) this.#take(event);
  }

  /** The log is over, so that its last line counts although nothing ends it. */
  end(): void {
    for (const event of this.#reader.end()) this.#take(event);
    this.#evidence.end();
  }

  /** What was running where the log stands now, by the log's paths, innermost last: it tells which tree was built. */
  get openPaths(): readonly string[] {
    return this.#evidence.stack.open.map(({ path }) => path);
  }

  /** At the end of the log, once for each tree that it may be of. Rejects only where `options.readText` does. */
  async explain(options: ExplainOptions): Promise<Explanation> {
    this.end();
    return new Explainer(this.#evidence, this.#reader.elapsed, options).explain();
  }

  #take(event: LogEvent): void {
    this.#evidence.take(event);
    this.alsoTake?.(event);
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

/** Makes failures of what was gathered. */
class Explainer {
  readonly #scene: Scene;
  /** Of what happened in the step that was open at the end. */
  readonly #make: FailureMaker;

  constructor(
    private readonly evidence: Evidence,
    elapsed: number,
    private readonly options: ExplainOptions,
  ) {
    const { stack, lines, lineCount } = evidence;
    const { tree, readText, analyse } = options;
    const paths = new LocalPaths(tree, options.paths);
    const { inputs } = evidence;
    const isOfAction = evidence.isRewritten || inputs.size > 0;
    const log = { stack, lines, lineCount, elapsed, inputs, isOfAction };
    this.#scene = new Scene({ ...log, paths, tree, readText, analyse });
    this.#make = this.#maker(this.#scene);
  }

  #maker({ frame, local }: Scene): FailureMaker {
    const step: FailedStep | undefined = frame && { path: local?.path ?? frame.path, kind: frame.kind };
    return new FailureMaker(step, this.options.knownRules ?? new Set());
  }

  async explain(): Promise<Explanation> {
    const remarks = await this.#remarks();
    if (!hasFailed(this.evidence, this.options.failed)) return { failures: [], failed: false, remarks };
    return { failures: distinct(await this.#failures()), failed: true, remarks };
  }

  async #failures(): Promise<readonly Failure[]> {
    const { evidence } = this;
    const scene = this.#scene;
    const failures: Failure[] = [];
    const { rootfsClue } = evidence;
    if (rootfsClue !== undefined) {
      for (const cause of await missingRootfsCauses(rootfsClue, scene, evidence.stack)) {
        failures.push(this.#make.failure({ ...cause, logLine: rootfsClue.line }));
      }
    }
    if (failures[0]?.certainty !== 'certain') failures.push(...(await this.#suspected(failures)));
    const known = failures.length > 0;
    if (!known) failures.push(await explainUnknown(evidence, scene, this.#make));
    failures.push(...(await this.#contributions(known)));
    return failures;
  }

  async #suspected(before: readonly Failure[]): Promise<readonly Failure[]> {
    const { evidence } = this;
    const scene = this.#scene;
    const suspects = await decideClues(evidence.clues, scene);
    const second = await readSecondLog(suspects, scene);
    const earlier = await decideClues(evidence.lasting, scene);
    const failures: Failure[] = [];
    for (const suspect of await rankSuspects([...second, ...suspects], earlier, scene)) {
      const failure = await this.#failure(suspect);
      // Of what follows from another, what is to be mended in the same file says nothing new; nor does the same once more.
      const file = failure.finding?.file;
      const isNew = [...before, ...failures].every((other) =>
        file === undefined ? other.class !== failure.class : other.finding?.file !== file,
      );
      if (!suspect.follows || isNew) failures.push(failure);
    }
    return failures;
  }

  async #failure({ clue, failureClass, certainty }: Omit<Suspect, 'follows'>): Promise<Failure> {
    const { name, cause, fix, locate } = failureClass;
    const groups = { ...clue.match.groups };
    // What an earlier step said is about that step.
    const scene = this.#scene.at(clue.frame);
    const make = scene === this.#scene ? this.#make : this.#maker(scene);
    return make.failure({
      name,
      certainty,
      cause: fillIn(cause, groups),
      fix: fillIn(fix, groups),
      place:
        locate === undefined
          ? ((await placeOfMessage(clue.text, scene)) ?? scene.stepPlace())
          : await locate(clue, scene),
      logLine: clue.line,
    });
  }

  /** What lets an error pass or go unseen, and so may be behind what is known. */
  async #contributions(known: boolean): Promise<readonly Failure[]> {
    const { evidence } = this;
    const scene = this.#scene;
    const found: Failure[] = [];
    if (known && (await goesOnAfterErrors(scene))) {
      found.push(
        this.#make.failure({
          name: 'missing-errexit',
          certainty: 'guess',
          cause:
            'The script goes on after a command has failed, so that the first error is followed by others.',
          fix: 'Begin it with #!/bin/bash -e.',
          place: scene.local && { file: scene.local.path, range: fileStart },
          logLine: undefined,
        }),
      );
    }
    const stage = evidence.stack.stage?.path;
    for (const skip of evidence.skips) {
      if (stage !== undefined && skip.path.startsWith(`${stage}/`)) found.push(this.#skipped(skip));
    }
    return found;
  }

  #skipped({ path, line }: { readonly path: string; readonly line: number }): Failure {
    const local = this.#scene.paths.find(path);
    return this.#make.failure({
      name: 'not-executable',
      certainty: 'guess',
      cause: `pi-gen passed over ${path} because it is not executable: what it makes is missing in the image.`,
      fix: 'Set its execute bit, in git too: chmod +x and git update-index --chmod=+x.',
      place: local && { file: local.path, range: fileStart },
      logLine: line,
    });
  }

  async #remarks(): Promise<readonly Failure[]> {
    const { evidence } = this;
    const remarks: Failure[] = [];
    for (const suspect of await decideClues(evidence.remarks, this.#scene)) {
      remarks.push(await this.#failure(suspect));
    }
    for (const skip of evidence.skips) remarks.push(this.#skipped(skip));
    const left = evidence.result === 'finished' ? unexportedStages(evidence, this.#scene) : undefined;
    if (left !== undefined) remarks.push(this.#make.failure({ ...left, logLine: evidence.resultLine }));
    if (evidence.result === 'finished' && evidence.treeBegan && !evidence.exportBegan) {
      remarks.push(
        this.#make.failure({
          name: 'export',
          certainty: 'likely',
          cause: 'The build finished and made no image: none of its stages exports one.',
          fix: 'Put a file EXPORT_IMAGE into the last stage of the list.',
          place: undefined,
          logLine: evidence.resultLine,
        }),
      );
    }
    return distinct(remarks);
  }
}

/** Older branches of pi-gen end without a word: then steps that are still open, or a complaint outside any step, tell. */
function hasFailed({ result, stack, clues, rootfsClue }: Evidence, known: boolean | undefined): boolean {
  if (known !== undefined) return known;
  if (result === 'failed') return true;
  if (result === undefined && (stack.open.length > 0 || rootfsClue !== undefined)) return true;
  return clues.some(({ candidates }) =>
    candidates.some(
      ({ failureClass }) =>
        failureClass.certainty === 'certain' || failureClass.stops === true || result === 'finished',
    ),
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
