import { createHash } from 'node:crypto';
import { z } from 'zod';

const OrderId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'expected 1 to 100 letters, digits, ".", "_" or "-"');

/** What a client posts to `/orders`. The id is the client's, so that asking again is asking for the same order. */
export const OrderRequest = z.strictObject({
  id: OrderId,
  customer: z.email(),
  lines: z
    .array(z.strictObject({ film: z.string().max(40), quantity: z.int().min(1).max(20) }))
    .min(1)
    .max(20)
    .refine((lines) => new Set(lines.map(({ film }) => film)).size === lines.length, {
      message: 'expected each film once',
    }),
});
export type OrderRequest = z.infer<typeof OrderRequest>;

/** Tells two requests of one id apart; the order of the lines does not matter. */
export function digestOf({ customer, lines }: OrderRequest): string {
  const sorted = lines.map(({ film, quantity }) => `${film}*${quantity}`).sort();
  return createHash('sha256')
    .update(JSON.stringify([customer, sorted]))
    .digest('base64url');
}
