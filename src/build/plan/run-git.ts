import { execFile } from 'node:child_process';

export type GitResult =
  | { readonly ok: true; readonly output: string }
  /** `missing`: there is no git on this machine. */
  | { readonly ok: false; readonly missing: boolean; readonly reason: string };

/** Settings of the user or a repository that would run programs, and questions that nobody could answer, are turned off. */
const calm = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'protocol.ext.allow=never',
];

/**
 * Runs git without a shell. Never asks for a password. Rejects only when `signal` is aborted, with its reason.
 *
 * @param folder where it runs; absolute
 */
export function runGit(words: readonly string[], folder: string, signal?: AbortSignal): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      [...calm, ...words],
      {
        cwd: folder,
        maxBuffer: 4 * 1024 * 1024,
        windowsHide: true,
        env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS: '', LC_ALL: 'C' },
        ...(signal === undefined ? {} : { signal }),
      },
      (error, output, complaint) => {
        if (signal?.aborted === true) reject(signal.reason as Error);
        else if (error === null) resolve({ ok: true, output });
        else
          resolve({
            ok: false,
            missing: error.code === 'ENOENT',
            reason: lastWords(complaint) || error.message,
          });
      },
    );
  });
}

/** What git says is wrong: its last line that begins with `fatal:` or `error:`, else its last line. */
function lastWords(complaint: string): string {
  const lines = complaint.split('\n').filter((line) => line.trim() !== '');
  const told = lines.findLast((line) => /^(?:fatal|error):/.test(line)) ?? lines.at(-1) ?? '';
  return told.replace(/^(?:fatal|error): /, '').replaceAll(/:\/\/[^/@\s]*@/g, '://…@');
}

/** What `git --version` says; undefined where there is none. */
export async function gitVersion(folder: string): Promise<string | undefined> {
  const result = await runGit(['--version'], folder);
  return result.ok ? result.output.trim() : undefined;
}
