/** An answer that follows what is offered, and changes with it, until the user gives another. */
export class OfferedAnswer {
  #own: string | undefined;

  /** @param offer what is offered now: earlier answers may change it */
  constructor(private readonly offer: () => string) {}

  get value(): string {
    return this.#own ?? this.offer();
  }

  set(value: string): void {
    this.#own = value === this.offer() ? undefined : value;
  }

  clear(): void {
    this.#own = undefined;
  }
}
