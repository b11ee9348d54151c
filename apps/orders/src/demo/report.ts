import type { Audit } from './audit.js';
import type { Evidence, Kill } from './evidence.js';
import type { DemoOptions } from './options.js';

const CULPRITS_SHOWN = 5;

/** Seconds from a kill until the last order that it hit was paid; undefined when one never was. */
export type Recovery = readonly (number | undefined)[];

/** The recovery of each kill. */
export function recoverySeconds({ kills, orders }: Pick<Evidence, 'kills' | 'orders'>): Recovery {
  const processedAt = new Map(orders.map(({ id, processedAtMs }) => [id, processedAtMs]));
  return kills.map(({ atMs, ordersInFlight }) => {
    const times = ordersInFlight.map((id) => processedAt.get(id) ?? Number.POSITIVE_INFINITY);
    const seconds = Math.max(0, ...times.map((time) => (time - atMs) / 1_000));
    return Number.isFinite(seconds) ? rounded(seconds) : undefined;
  });
}

/** The audit as lines for people. */
export function reportLines({ checks, account }: Audit, recovery: Recovery): string[] {
  const lines = checks.flatMap(({ name, passed, found, culprits }) => {
    const line = `  ${passed ? 'ok  ' : 'FAIL'}  ${name}: ${found}`;
    if (passed) return [line];
    const more = culprits.length > CULPRITS_SHOWN ? ', …' : '';
    return [line, `        ${culprits.slice(0, CULPRITS_SHOWN).join(', ')}${more}`];
  });
  const euros = (account.overchargedCents / 100).toFixed(2);
  const waits = recovery.map((seconds) => (seconds === undefined ? 'never' : `after ${seconds} s`));
  return [
    'Audit, from the gateway’s ledger, the database and the outbox:',
    ...lines,
    `  ${account.charges} charges for ${account.orders} orders, EUR ${euros} too much`,
    `  the orders of the killed workers were all paid, the outage between: ${waits.join(', ')}`,
  ];
}

/** The verdict in a sentence. */
export function closingLine(
  { passed }: Pick<Audit, 'passed'>,
  { bare, seconds }: { bare: boolean; seconds: number },
): string {
  const took = `${seconds.toFixed(1)} s`;
  if (!bare) return passed ? `The audit passed (${took}).` : `The audit FAILED (${took}).`;
  return passed
    ? `The audit passed (${took}), which bare BullMQ was not expected to do.`
    : `The audit failed (${took}), as expected: this is what bare BullMQ does under kills, repeats and an outage. The exit status is 1.`;
}

/** The run as one line of JSON. */
export function jsonLine(run: {
  verdict: Audit;
  recovery: Recovery;
  kills: readonly Kill[];
  options: DemoOptions;
  seconds: number;
}): string {
  const { verdict, recovery, kills, options, seconds } = run;
  return JSON.stringify({
    mode: options.bare ? 'bare' : 'bulletproof',
    seed: options.seed,
    passed: verdict.passed,
    seconds: rounded(seconds),
    ...verdict.account,
    kills: kills.map(({ worker, chargesInFlight, ordersInFlight }, nth) => ({
      worker,
      chargesInFlight,
      ordersInFlight: ordersInFlight.length,
      recoverySeconds: recovery[nth] ?? null,
    })),
    failed: verdict.checks.filter(({ passed }) => !passed).map(({ name }) => name),
  });
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
