import type { Helper } from '../../src/build/engine/engine';

/** What a shell prints until it ends, when it is given words at its first prompt. */
export async function shellOutput(helper: Helper, words: string): Promise<string> {
  let text = '';
  let asked = false;
  for await (const chunk of helper.stream as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    // A prompt: what is written earlier could be taken by something that runs before the shell.
    if (!asked && /[#$] $/.test(text)) {
      asked = true;
      helper.stream.write(words);
    }
  }
  return text;
}
