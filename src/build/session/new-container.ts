import type { BuildPlan } from '../plan/build-plan';
import { BuildProblemError } from '../build-problem';
import { createArchive, createContextArchive, folderEntries } from './context-archive';
import type { ArchiveEntry } from './context-archive';
import { readingInput, smallInput } from './container-input';
import type { Engine } from '../engine/engine';
import { remappedProblem, rootlessProblem } from '../engine/engine-errors';
import { buildImage } from './image-build';
import type { EventSink, LogRecorder } from '../output/log-recorder';

export interface NewContainerOptions {
  readonly recorder: LogRecorder;
  readonly sink: EventSink;
  readonly signal: AbortSignal;
  readonly platform: NodeJS.Platform;
  /** Added to those of the plan. */
  readonly labels: Readonly<Record<string, string>>;
  /** Told of the container as soon as it is there: from then on it has to be removed. */
  readonly onCreated: (id: string) => void;
}

export interface NewContainer {
  readonly id: string;
  /** What it is to read when it has started. */
  readonly input: Uint8Array | undefined;
}

/** Builds the image and makes the container with all that it needs, not started yet. Rejects with a BuildProblemError. */
export async function newContainer(
  plan: BuildPlan,
  engine: Engine,
  options: NewContainerOptions,
): Promise<NewContainer> {
  const { signal, platform } = options;
  const info = await engine.info(signal);
  if (info.rootless) throw new BuildProblemError(rootlessProblem(engine.label));
  // The engine would say so only when the image is made.
  if (info.remapsUsers) throw new BuildProblemError(remappedProblem(engine.label));
  const image = await imageOf(plan, engine, options);
  signal.throwIfAborted();
  const { name, command, options: run, labels } = plan.container;
  const request = { name, image, command, options: run, labels: { ...labels, ...options.labels } };
  const input =
    plan.container.takesInput === true ? await smallInput(createArchive(filesOf(plan), platform)) : undefined;
  const id = await engine.createContainer(input === undefined ? request : readingInput(request, input));
  options.onCreated(id);
  signal.throwIfAborted();
  if (input === undefined) await copyIn(id, plan, engine, options);
  return { id, input };
}

async function imageOf(
  plan: BuildPlan,
  engine: Engine,
  { recorder, sink, signal, platform }: NewContainerOptions,
): Promise<string> {
  if (plan.image.ready !== undefined) return plan.image.ready;
  const context = createContextArchive({ root: plan.treeRoot, omit: plan.image.omit, platform });
  try {
    return await buildImage(plan, engine, context, recorder, sink, signal);
  } finally {
    context.destroy();
  }
}

async function copyIn(
  container: string,
  plan: BuildPlan,
  engine: Engine,
  { signal, platform }: NewContainerOptions,
): Promise<void> {
  const archive = createArchive(filesOf(plan), platform);
  try {
    await engine.putArchive(container, '/', archive, signal);
  } finally {
    archive.destroy();
  }
}

/** All that a container is given, as one archive: the engine takes its time for each, however small. */
async function* filesOf({ files, folders, changes = [] }: BuildPlan): AsyncGenerator<ArchiveEntry> {
  for (const { path, text } of files) yield { kind: 'text', name: relative(path), text, mode: 0o600 };
  yield* folderEntries(
    folders.map(({ local, container: place }) => ({ from: local, name: relative(place) })),
  );
  for (const change of changes) {
    const name = relative(change.path);
    yield change.kind === 'file'
      ? { kind: 'text', name, text: change.text, mode: change.mode }
      : { kind: 'link', name, target: 'left-out-of-this-build' };
  }
}

/** Archives are unpacked at the container's root, and hold relative names. */
function relative(path: string): string {
  return path.replace(/^\/+/, '');
}
