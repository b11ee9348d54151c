import type { Audit } from './audit.js';
import type { Evidence } from './evidence.js';

const CULPRITS_SHOWN = 5;

/** Seconds from each kill until the last order that it hit was paid; undefined when one never was. */
export function recoverySeconds({ kills, orders }: Pick<Evidence, 'kills' | 'orders'>) {
  const processedAt = new Map(orders.map(({ id, processedAtMs }) => [id, processedAtMs]));
  return kills.map(({ atMs, ordersInFlight }) => {
    const times = ordersInFlight.map((id) => processedAt.get(id) ?? Number.POSITIVE_INFINITY);
    const seconds = Math.max(0, ...times.map((time) => (time - atMs) / 1_000));
    return Number.isFinite(seconds) ? Math.round(seconds * 10) / 10 : undefined;
  });
}

/** The audit as lines for people. */
export function reportLines({ checks, account }: Audit, recovery: readonly (number | undefined)[]) {
  const lines = checks.flatMap(({ name, passed, found, culprits }) => {
    const line = `  ${passed ? 'ok  ' : 'FAIL'}  ${name}: ${found}`;
    if (passed) return [line];
    const more = culprits.length > CULPRITS_SHOWN ? ', …' : '';
    return [line, `        ${culprits.slice(0, CULPRITS_SHOWN).join(', ')}${more}`];
  });
  const euros = (account.overchargedCents / 100).toFixed(2);
  const waits = recovery.map((seconds) => (seconds === undefined ? 'never' : `${seconds} s`));
  return [
    'Audit, from the gateway’s ledger, the database and the outbox:',
    ...lines,
    `  ${account.requests} requests at the gateway, ${account.charges} charges for ${account.orders} orders, EUR ${euros} too much`,
    `  orders of the killed workers were all paid after: ${waits.join(', ')}`,
  ];
}
