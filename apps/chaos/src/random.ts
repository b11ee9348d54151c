/** Draws that are the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** One of a list; undefined of an empty one. */
  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.next() * list.length)];
  }

  /** Some of a list, without repeats, in the list's order. */
  sample<T>(list: readonly T[], count: number): T[] {
    const left = list.map((_, index) => index);
    const drawn = new Set<number>();
    while (drawn.size < count && left.length > 0) {
      const at = Math.floor(this.next() * left.length);
      drawn.add(left[at] ?? 0);
      left.splice(at, 1);
    }
    return list.filter((_, index) => drawn.has(index));
  }
}
