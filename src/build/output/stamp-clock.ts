const daySeconds = 86_400;
const hourSeconds = 3600;
/** Seconds by which a stamp may be before the beginning: it is cut to the second, and two machines' clocks are apart. */
const slack = 60;
/** Seconds that a line which comes as it is printed may be behind its stamp, which is cut to the second. */
const onTime = 1.5;

/**
 * Tells how long ago a stamp of a build's log was. Stamps are seconds since the midnight before the log's first one, by the
 * container's clock. Containers count in UTC; that one does not is told by a stamp after now, and its zone then taken for one
 * of whole hours.
 */
export class StampClock {
  /** Seconds since 1970; NaN where that is not known. */
  readonly #start: number;
  /** What makes a stamp seconds since the beginning. */
  #offset: number | undefined;

  private constructor(
    began: string,
    /** Seconds that the lines which come soonest are behind their stamps: the two machines' clocks are so far apart. */
    private lag: number,
  ) {
    this.#start = Date.parse(began) / 1000;
  }

  /** Of a build that begins here: what it says first comes as it is said. @param began ISO 8601 */
  static ofNew(began: string): StampClock {
    return new StampClock(began, Infinity);
  }

  /** Of a build that began long ago, whose lines are told late. @param began ISO 8601 */
  static ofTakenUp(began: string): StampClock {
    return new StampClock(began, 0);
  }

  /** Milliseconds since a stamp; 0 where the build's beginning is not known. */
  ago(stamp: number): number {
    return Number.isNaN(this.#start) ? 0 : Math.max(0, this.#behind(stamp)) * 1000;
  }

  /** Milliseconds by which a line comes late; 0 where it comes as it was printed. */
  lateness(stamp: number): number {
    if (Number.isNaN(this.#start)) return 0;
    const behind = this.#behind(stamp);
    this.lag = Math.min(this.lag, behind);
    const late = behind - this.lag;
    return late > onTime ? late * 1000 : 0;
  }

  /** Seconds. */
  #behind(stamp: number): number {
    const age = Date.now() / 1000 - this.#start;
    this.#offset ??= sinceBeginning(stamp - this.#start, age) - stamp;
    const ahead = stamp + this.#offset - age;
    if (ahead > slack) this.#offset -= Math.ceil(ahead / hourSeconds) * hourSeconds;
    return age - Math.max(0, stamp + this.#offset);
  }
}

function sinceBeginning(time: number, age: number): number {
  const since = secondsAfter(time, daySeconds);
  return since <= age + slack ? since : secondsAfter(since, hourSeconds);
}

/** What is left of a time beyond whole days, or hours; nothing, where it is just before one. */
function secondsAfter(time: number, whole: number): number {
  const rest = ((time % whole) + whole) % whole;
  return rest > whole - slack ? 0 : rest;
}
