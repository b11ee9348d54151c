import { defineJob } from '@bulletproof/core';

/** Input of the job that belongs to an order. */
export interface OrderNote {
  readonly order: number;
}

/** What both sides know of it. It has no key: nothing but its id keeps it from running twice. */
export const noteOptions = { name: 'note' };

/** The job as a producer and a relay know it. */
export const note = defineJob<OrderNote, undefined>(noteOptions);

/** One order in so many is rolled back by its producer; odd, so that each of two producers has some. */
export const ROLLED_BACK = 11;

/** Whether the order's transaction ends with a rollback. */
export function isRolledBack(order: number): boolean {
  return order % ROLLED_BACK === ROLLED_BACK - 1;
}
