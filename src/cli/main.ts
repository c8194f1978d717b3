import { once } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ExitCode, Terminal, TerminalWindow } from './terminal';
import { UsageError } from './terminal';
import { usage } from './usage';
import { version } from '../../package.json';

type Command = (words: readonly string[], terminal: Terminal) => Promise<ExitCode>;

/** Loaded when called for: a check has no use for the engine's client. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./check')).runCheck,
  order: async () => (await import('./order')).runOrder,
  build: async () => (await import('./build')).runBuild,
  doctor: async () => (await import('./doctor')).runDoctor,
  clean: async () => (await import('./clean')).runClean,
  attach: async () => (await import('./attach')).runAttach,
  timeline: async () => (await import('./timeline')).runTimeline,
  compare: async () => (await import('./compare')).runCompare,
  shell: async () => (await import('./shell')).runShell,
  explain: async () => (await import('./explain')).runExplain,
  'update-index': async () => (await import('./update-index')).runUpdateIndex,
  new: async () => (await import('./new/new')).runNew,
};

async function run(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const topic = name === 'help' ? rest[0] : undefined;
    await terminal.write(usage(topic));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    await terminal.write(`${version}\n`);
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) throw new UsageError(`There is no command '${name}'.`);
  if (rest.includes('--help') || rest.includes('-h')) {
    await terminal.write(usage(name));
    return 0;
  }
  const command = await load();
  return command(rest, terminal);
}

/** What util.parseArgs throws for words that do not fit the options. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

async function main(): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe such as `pigen check | head` went away: nobody is left to tell anything.
    if (error.code === 'EPIPE') stop.abort();
  });
  const terminal: Terminal = {
    workingFolder: process.cwd().replaceAll('\\', '/'),
    environment: process.env,
    colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    signal: stop.signal,
    // Made when it is read: most commands never do.
    get input() {
      return process.stdin;
    },
    get window() {
      return process.stdout.isTTY ? windowOf(process.stdin, process.stdout) : undefined;
    },
    write: async (text) => {
      if (!process.stdout.write(text) && !process.stdout.destroyed) {
        await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]);
      }
    },
    complain: (text) => process.stderr.write(text.endsWith('\n') ? text : `${text}\n`),
  };
  try {
    process.exitCode = await run(process.argv.slice(2), terminal);
  } catch (error) {
    if (error instanceof UsageError || isArgumentError(error)) {
      terminal.complain(`pigen: ${error.message}\nTry 'pigen --help'.`);
    } else if (stop.signal.aborted) {
      // Stopped by the user: what was to be said is said. 128 + SIGINT, as shells count.
      process.exitCode = 130;
      return;
    } else {
      const reason = error instanceof Error ? error.message : String(error);
      terminal.complain(`pigen: something went wrong inside pigen itself: ${reason}`);
      if (process.env['PIGEN_DEBUG'] !== undefined && error instanceof Error)
        terminal.complain(error.stack ?? '');
    }
    process.exitCode = 2;
  }
}

function windowOf(input: ReadStream, output: WriteStream): TerminalWindow | undefined {
  // Of a pipe or a file only the types say so.
  if (!(input as Partial<ReadStream>).isTTY) return undefined;
  return {
    size: () => ({ columns: output.columns, rows: output.rows }),
    onResize: (listener) => {
      output.on('resize', listener);
      return () => output.off('resize', listener);
    },
    setRaw: (raw) => {
      input.setRawMode(raw);
      // Else whoever reads it keeps the process alive.
      if (!raw) input.unref();
    },
  };
}

/** Settled when the command has ended, whichever way; never rejected. */
export const finished: Promise<void> = main();
