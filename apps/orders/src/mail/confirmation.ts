import type { Order } from '../orders/order.js';
import type { Mail } from './outbox.js';

/** Writes the mail that tells a customer that the order was paid. */
export function confirmationMail({ id, customer, totalCents }: Order): Mail {
  const total = `${Math.floor(totalCents / 100)}.${String(totalCents % 100).padStart(2, '0')}`;
  return {
    messageId: `confirmation-${id}`,
    to: customer,
    subject: `Your order ${id}`,
    text: `Thank you. We charged EUR ${total}; your films are on their way.`,
  };
}
