/** The middle one of some numbers; NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The number that this share of them does not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Milliseconds from the first to the last of some moments. */
export function within(moments: readonly { readonly atUs: number }[]): number {
  const us = moments.map(({ atUs }) => atUs);
  return (Math.max(...us) - Math.min(...us)) / 1_000;
}
