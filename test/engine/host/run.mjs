import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';

/**
 * Runs a program to its end. Rejects with its last words.
 * @param {string} program
 * @param {readonly string[]} words
 * @param {Record<string, string | undefined>} [env]
 */
export async function run(program, words, env = process.env) {
  try {
    const { stdout } = await promisify(execFile)(program, words, {
      maxBuffer: 64 * 1024 * 1024,
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    return stdout;
  } catch (error) {
    const said = String(error.stderr ?? error.message)
      .trim()
      .split('\n')
      .slice(-5)
      .join('\n');
    throw new Error(`${program} ${words.join(' ')} failed:\n${said}`, { cause: error });
  }
}
