/** Microseconds of a clock that all processes of this machine share and that never goes back. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
