import { type Check, check } from './check.js';
import type { OutageFacts } from './outage.js';

/** What must be true of the time in which the gateway was off. */
export function outageChecks(outage: OutageFacts): Check[] {
  return [leftAlone(outage), noAttempts(outage), recovered(outage)];
}

function leftAlone(outage: OutageFacts): Check {
  const { offMs, openedAfterMs, openMs, before, whileOpen, probes } = outage;
  const name = 'no worker called the dead gateway while the breaker was open';
  if (openedAfterMs === undefined) {
    const found = `no breaker opened; ${whileOpen.length} calls in ${span(offMs)}`;
    return check(name, unique(whileOpen, 'no breaker opened'), found);
  }
  const others = Math.max(0, whileOpen.length - probes);
  return check(
    name,
    others > 0 ? unique(whileOpen) : [],
    `open after ${span(openedAfterMs)} and ${before.length} calls; then ${others} calls in ${span(openMs)}, but for ${whileOpen.length - others} probes`,
  );
}

function noAttempts({ attemptsBefore, attemptsWhileOpen, putOff }: OutageFacts): Check {
  return check(
    'the outage consumed no attempts while the breaker was open',
    unique(attemptsWhileOpen),
    `${attemptsWhileOpen.length} attempts, ${putOff} times put off; ${attemptsBefore.length} attempts before it was open`,
  );
}

function recovered({ openedAfterMs, closedAfterMs, met, unpaid, paidAfterMs }: OutageFacts): Check {
  const wrong = [...unpaid];
  if (openedAfterMs !== undefined && closedAfterMs === undefined) wrong.push('breaker not closed');
  if (met.length === 0) wrong.push('no order met the outage');
  const closed = closedAfterMs === undefined ? '' : `closed after ${span(closedAfterMs)}, `;
  const last = unpaid.length === 0 ? `, the last one after ${span(paidAfterMs)}` : '';
  return check(
    'when the gateway was back, so was everything else',
    wrong,
    `${closed}${met.length - unpaid.length} of ${met.length} orders paid that met the outage${last}`,
  );
}

function unique(ids: readonly string[], ...more: string[]): string[] {
  return [...more, ...new Set(ids)];
}

function span(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
