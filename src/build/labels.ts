/** The label that every container, volume and image of ours carries; its value is the purpose. By it they are found again. */
export const purposeLabel = 'pi-gen-stages.purpose';

/** Absolute local path of the tree that is built, and of the repository whose stages are, where that is another. */
export const treeLabel = 'pi-gen-stages.tree';
export const repositoryLabel = 'pi-gen-stages.repository';

/**
 * What something on the engine is for: a build's container, the image that pi-gen runs in, a look at the engine's
 * machine, the kept state of earlier stages.
 */
export type Purpose = 'build' | 'image' | 'probe' | 'stage-cache';

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
