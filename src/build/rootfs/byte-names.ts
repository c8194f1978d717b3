/**
 * Names of files on Linux are bytes, those of an editor's documents are texts. What is no UTF-8 stands as characters of a
 * private area, one a byte, so that every name is another text and can be turned back. A name that has such characters itself
 * stands as the bytes of these.
 */
const privateArea = 0xf700;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text for a name's bytes. */
export function nameOfBytes(bytes: Uint8Array): string {
  const plain = decoded(bytes);
  if (plain !== undefined) return plain;
  let name = '';
  for (let at = 0; at < bytes.length;) {
    const length = lengthOfCharacter(bytes[at] ?? 0);
    const character = decoded(bytes.subarray(at, at + length));
    if (character === undefined || at + length > bytes.length) {
      name += String.fromCharCode(privateArea + (bytes[at] ?? 0));
      at += 1;
    } else {
      name += character;
      at += length;
    }
  }
  return name;
}

/** The bytes that a text of nameOfBytes stands for; of any other text its UTF-8. */
export function bytesOfName(name: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const character of name) {
    const code = character.charCodeAt(0);
    parts.push(isPrivate(code) ? Uint8Array.of(code - privateArea) : new TextEncoder().encode(character));
  }
  return Buffer.concat(parts);
}

/** A name for people: it stays in its line, and what cannot be shown is written as `\x` and digits. */
export function shownName(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uf700-\uf7ff]/gu, (character) =>
    [...bytesOfName(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    const text = strict.decode(bytes);
    return /[\uf700-\uf7ff]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function lengthOfCharacter(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function isPrivate(code: number): boolean {
  return code >= privateArea && code <= privateArea + 0xff;
}
