import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Whether bash reads a script without a complaint. An unterminated heredoc is only a warning to it, but one all the same. */
export async function bashAccepts(text: string): Promise<boolean> {
  const bash = spawn('bash', ['-n'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  bash.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
  bash.stdin.end(text);
  await once(bash, 'close');
  return bash.exitCode === 0 && complaint === '';
}
