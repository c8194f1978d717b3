import type { BuildEvent } from '../build-event';

export type ImageStep = Omit<Extract<BuildEvent, { readonly event: 'image-step' }>, 'event'>;

/** Docker: `Step 3/6 : RUN …`; Podman: `STEP 3/6: RUN …`. */
const stepStart = /^step (\d+)\/(\d+) ?: (.*)$/i;

/** The step of a Dockerfile that a line of the image's build begins; undefined where it begins none. */
export function imageStepOf(line: string): ImageStep | undefined {
  const [found, step, total, text = ''] = stepStart.exec(line) ?? [];
  return found === undefined ? undefined : { step: Number(step), total: Number(total), text };
}
