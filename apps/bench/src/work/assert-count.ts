/**
 * A measurement counts only when exactly the jobs ran that it speaks of.
 * @throws Error when there were fewer or more
 */
export function assertCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${found}`);
}
