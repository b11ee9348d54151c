import type { Clock } from '@bulletproof/kernel';
import type { TaskRun } from '../../flow/store.js';

/**
 * How long a grant may be used, ms: for less time than a cancellation is remembered, which is the only thing that a
 * granted start does not ask its flow for.
 */
const GOOD_FOR_MS = 5_000;

/**
 * First starts that a transition of this process has let in. BullMQ gives a node most often to the worker that ended what
 * the node waited for, and that need not ask twice.
 */
export class Grants {
  readonly #clock: Clock;
  readonly #isCancelled: (callId: string) => boolean;
  /** In the order of their grant. */
  readonly #grants = new Map<string, number>();

  constructor(clock: Clock, isCancelled: (callId: string) => boolean) {
    this.#clock = clock;
    this.#isCancelled = isCancelled;
  }

  add(
    flow: string,
    granted: readonly { readonly task: number; readonly generation: number }[],
  ): void {
    if (granted.length === 0) return;
    const now = this.#clock.monotonicMs();
    for (const [key, at] of this.#grants) {
      if (now - at < GOOD_FOR_MS) break;
      this.#grants.delete(key);
    }
    for (const { task, generation } of granted) {
      this.#grants.set(keyOf(flow, task, generation), now);
    }
  }

  /** True when this very start has been let in; a grant is good for one. */
  take({ flow, task, generation, start }: TaskRun, callId: string): boolean {
    if (this.#grants.size === 0) return false;
    const key = keyOf(flow, task, generation);
    const at = this.#grants.get(key);
    if (at === undefined) return false;
    this.#grants.delete(key);
    const isFresh = this.#clock.monotonicMs() - at < GOOD_FOR_MS;
    return start === 1 && isFresh && !this.#isCancelled(callId);
  }
}

function keyOf(flow: string, task: number, generation: number): string {
  return `${task} ${generation} ${flow}`;
}
