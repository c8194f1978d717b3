/** Why a root file system does not give what it was asked for. */
export type RootfsProblemKind =
  'missing' | 'no-folder' | 'folder' | 'special' | 'too-big' | 'too-many' | 'loop' | 'other' | 'lost';

/** A question to a root file system that has no answer; its message is for people, one or two sentences. */
export class RootfsProblemError extends Error {
  constructor(
    readonly kind: RootfsProblemKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'RootfsProblemError';
  }
}
