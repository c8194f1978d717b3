const units = ['kB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes for people: `512 bytes`, `1.2 MB`. Units of 1,000, as file managers and disk makers count. */
export function shownSize(bytes: number): string {
  if (Math.abs(bytes) < 1000) return `${bytes} bytes`;
  let value = bytes;
  let unit: string = units[0];
  for (const one of units) {
    value /= 1000;
    unit = one;
    if (Math.abs(value) < 999.95) break;
  }
  return `${value.toFixed(Math.abs(value) < 100 ? 1 : 0)} ${unit}`;
}
