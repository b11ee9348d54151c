import { defineJob } from '@bulletproof/core';
import { boundariesOf } from '../postgres/boundaries.js';

/** Input of the job that changes a row once. */
export interface Payment {
  readonly order: number;
}

/** Keyed, so that its steps are found by the runs after it; without a pause between them. */
export const payOptions = {
  name: 'pay',
  attempts: 5,
  backoff: { delay: 1 },
  idempotencyKey: ({ order }: Payment) => String(order),
};

/** The job as a producer knows it. */
export const pay = defineJob<Payment, number>(payOptions);

/** The statements of a run, in their order. */
export const STATEMENTS = [
  'BEGIN',
  'set_config',
  'INTO bulletproof_calls',
  'FROM bulletproof_steps',
  'INTO payments',
  'INTO bulletproof_steps',
  'COMMIT',
];

/** Where runs are cut off, the one at this place first. */
export const CUTS = boundariesOf(STATEMENTS);
