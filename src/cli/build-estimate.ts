import type { BuildEvent } from '../build/build-event';
import { BuildClock } from '../build/timeline/build-clock';
import { stepDurations } from '../build/timeline/build-timeline';
import type { BegunBuild } from '../build/timeline/session-timeline';
import type { Format } from './options';
import type { Terminal } from './terminal';

/** What of the last build's time has to have passed before what is left is told again. */
const toldEvery = 0.02;
/** Milliseconds. Nobody asks how long less than that will take: most tries of a stage are over at once. */
const soon = 60_000;

/** Tells how far a build is, as its steps begin, where an earlier build tells how long they take. */
export class BuildEstimate {
  #clock = new BuildClock(undefined, () => performance.now());
  #told = -Infinity;

  begin({ last }: BegunBuild): void {
    if (last !== undefined && last.milliseconds >= soon)
      this.#clock = new BuildClock(stepDurations(last), () => performance.now());
  }

  /** A line to show, if it is time for one: `35 % done, 12 min left. This step: 8 % of the last build.` */
  take(event: BuildEvent): string | undefined {
    this.#clock.take(event);
    // Of a build that is taken up, what it did before is told at once: how far it was then is of no use.
    if (event.event !== 'step-began' || event.ago > 0) return undefined;
    const estimate = this.#clock.estimate();
    if (estimate === undefined || estimate.done - this.#told < toldEvery) return undefined;
    this.#told = estimate.done;
    const minutes = Math.ceil(estimate.left / 60_000);
    const left = minutes <= 1 ? 'about a minute left' : `${minutes} min left`;
    const share =
      estimate.share === undefined ? '' : ` This step: ${percent(estimate.share)} of the last build.`;
    return `${percent(estimate.done)} done, ${left}.${share}`;
  }
}

/** Where people read along. */
export function tellEstimate(far: string | undefined, format: Format, terminal: Terminal): void {
  if (far !== undefined && format === 'pretty') terminal.complain(`pigen: ${far}`);
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? 'under 1 %' : `${Math.round(share * 100)} %`;
}
