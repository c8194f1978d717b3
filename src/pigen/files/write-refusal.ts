/** By Node's code of the error; with the place at which it came about. */
const reasons: Readonly<Record<string, (place: string) => string>> = {
  ENOENT: (place) => `${place} cannot be made there`,
  ENOTDIR: (place) => `${place} cannot be made, because a file stands where a folder is needed`,
  EEXIST: (place) => `${place} is there, and is no folder`,
  EACCES: (place) => `you may not write ${place}`,
  EPERM: (place) => `you may not write ${place}`,
  EROFS: (place) => `the disk of ${place} is read-only`,
  ENOSPC: (place) => `the disk that holds ${place} is full`,
  EDQUOT: (place) => `the disk that holds ${place} is full`,
};

/** Why a disk refused to have a place written, for people, without a full stop; undefined where the code of Node's error tells nothing of it. */
export function writeRefusal(code: string, place: string): string | undefined {
  return reasons[code]?.(place);
}
