import { baseName } from '../pigen/files/path';
import { fileStart } from '../pigen/text';
import type { Evidence } from './evidence';
import type { Certainty } from './explanation';
import type { Place } from './failure-class';
import type { Scene } from './scene';

interface UnexportedStages {
  readonly name: 'export';
  readonly certainty: Certainty;
  readonly cause: string;
  readonly fix: string;
  readonly place: Place;
}

/**
 * Of a build that made an image: what its last stages made and the image has not, since the stage that is exported comes before
 * them (build.sh exports the root file systems of the stages with an EXPORT_IMAGE). Undefined where the last one is exported, or
 * the tree does not tell.
 */
export function unexportedStages(
  { exportBegan, stages }: Pick<Evidence, 'exportBegan' | 'stages'>,
  scene: Scene,
): UnexportedStages | undefined {
  if (!exportBegan) return undefined;
  const built = stages.flatMap((path) => scene.paths.find(path)?.stage ?? []);
  const exported = built.findLastIndex(({ exportImage, skipImages }) => exportImage && !skipImages);
  const left = built.slice(exported + 1).filter(({ skip }) => !skip);
  const last = left.at(-1);
  const image = built[exported];
  if (built.length < stages.length || image === undefined || last === undefined) return undefined;
  const names = left.map(({ path }) => baseName(path)).join(', ');
  return {
    name: 'export',
    certainty: 'likely',
    cause: `The image was made of ${baseName(image.path)}, and what the stages after it made is not in it: ${names}.`,
    fix: `Put a file EXPORT_IMAGE into ${baseName(last.path)}, and SKIP_IMAGES into ${baseName(image.path)} where its own image is not wanted.`,
    place: { file: last.path, range: fileStart },
  };
}
