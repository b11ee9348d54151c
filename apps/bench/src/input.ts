/** The input of every job that is measured; about 150 bytes of JSON. */
export interface Input {
  readonly userId: number;
  readonly kind: string;
  readonly text: string;
  /** When it was sent, by the clock of {@link nowUs}; for scenarios that measure a wait. */
  readonly sentAtUs?: number;
}

const TEXT = 'x'.repeat(100);

/** The input with that number; no two numbers give the same. */
export function inputOf(number: number): Input {
  return { userId: number, kind: 'welcome', text: TEXT };
}

/** What every handler returns. */
export const RESULT = { ok: true } as const;

/** Microseconds of a clock that all processes of this machine share and that never goes back. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
