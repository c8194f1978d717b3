export interface UnderTest {
  readonly extension: string;
  readonly tests: string;
}

export interface Host {
  readonly name: string;
  /** Resolves to what went wrong with the host itself, where something did. */
  run(what: {
    readonly workspace: string;
    readonly settings: Record<string, unknown>;
    readonly env: Record<string, string>;
    /** Milliseconds for all of it, as far as the host can be stopped. */
    readonly limit?: number;
  }): Promise<string | undefined>;
}

export function chooseHost(wanted: string | undefined, underTest: UnderTest): Promise<Host>;
