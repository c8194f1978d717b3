import { failureClasses } from './classes/index';
import type { FailureClass, Moment } from './failure-class';
import { LiteralScanner } from './literal-scanner';
import { missingRootfs, missingRootfsSigns } from './missing-rootfs';
import { isNoise, noiseSigns } from './noise';

/** What a line of output may mean: the classes whose form it has, in their order. */
export interface Fit {
  readonly failureClass: FailureClass;
  readonly match: RegExpExecArray;
}

export type LineMeaning =
  | { readonly kind: 'noise' | 'nothing' }
  | { readonly kind: 'missing-rootfs'; readonly match: RegExpExecArray }
  | { readonly kind: 'fits'; readonly fits: readonly Fit[] };

const nothing: LineMeaning = { kind: 'nothing' };
const noise: LineMeaning = { kind: 'noise' };
const classCount = failureClasses.length;
const noiseOwner = classCount;
const rootfsOwner = classCount + 1;

/** Made for the first line: a build that passes has no use for it. */
let scanner: LiteralScanner | undefined;

function signScanner(): LiteralScanner {
  return (scanner ??= new LiteralScanner([
    ...failureClasses.map(({ signs }) => signs),
    noiseSigns,
    missingRootfsSigns,
  ]));
}

/** Quotes as coreutils set them in a UTF-8 locale. */
const typographicQuotes = /[\u2018\u2019]/g;

/** Judges a line by itself, by what is open at that moment. */
export function judgeLine(line: string, moment: Moment): LineMeaning {
  const found = signScanner().find(line);
  if (found === undefined) return isNoise(line, false) ? noise : nothing;
  const text = line.replace(typographicQuotes, "'");
  if (isNoise(text, found.includes(noiseOwner))) return noise;
  if (found.includes(rootfsOwner)) {
    const match = missingRootfs.exec(text);
    if (match !== null) return { kind: 'missing-rootfs', match };
  }
  const fits: Fit[] = [];
  for (const index of found) {
    const failureClass = failureClasses[index];
    if (failureClass === undefined) continue;
    const fitsMoment = failureClass.during?.includes(moment) ?? moment !== 'after';
    if (!fitsMoment) continue;
    const match = failureClass.match.exec(text);
    if (match !== null) fits.push({ failureClass, match });
  }
  return fits.length > 0 ? { kind: 'fits', fits } : nothing;
}
