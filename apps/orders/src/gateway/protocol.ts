import { z } from 'zod';

/** What a caller posts to `/charges`. */
export const ChargeRequest = z.strictObject({
  orderId: z.string().min(1).max(200),
  amountCents: z.int().positive(),
  currency: z.literal('EUR'),
});
export type ChargeRequest = z.infer<typeof ChargeRequest>;

/** What `/charges` answers when money was taken, now or earlier under the same key. */
export const ChargeAnswer = z.object({
  chargeId: z.string(),
  orderId: z.string(),
  amountCents: z.int(),
  replayed: z.boolean(),
});
export type ChargeAnswer = z.infer<typeof ChargeAnswer>;

/** Faults that `PUT /admin/faults` switches; what is left out is off. Rates are from 0 to 1. */
export const FaultPlan = z.strictObject({
  /** Shortest and longest time of an answer, in milliseconds; half of it passes before the charge. */
  latencyMs: z
    .tuple([z.number().min(0), z.number().max(600_000)])
    .refine(([low, high]) => low <= high, 'expected [shortest, longest]')
    .default([0, 0]),
  /** Share of requests answered 500 without a charge. */
  errorRate: z.number().min(0).max(1).default(0),
  /** Share of requests whose connection is destroyed after the charge was made. */
  cutRate: z.number().min(0).max(1).default(0),
  /** Share of answers that are sent twice on the same connection. */
  doubleRate: z.number().min(0).max(1).default(0),
  /** Off: each request is written down and cut, and so is each answer that is due. */
  down: z.boolean().default(false),
  /** Which requests are hit. */
  seed: z.int().default(1),
});
export type FaultPlan = z.infer<typeof FaultPlan>;

/** What `GET /admin/stats` answers. */
export const GatewayStats = z.object({
  /** Requests that wait for their answer, by the `x-caller` header. */
  inFlight: z.record(z.string(), z.int()),
  requests: z.int(),
  charges: z.int(),
});
export type GatewayStats = z.infer<typeof GatewayStats>;
