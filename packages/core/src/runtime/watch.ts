import { formatAddress } from '../idempotency/address.js';
import type { WatchStore } from '../urgency/index.js';
import type { Delivery } from './delivery.js';

/** Notes that a call is to be moved when it has waited for `afterMs` from the time at which it may start. */
export async function watch(
  watched: WatchStore,
  { address, dueAtMs, enqueuedAtMs }: Delivery,
  afterMs: number,
): Promise<void> {
  if (!address) return;
  const delayMs = Math.max(0, (dueAtMs ?? 0) - enqueuedAtMs);
  await watched.watch(address.name, formatAddress(address), delayMs + afterMs);
}
