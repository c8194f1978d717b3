import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';
import { folderOf, joinPath } from '../../pigen/files/path';
import { containerTree } from '../plan/build-plan';
import { BuildProblemError } from '../build-problem';
import { createTextArchive } from '../session/context-archive';
import type { Engine, Helper } from '../engine/engine';
import { labelsFor } from '../labels';
import { nothingKept } from './kept-containers';
import type { KeptContainer } from './kept-containers';

const hookPath = '/pi-gen-shell/failing-shell.sh';

/**
 * Opens a shell in the chroot of the stage that failed, with the environment of its steps, in a container beside the kept
 * one: of the same image, with its volumes, config and stages. Nothing stays of it when it is closed, or when this process
 * ends. Rejects with a BuildProblemError.
 *
 * @param hook the text of container/failing-shell.sh
 */
export async function openFailingShell(
  engine: Engine,
  kept: KeptContainer,
  hook: string,
  signal: AbortSignal,
): Promise<Helper> {
  const details = await engine.details(kept.id);
  if (details === undefined) throw new BuildProblemError(nothingKept);
  const copied = [...kept.configs, ...kept.plan.paths.map(({ container }) => container)].filter(
    (path) => path !== containerTree,
  );
  return engine.openHelper(
    {
      image: details.image,
      command: details.command,
      environment: [...details.environment, 'TERM=xterm-256color', 'HISTFILE=', `BASH_ENV=${hookPath}`],
      labels: labelsFor('look', kept),
      volumesFrom: [kept.id],
      readOnly: false,
      mounts: [],
      network: details.network,
      privileged: true,
      terminal: true,
      archives: [
        () => Promise.resolve(createTextArchive([{ name: hookPath.slice(1), text: hook, mode: 0o644 }])),
        ...copied.map((path) => () => copyOf(engine, kept.id, path, signal)),
      ],
    },
    signal,
  );
}

/** A file or folder of a container, to be unpacked at the root of another one. */
async function copyOf(
  engine: Engine,
  container: string,
  path: string,
  signal: AbortSignal,
): Promise<Readable | undefined> {
  const archive = await engine.getArchive(container, path, signal);
  if (archive === undefined) return undefined;
  const folder = folderOf(path).replace(/^\/+/, '');
  const reader = extract();
  const writer = pack();
  const place = (name: string) => joinPath(folder, name);
  reader.on('entry', (header, content, next) => {
    const { type, linkname } = header;
    const target = type === 'link' && linkname ? { linkname: place(linkname) } : {};
    const entry = writer.entry({ ...header, name: place(header.name), ...target }, next);
    content.pipe(entry);
  });
  reader.on('finish', () => {
    writer.finalize();
  });
  const moved = new PassThrough();
  pipeline(archive, reader).catch((error: unknown) => {
    moved.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  pipeline(writer as unknown as Readable, moved).catch(() => undefined);
  return moved;
}
