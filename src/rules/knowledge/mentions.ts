import { programsOf } from '../../shell/queries';
import type { Script } from '../../shell/script';

/**
 * Whether a word of a script, or a text in it, names a file: `./helper.sh`, `"$(cat packages)"`, `files/x`. What a comment
 * says does not count.
 */
export function mentions(script: Script, name: string): boolean {
  for (const program of programsOf(script)) {
    for (let at = program.text.indexOf(name); at >= 0; at = program.text.indexOf(name, at + 1)) {
      const before = program.text.charAt(at - 1);
      const after = program.text.charAt(at + name.length);
      if (isNameCharacter(before) || isNameCharacter(after)) continue;
      if (!program.comments.some(({ start, end }) => start <= at && at < end)) return true;
    }
  }
  return false;
}

function isNameCharacter(character: string): boolean {
  return character !== '' && /[A-Za-z0-9_.-]/.test(character);
}
