import type { ConfigAssignment } from './config-assignment';

const names: ReadonlySet<string> = new Set(['FIRST_USER_PASS', 'WPA_PASSWORD', 'WPA_PASSPHRASE']);

/** Names that people give to what nobody else should read; a public key is none. */
const parts =
  /(?:^|_)(?:PASS|PASSWD|PASSWORD|PASSPHRASE|PSK|SECRETS?|TOKEN|APIKEY|CREDENTIALS?|(?<!PUB_|PUBLIC_)KEY)(?:_|$)|PASSWORD|PASSPHRASE|SECRET/;

/** Settings that are about a secret or a keyboard, and hold none. */
const harmless = /^(?:KEYBOARD_|PUBKEY_|PASSWORDLESS_)/;

/** Whether a config variable's value must not be shown: its name says so. */
export function isSecretName(name: string): boolean {
  const upper = name.toUpperCase();
  return names.has(upper) || (!harmless.test(upper) && parts.test(upper));
}

/** Below that length a value is too common to be masked (`1`, `pi`): a log would become unreadable and no safer. */
const shortestSecret = 4;

/** The values of a config's secret variables, for a SecretMasker. Of values that only bash can tell, the static parts. */
export function collectSecrets(assignments: readonly ConfigAssignment[]): readonly string[] {
  const secrets = new Set<string>();
  for (const assignment of assignments) {
    if (!isSecretName(assignment.name)) continue;
    const texts = assignment.parts?.flatMap((part) => (part.kind === 'text' ? part.text : [])) ?? [];
    for (const value of [assignment.literal, ...texts]) {
      if (value !== undefined && value.trim().length >= shortestSecret) secrets.add(value);
    }
  }
  return [...secrets];
}

export const mask = '***';

/**
 * Replaces secrets in a text that comes in pieces. What could be the start of a secret is held back until the next piece
 * tells, so `flush` has to be called at the end.
 */
export class SecretMasker {
  readonly #secrets: readonly string[];
  /** Any of them: at one place the longest. Undefined where there is none. */
  readonly #any: RegExp | undefined;
  #held = '';

  /** Secrets of less than four characters are passed through. A secret of several lines is masked line by line too. */
  constructor(secrets: Iterable<string>) {
    const all = [...secrets].flatMap((secret) => [secret, ...secret.split(/\r?\n/)]);
    const long = new Set(all.filter((secret) => secret.trim().length >= shortestSecret));
    // The longest first, where one secret is part of another.
    this.#secrets = [...long].sort((a, b) => b.length - a.length);
    const patterns = this.#secrets.map((secret) => secret.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    this.#any = patterns.length === 0 ? undefined : new RegExp(patterns.join('|'), 'g');
  }

  /** The part of the text that is certain by now, masked. */
  push(chunk: string): string {
    if (this.#secrets.length === 0) return chunk;
    return this.#mask(this.#held + chunk, false);
  }

  /** The rest, masked. */
  flush(): string {
    return this.#mask(this.#held, true);
  }

  /** As push and flush together: a piece after which nothing is still to come. */
  last(chunk: string): string {
    return this.#mask(this.#held + chunk, true);
  }

  #mask(text: string, last: boolean): string {
    if (this.#any === undefined) return text;
    const end = last ? text.length : this.#uncertainFrom(text);
    this.#held = text.slice(end);
    return text.slice(0, end).replaceAll(this.#any, mask);
  }

  /** The place from which on the text may be the start of a secret, or its end. Never inside of one that is whole. */
  #uncertainFrom(text: string): number {
    const longest = this.#secrets[0]?.length ?? 0;
    let start = Math.max(0, text.length - longest + 1);
    for (const { index, 0: secret } of text.matchAll(this.#any ?? /$/g)) {
      for (; start < index; start++) if (this.#mayBegin(text, start, 0)) return start;
      if (this.#mayBegin(text, index, secret.length)) return index;
      start = Math.max(start, index + secret.length);
    }
    for (; start < text.length; start++) if (this.#mayBegin(text, start, 0)) return start;
    return text.length;
  }

  /** Whether the rest of the text is the beginning of a secret. */
  #mayBegin(text: string, start: number, longerThan: number): boolean {
    const rest = text.slice(start);
    return this.#secrets.some(
      (secret) => secret.length > longerThan && rest.length < secret.length && secret.startsWith(rest),
    );
  }
}
