/** The middle of some numbers; of an even count, the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which that share (0 to 1) of the numbers lies, between neighbours in proportion. NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Where the middle half of the rounds lies. */
export interface Quartiles {
  readonly low: number;
  readonly high: number;
}

/** Where the middle half of some numbers lies. */
export function quartiles(values: readonly number[]): Quartiles {
  return { low: quantile(values, 0.25), high: quantile(values, 0.75) };
}
