import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../pigen/files/make-folder';
import { findShellCheck, shellCheckFileName } from './find-shellcheck';
import type { ShellCheckBinary } from './find-shellcheck';
import { runProcess } from './run-process';

/** What is downloaded: a release whose output is known to be understood. */
const release = 'v0.11.0';

/** Milliseconds for a few megabytes. */
const downloadTimeout = 5 * 60 * 1000;

export interface Installation {
  /** A program that runs JavaScript: this one, or an editor's. */
  readonly node: string;
  /** The bundled scripts/shellcheck-download.mjs. */
  readonly downloader: string;
  /** Where ShellCheck is kept; made where it is not there. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Address of a proxy, in the place of those that the environment names. */
  readonly proxy?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Where an installed ShellCheck lies. */
export function installedPath(folder: string): string {
  return path.join(folder, shellCheckFileName);
}

/**
 * Downloads ShellCheck from its releases on GitHub by means of the npm package of that name, in a process of its own, and sees
 * to it that it runs before it takes its place. Answers why it could not be had, without a full stop; undefined when aborted.
 */
export async function installShellCheck(
  installation: Installation,
): Promise<ShellCheckBinary | string | undefined> {
  const { node, downloader, folder, signal } = installation;
  const fresh = path.join(folder, `new-${shellCheckFileName}`);
  await makeFolder(folder);
  try {
    const ended = await runProcess(node, [downloader, fresh, release], {
      ...{ signal, timeout: downloadTimeout, outputLimit: 1024 * 1024 },
      env: environmentFor(installation),
    });
    if (signal?.aborted === true) return undefined;
    if (ended.kind === 'not-started') return ended.reason;
    if (ended.kind === 'killed') return 'the download took too long';
    if (ended.code !== 0) return lastLine(ended.err);
    const found = await findShellCheck({ asked: fresh, environment: {} });
    if (found.kind !== 'found') return found.kind === 'unusable' ? found.reason : 'nothing was downloaded';
    const place = installedPath(folder);
    await rename(fresh, place);
    return { ...found.binary, path: place };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(fresh, { force: true });
  }
}

/** The package takes settings from the environment, of which none is meant for it; nor is a token. */
function environmentFor({ environment, proxy }: Installation): NodeJS.ProcessEnv {
  const own = Object.entries(environment).filter(
    ([name]) => !name.startsWith('SHELLCHECKJS_') && name !== 'GITHUB_TOKEN',
  );
  return {
    ...Object.fromEntries(own),
    // An editor's program is a JavaScript runtime only when told so.
    ELECTRON_RUN_AS_NODE: '1',
    ...(proxy !== undefined && proxy !== '' && { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }),
  };
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim().replace(/\.$/, '') ?? '';
  return line === '' ? 'the download failed' : line;
}
