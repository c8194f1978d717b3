import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { BuildProblemError } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import type { BuildPlan } from '../plan/build-plan';
import type { Engine } from '../engine/engine';
import { diskProblem } from '../engine/engine-errors';
import { imageBuildProblem } from '../engine/image-build-problem';
import { LineAssembler } from '../output/lines';
import type { EventSink, LogRecorder } from '../output/log-recorder';

/** Docker: `Step 3/6 : RUN …`; Podman: `STEP 3/6: RUN …`. */
const stepStart = /^step (\d+)\/(\d+) ?: (.*)$/i;

/** Lines of output that a failed image build is told with. */
const lastLines = 12;

/**
 * Builds the image that pi-gen runs in. Gives its id, or its tag where the engine names none. Rejects with a
 * BuildProblemError that names the step of the Dockerfile and shows the last lines.
 */
export async function buildImage(
  plan: BuildPlan,
  engine: Engine,
  context: Readable,
  recorder: LogRecorder,
  sink: EventSink,
  signal: AbortSignal,
): Promise<string> {
  const lines = new LineAssembler();
  const recent: string[] = [];
  let step: string | undefined;
  // apt and dpkg say much more after it.
  let fullDisk: BuildProblem | undefined;
  let id: string | undefined;
  const tell = async (text: string): Promise<void> => {
    const began = stepStart.exec(text);
    if (began !== null) {
      step = recorder.mask(began[3] ?? '');
      recent.length = 0;
      fullDisk = undefined;
      await sink({ event: 'image-step', step: Number(began[1]), total: Number(began[2]), text: step });
    } else if (text.trim() !== '') {
      const plain = recorder.mask(stripVTControlCharacters(text));
      fullDisk ??= diskProblem(plain);
      recent.push(plain);
      if (recent.length > lastLines) recent.shift();
    }
    await recorder.note(text);
  };
  for await (const progress of engine.buildImage(context, plan.image, signal)) {
    switch (progress.kind) {
      case 'output': {
        const bytes = Buffer.from(progress.text);
        for (const line of lines.push({ stream: 'stdout', bytes, frame: bytes.length }))
          await tell(line.text);
        break;
      }
      case 'status':
        await tell(progress.text);
        break;
      case 'image':
        id = progress.id;
        break;
      case 'error':
        for (const line of lines.end()) await tell(line.text);
        throw new BuildProblemError(
          fullDisk ?? imageBuildProblem(recorder.mask(progress.message), step, recent),
        );
    }
  }
  signal.throwIfAborted();
  for (const line of lines.end()) await tell(line.text);
  return id ?? plan.image.tag;
}
