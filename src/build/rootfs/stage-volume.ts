import { asProblem } from '../engine/engine-calls';
import { openClient } from '../engine/engine-client';
import type { EngineEndpoint } from '../engine/engine-endpoint';
import type { BuildSearch } from '../session/found-build';
import { createdLabel, placeLabels, purposeLabel } from '../labels';

/** The volume in which the stage loop keeps stages of a tree, and an image that can look into it. */
export interface StageVolume {
  readonly volume: string;
  /** Id of an image that a build was made in: Debian, with all that the helpers run. */
  readonly image: string;
}

/** Undefined where nothing is kept of the tree or repository, or no image of ours is left to look with. Rejects with a BuildProblemError. */
export async function findStageVolume(
  endpoint: EngineEndpoint,
  search: BuildSearch,
): Promise<StageVolume | undefined> {
  const { client, watch } = await openClient(endpoint);
  const place = placeLabels(search);
  try {
    const asked = Promise.all([
      client.listVolumes({ filters: { label: [`${purposeLabel}=stage-cache`, ...place] } }) as Promise<{
        readonly Volumes: Listed[] | null;
      }>,
      client.listImages({ filters: { label: [`${purposeLabel}=image`] } }),
    ]);
    const [{ Volumes: volumes }, images] = await watch.during(asked);
    const volume = latest(volumes ?? [], ({ Labels: labels }) => labels?.[createdLabel] ?? '');
    // One without a name may go at any time: a newer one took it.
    const named = images.filter((one) => (one.RepoTags ?? []).some((tag) => !tag.startsWith('<none>')));
    const image = latest(named, ({ Created: created }) => created);
    return volume && image && { volume: volume.Name, image: image.Id };
  } catch (error) {
    throw asProblem(error, 'connect', endpoint.label);
  }
}

interface Listed {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

function latest<Item>(items: readonly Item[], time: (item: Item) => string | number): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best === undefined || time(item) > time(best) ? item : best),
    undefined,
  );
}
