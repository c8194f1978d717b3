import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Bench } from './bench';

const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');

/** A line of the CLI's JSON, as far as tests look at it. */
export interface CliEvent {
  readonly event: string;
  readonly text?: string;
  readonly path?: string;
  readonly kind?: string;
  readonly cancelled?: boolean;
  readonly exitCode?: number | null;
  readonly failures?: readonly {
    readonly class: string;
    readonly cause: string;
    readonly step: { readonly path: string; readonly kind: string } | null;
    readonly finding: {
      readonly file: string;
      readonly range: { readonly start: { readonly line: number } };
    } | null;
  }[];
}

export interface CliProcess {
  readonly child: ChildProcess;
  /** Of the container, where it builds. */
  readonly name: string;
  readonly events: readonly CliEvent[];
  /** Resolves with the exit status; null where it was killed. */
  readonly ended: Promise<number | null>;
  /** Resolves when an event is told that is wanted; rejects where the process ends without one. */
  until(wanted: (event: CliEvent) => boolean): Promise<void>;
}

/**
 * Starts `pigen build` or `pigen attach` on the tree of a bench.
 *
 * @param stage of test/fixtures/stages/, for a build
 */
export async function startCli(
  bench: Bench,
  command: 'build' | 'attach',
  stage: string | undefined,
  added: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<CliProcess> {
  const { containerName: name, mounts } = bench.settings();
  const words = [command, '--tree', bench.tree, '--format', 'json'];
  if (stage !== undefined)
    words.push('--config', await bench.config(stage), '--network', 'host', '--name', name);
  const options = mounts.flatMap((mount) => ['-v', mount]).join(' ');
  const child = spawn(process.execPath, [cli, ...words, ...added], {
    cwd: bench.folder.path,
    env: { ...process.env, PIGEN_DOCKER_OPTS: options, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: CliEvent[] = [];
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const look of waiting) look();
  };
  const closed = once(child, 'close').then((words) => words[0] as number | null);
  const read = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      events.push(JSON.parse(line) as CliEvent);
      tell();
    }
  })();
  let over = false;
  const ended = Promise.all([closed, read]).then(([code]) => {
    over = true;
    tell();
    return code;
  });
  const until = (wanted: (event: CliEvent) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (events.some(wanted)) resolve();
        else if (over) reject(new Error(`pigen ended too early: ${JSON.stringify(events.slice(-3))}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return { child, name, events, ended, until };
}
