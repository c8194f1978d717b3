import { shebang } from '../shell/queries';
import type { Script } from '../shell/script';
import type { ClassifiedClue } from './evidence';
import type { Certainty } from './explanation';
import type { Clue, FailureClass } from './failure-class';
import type { ReadScript, Scene } from './scene';

/** What a line of the log stands for, decided. */
export interface Suspect {
  readonly clue: Clue;
  readonly failureClass: FailureClass;
  readonly certainty: Certainty;
  /** It is a consequence of another. */
  readonly follows: boolean;
}

const certainties: readonly Certainty[] = ['certain', 'likely', 'guess'];
/** With bash -e nothing more comes after what fails, but for some lines of the program that failed. */
const talkAfterFailure = 60;

/** Decides by log and tree which classes each line stands for. */
export async function decideClues(
  clues: readonly ClassifiedClue[],
  scene: Scene,
): Promise<readonly Suspect[]> {
  const decided: Suspect[] = [];
  for (const { candidates } of clues) {
    for (const { clue, failureClass } of candidates) {
      if (failureClass.when !== undefined && !(await failureClass.when(clue, scene))) continue;
      decided.push({ clue, failureClass, certainty: failureClass.certainty, follows: false });
      if (failureClass.sharesLine !== true) break;
    }
  }
  return decided;
}

/**
 * The cause first: before what follows from it, then the surest. Of equally sure ones the later where bash -e stopped at
 * it, else the earlier, since what goes on after an error fails again because of it. Of one class in the log's order.
 *
 * @param earlier what steps said that have ended: counts only as the cause of something later, or where nothing else does
 */
export async function rankSuspects(
  suspects: readonly Suspect[],
  earlier: readonly Suspect[],
  scene: Scene,
): Promise<readonly Suspect[]> {
  const baseFailed = earlier.some(({ failureClass }) => failureClass.name === 'bootstrap-failed');
  const causes = earlier.filter(
    (cause) => baseFailed || suspects.some((suspect) => followsFrom(suspect, cause)),
  );
  if (suspects.length === 0 && !baseFailed) {
    return earlier.map((suspect) => ({ ...suspect, certainty: 'guess' }));
  }
  const all = [...causes, ...suspects];
  const judged = all.flatMap((suspect): readonly Suspect[] => {
    const follows =
      (baseFailed && !earlier.includes(suspect)) || all.some((other) => followsFrom(suspect, other));
    if (!follows) return [{ ...suspect, certainty: stoppedAt(suspect, scene), follows }];
    return suspect.certainty === 'guess' ? [] : [{ ...suspect, certainty: 'guess', follows }];
  });
  const stopsAtError = isScript(scene) && !(await goesOnAfterErrors(scene));
  const outermost = new Map<string, number>();
  for (const { failureClass, clue } of judged) {
    const known = outermost.get(failureClass.name);
    if (known === undefined || stopsAtError) outermost.set(failureClass.name, clue.order);
  }
  const at = ({ failureClass }: Suspect): number => outermost.get(failureClass.name) ?? 0;
  return judged.sort(
    (a, b) =>
      Number(a.follows) - Number(b.follows) ||
      certainties.indexOf(a.certainty) - certainties.indexOf(b.certainty) ||
      (stopsAtError ? at(b) - at(a) : at(a) - at(b)) ||
      a.clue.order - b.clue.order,
  );
}

function followsFrom(suspect: Suspect, cause: Suspect): boolean {
  return (
    suspect.failureClass !== cause.failureClass &&
    cause.clue.order <= suspect.clue.order &&
    suspect.failureClass.follows?.includes(cause.failureClass.name) === true
  );
}

/** A complaint after which a script still had much to say is not surely the one that stopped it. */
function stoppedAt({ clue, certainty, failureClass }: Suspect, scene: Scene): Certainty {
  const passed =
    isScript(scene) && failureClass.lasting !== true && scene.linesAfter(clue) > talkAfterFailure;
  return passed && certainty === 'certain' ? 'likely' : certainty;
}

function isScript(scene: Scene): boolean {
  const kind = scene.frame?.kind;
  return kind === 'run' || kind === 'run-chroot' || kind === 'prerun' || kind === 'postrun';
}

/** Whether the open script runs without -e, as a host script does whose first line does not ask for it. */
export async function goesOnAfterErrors(scene: Scene): Promise<boolean> {
  const kind = scene.frame?.kind;
  if (kind !== 'run' && kind !== 'prerun' && kind !== 'postrun') return false;
  const read: ReadScript | undefined = await scene.script();
  return read?.script !== undefined && !asksForErrexit(read.script);
}

function asksForErrexit(script: Script): boolean {
  const first = shebang(script)?.arguments ?? [];
  if (first.some((word) => /^-\w*e/.test(word))) return true;
  return script.commands.some(
    ({ name, arguments: words }) =>
      name?.literal === 'set' && words.some(({ text }) => /^-[a-zA-Z]*e/.test(text) || text === 'errexit'),
  );
}
