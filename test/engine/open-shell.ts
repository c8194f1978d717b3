// Opens a shell at the failing step of a kept build, and says when it is there: to be killed by a test.
import { openFailingShell } from '../../src/build/afterwards/failing-shell';
import { findKept } from '../../src/build/afterwards/kept-containers';
import { engineAt } from './bench';

async function main(): Promise<void> {
  const [treeRoot = '', hook = ''] = process.argv.slice(2);
  const engine = await engineAt(process.env['DOCKER_HOST'] ?? '');
  const [kept] = await findKept(engine, { treeRoot });
  if (kept === undefined) throw new Error('Nothing is kept.');
  const helper = await openFailingShell(engine, kept, hook, new AbortController().signal);
  for await (const chunk of helper.stream as AsyncIterable<Uint8Array>) {
    if (/[#$] $/.test(Buffer.from(chunk).toString())) process.stdout.write('open\n');
  }
}

void main();
