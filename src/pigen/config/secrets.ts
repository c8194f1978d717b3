import type { ConfigAssignment } from './config-assignment';

const known: ReadonlySet<string> = new Set(['FIRST_USER_PASS', 'WPA_PASSWORD', 'WPA_PASSPHRASE']);

/** Names that people give to what nobody else should read; a public key is none. */
const parts =
  /(?:^|_)(?:PASS|PASSWD|PASSWORD|PASSPHRASE|PSK|SECRETS?|TOKEN|APIKEY|CREDENTIALS?|(?<!PUB_|PUBLIC_)KEY)(?:_|$)|PASSWORD|PASSPHRASE|SECRET/;

/** Settings that are about a secret or a keyboard, and hold none. */
const harmless = /^(?:KEYBOARD_|PUBKEY_|PASSWORDLESS_)/;

/** Whether a config variable's value must not be shown: its name says so. */
export function isSecretName(name: string): boolean {
  const upper = name.toUpperCase();
  return known.has(upper) || (!harmless.test(upper) && parts.test(upper));
}

/** Below that length a value is too common to be masked (`1`, `pi`): a log would become unreadable and no safer. */
const shortestSecret = 4;

/** A public key is no secret, but tells whose image it is, and logs end in bug reports. */
const personal: ReadonlySet<string> = new Set(['PUBKEY_SSH_FIRST_USER']);

/** Of a public key, words from this length on are the key itself. */
const shortestKey = 20;

/**
 * The values of a config's secret variables, and of public keys, for a SecretMasker. Of values that only bash can tell, the static parts; of one
 * that is too short to be masked wherever it stands, the ways in which it stands behind its name.
 *
 * @param names variables that are secret too, whatever their name says
 */
export function collectSecrets(
  assignments: readonly ConfigAssignment[],
  names: ReadonlySet<string> = new Set(),
): readonly string[] {
  const secrets = new Set<string>();
  for (const assignment of assignments) {
    const isKey = personal.has(assignment.name);
    if (!isKey && !names.has(assignment.name) && !isSecretName(assignment.name)) continue;
    const texts = assignment.parts?.flatMap((part) => (part.kind === 'text' ? part.text : [])) ?? [];
    for (const value of [assignment.literal, ...texts, ...(assignment.texts ?? [])]) {
      if (value !== undefined)
        for (const secret of [
          ...secretsOfVariable(assignment.name, value),
          ...(isKey ? value.split(/\s+/).filter((word) => word.length >= shortestKey) : []),
        ])
          secrets.add(secret);
    }
  }
  return [...secrets];
}

/** What to mask of a variable whose value nobody shall see. */
export function secretsOfVariable(name: string, value: string): readonly string[] {
  if (value.trim().length >= shortestSecret) return [value];
  return value.trim() === '' ? [] : ['', "'", '"'].map((quote) => `${name}=${quote}${value}${quote}`);
}

/** Of base64, fewer characters than these are too common. */
export const shortestBase64 = 6;

/**
 * A secret as programs print it: quoted as `bash -x` and `declare -p` do it, in JSON, in a URL, in XML, and within base64 at
 * each of the three places where it can begin. GitHub's runner masks the same ones.
 */
function shapesOf(secret: string): readonly string[] {
  return [
    secret,
    secret.replaceAll("'", String.raw`'\''`),
    secret.replaceAll(/["$`\\]/g, String.raw`\$&`),
    // As printf's %q.
    secret.replaceAll(/[^\w@%+=:./\u0080-\u{10ffff}-]/gu, String.raw`\$&`),
    ...ansiQuoted(secret),
    ...inJson(secret),
    ...inUrl(secret),
    ...inXml(secret),
    ...[0, 1, 2].map((shift) => base64Within(secret, shift)),
  ];
}

const ansiNames: Readonly<Record<string, string>> = {
  ...{ '\\': '\\\\', "'": "\\'", '\n': '\\n', '\t': '\\t', '\r': '\\r' },
  ...{ '\v': '\\v', '\f': '\\f', '\b': '\\b', '\u0007': '\\a', '\u001b': '\\E' },
};

/** Within $'…', as bash quotes what is not printable: in a build container, whose locale is C, that is all but ASCII. */
function ansiQuoted(secret: string): readonly string[] {
  const octal = (character: string): string =>
    Array.from(new TextEncoder().encode(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(
      '',
    );
  const named = secret.replaceAll(/[\p{Cc}\\']/gu, (one) => ansiNames[one] ?? octal(one));
  return [named, named.replaceAll(/[\u0080-\u{10ffff}]/gu, octal)];
}

/** As it is written, and with nothing but ASCII. */
function inJson(secret: string): readonly string[] {
  const written = JSON.stringify(secret).slice(1, -1);
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return [written, written.replaceAll(/[\u0080-\uffff]/g, escaped)];
}

/** As browsers encode, and as RFC 3986 and most other programs do. */
function inUrl(secret: string): readonly string[] {
  // A lone half of a character pair has no place in a URL, and none in UTF-8.
  const loose = encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(secret)));
  const strict = loose.replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  return [loose, strict].flatMap((text) => [text, text.replaceAll('%20', '+')]);
}

/** As text, and as the value of an attribute. */
function inXml(secret: string): readonly string[] {
  const text = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const attribute = text.replaceAll('"', '&quot;');
  return [text, attribute, ...['&apos;', '&#39;', '&#x27;'].map((one) => attribute.replaceAll("'", one))];
}

/** The characters of base64 that a text makes whatever stands around it, where so many bytes stand before it in its group of three. */
export function base64Within(text: string, shift: number): string {
  const bytes = new TextEncoder().encode(text);
  const binary = '\0'.repeat(shift) + Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const end = Math.floor((8 * (shift + bytes.length)) / 6);
  const within = btoa(binary).slice(Math.ceil((8 * shift) / 6), end);
  return within.length < shortestBase64 ? '' : within;
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

  /**
   * Secrets of less than four characters are passed through. A secret of several lines is masked line by line too, and each
   * in the shapes in which programs print it.
   */
  constructor(secrets: Iterable<string>) {
    const lines = [...secrets].flatMap((secret) => [secret, ...secret.split(/\r?\n/)]);
    const all = lines.filter((secret) => secret.trim().length >= shortestSecret).flatMap(shapesOf);
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
