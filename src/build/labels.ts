/** The label that every container, volume and image of ours carries; its value is the purpose. By it they are found again. */
export const purposeLabel = 'pi-gen-stages.purpose';

/** Absolute local path of the tree that is built, and of the repository whose stages are, where that is another. */
export const treeLabel = 'pi-gen-stages.tree';
export const repositoryLabel = 'pi-gen-stages.repository';

/** What the thing depends on, as a hash: a kept stage, for one. */
export const keyLabel = 'pi-gen-stages.key';

/** When it was made: ISO 8601, in UTC. */
export const createdLabel = 'pi-gen-stages.created';

/** Names one build session, and the machine (its host name) that began it. */
export const sessionLabel = 'pi-gen-stages.session';
export const hostLabel = 'pi-gen-stages.host';

/** Absolute path of a build's complete log, on the machine that began it. */
export const logLabel = 'pi-gen-stages.log';

/** What another process needs to take a build up, as JSON. No label holds a secret. */
export const planLabel = 'pi-gen-stages.plan';

/**
 * What something on the engine is for: a build's container, the image that pi-gen runs in, a look at the engine's
 * machine, the kept state of earlier stages, a look at what a build made.
 */
export type Purpose = 'build' | 'image' | 'probe' | 'stage-cache' | 'look';

export interface LabelledPlace {
  readonly treeRoot: string;
  readonly repositoryRoot?: string | undefined;
}

/** The labels for something that is made on an engine. */
export function labelsFor(purpose: Purpose, place?: LabelledPlace): Readonly<Record<string, string>> {
  return {
    [purposeLabel]: purpose,
    ...(place === undefined ? {} : { [treeLabel]: place.treeRoot }),
    ...(place?.repositoryRoot === undefined ? {} : { [repositoryLabel]: place.repositoryRoot }),
  };
}

/** What everything of a tree or repository carries, as filters for the engine's lists: `name=value`. */
export function placeLabels({
  treeRoot,
  repositoryRoot,
}: {
  readonly treeRoot?: string | undefined;
  readonly repositoryRoot?: string | undefined;
}): readonly string[] {
  return [
    ...(treeRoot === undefined ? [] : [`${treeLabel}=${treeRoot}`]),
    ...(repositoryRoot === undefined ? [] : [`${repositoryLabel}=${repositoryRoot}`]),
  ];
}

/** Which stages an image holds in which state: hashes by path in the tree, as JSON. */
export const stagesLabel = 'pi-gen-stages.stages';
