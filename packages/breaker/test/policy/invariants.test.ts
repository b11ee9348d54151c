// The invariants 1 to 14 of a breaker's state machine, on random walks of five clients.
import { describe, expect, it } from '@jest/globals';
import type { BreakerRecord } from '../../src/policy/state.js';
import { type Step, walk } from './walk.js';

const each = (check: (step: Step) => void) => walk(() => ({ step: check }));
const isForced = ({ state }: BreakerRecord) => state === 'forced-open' || state === 'forced-closed';
const liveLeases = ({ leases }: BreakerRecord, nowMs: number) =>
  [...leases.values()].filter((untilMs) => untilMs > nowMs).length;

describe('the state machine', () => {
  it('[1] answers with the sum of the outcomes of this epoch in the window', () => {
    walk(({ windowMs, buckets }) => {
      let accepted: { epoch: number; stamp: number; total: number; failed: number }[] = [];
      const stampOf = (nowMs: number) => Math.floor(nowMs / (windowMs / buckets));
      return {
        lost: () => {
          accepted = [];
        },
        step({ event, decision: { reply }, nowMs }) {
          if (event.kind !== 'report' || reply.tag !== 'counted') return;
          const stamp = stampOf(nowMs);
          const { passed, failed } = event;
          accepted.push({ epoch: reply.epoch, stamp, total: passed + failed, failed });
          const live = accepted.filter(
            (one) => one.epoch === reply.epoch && one.stamp > stamp - buckets,
          );
          expect(reply.total).toBe(live.reduce((sum, one) => sum + one.total, 0));
          expect(reply.failed).toBe(live.reduce((sum, one) => sum + one.failed, 0));
        },
      };
    });
  });

  it('[2] never counts the outcomes of another epoch', () => {
    each(({ before, event, ask, decision: { reply, next } }) => {
      if (event.kind !== 'report') return;
      const epoch = Math.max(before.epoch, ask.known.epoch);
      if (event.admittedEpoch === epoch) return;
      expect(reply.tag).toBe('dropped');
      expect(next.windows).toBe(before.windows);
    });
  });

  it('[3] never has more live leases than it allows', () => {
    each(({ decision: { next }, ask, nowMs }) => {
      expect(liveLeases(next, nowMs)).toBeLessThanOrEqual(ask.limits.probes);
    });
  });

  it('[4] always grants when it is due and a lease is free', () => {
    each(({ before, event, ask, decision: { reply }, nowMs }) => {
      if (event.kind !== 'acquire' || ask.known.epoch > before.epoch) return;
      const due = before.state === 'open' && before.untilMs <= nowMs;
      const expired = before.leases.size - liveLeases(before, nowMs);
      const free =
        before.state === 'half-open' &&
        liveLeases(before, nowMs) < ask.limits.probes &&
        before.lapsed + expired < 3;
      if (due || free) expect(reply.tag).toBe('granted');
    });
  });

  it('[5] never gives out a token twice, also when everything was lost', () => {
    walk(() => {
      const given = new Set<number>();
      return {
        step({ decision: { reply } }) {
          if (reply.tag !== 'granted') return;
          expect(given.has(reply.token)).toBe(false);
          given.add(reply.token);
        },
      };
    });
  });

  it('[6] never lets a stale token settle', () => {
    each(({ before, event, decision: { reply, next }, nowMs }) => {
      if (event.kind !== 'settle') return;
      const live = (before.leases.get(event.token) ?? 0) > nowMs && before.state === 'half-open';
      if (live) return;
      expect(reply.tag).toBe('stale');
      expect(next.passed).toBe(next.epoch === before.epoch ? before.passed : 0);
    });
  });

  it('[7] raises the epoch at each transition and never lowers it', () => {
    each(({ before, decision: { next, announced } }) => {
      expect(next.epoch).toBeGreaterThanOrEqual(before.epoch);
      if (next.state !== before.state) expect(next.epoch).toBeGreaterThan(before.epoch);
      if (next.epoch !== before.epoch) expect(announced?.epoch).toBe(next.epoch);
    });
  });

  it('[8] opens for the base time doubled with each opening, within cap and jitter', () => {
    each(({ before, ask, decision: { next }, nowMs }) => {
      if (next.state !== 'open' || next.epoch === before.epoch || next.epoch === ask.known.epoch)
        return;
      const { openMs, maxOpenMs } = ask.limits;
      const leastMs = Math.min(maxOpenMs, openMs * 2 ** (next.opens - 1));
      expect(next.untilMs - nowMs).toBeGreaterThanOrEqual(leastMs);
      expect(next.untilMs - nowMs).toBeLessThanOrEqual(leastMs * (1 + ask.jitter));
    });
  });

  it('[9] tells a remaining time of 0 or more, and 0 when closed', () => {
    each(({ decision: { reply } }) => {
      expect(reply.remainingMs).toBeGreaterThanOrEqual(0);
      if (reply.state === 'closed') expect(reply.remainingMs).toBe(0);
    });
  });

  it('[10] never opens below the volume, at exactly the threshold, or below the quorum', () => {
    walk(({ volume, failureRate, slowRate, quorum, windowMs, buckets }) => {
      let reports: { by: string; epoch: number; stamp: number; event: Step['event'] }[] = [];
      return {
        lost: () => {
          reports = [];
        },
        step({ event, ask, decision: { reply }, nowMs }) {
          if (event.kind !== 'report' || reply.tag === 'dropped') return;
          const stamp = Math.floor(nowMs / (windowMs / buckets));
          reports.push({ by: ask.by, epoch: event.admittedEpoch, stamp, event });
          if (reply.tag !== 'opened') return;
          const live = reports
            .filter((one) => one.epoch === event.admittedEpoch && one.stamp > stamp - buckets)
            .flatMap(({ event: e, by }) => (e.kind === 'report' ? [{ ...e, by }] : []));
          const sum = (pick: (one: (typeof live)[number]) => number) =>
            live.reduce((total, one) => total + pick(one), 0);
          const total = sum((one) => one.passed + one.failed);
          expect(total).toBeGreaterThanOrEqual(volume);
          const exceeds =
            sum((one) => one.failed) * 100 > failureRate * total ||
            sum((one) => one.slow) * 100 > slowRate * total;
          expect(exceeds).toBe(true);
          const bad = live.filter((one) => one.failed > 0 || one.slow > 0);
          expect(new Set(bad.map(({ by }) => by)).size).toBeGreaterThanOrEqual(quorum);
        },
      };
    });
  });

  it('[11] adopts the newest epoch that anybody knows, after a loss', () => {
    each(({ before, ask, decision: { next } }) => {
      expect(next.epoch).toBeGreaterThanOrEqual(Math.max(before.epoch, ask.known.epoch));
    });
  });

  it('[12] leaves a forced state only by release or when its time is over', () => {
    each(({ before, event, ask, decision: { next }, nowMs }) => {
      if (!isForced(before) || nowMs >= before.untilMs || ask.known.epoch > before.epoch) return;
      if (event.kind === 'release' || event.kind === 'force') return;
      expect(next.state).toBe(before.state);
      expect(next.epoch).toBe(before.epoch);
    });
  });

  it('[13] opens again after the third lease that nobody settled', () => {
    each(({ before, event, ask, decision: { reply, next }, nowMs }) => {
      if (event.kind !== 'acquire' || before.state !== 'half-open') return;
      if (ask.known.epoch > before.epoch) return;
      const lapsed = before.lapsed + before.leases.size - liveLeases(before, nowMs);
      expect(next.state).toBe(lapsed >= 3 ? 'open' : 'half-open');
      if (lapsed >= 3) expect(reply).toMatchObject({ tag: 'denied', reason: 'lease-expired' });
    });
  });

  it('[14] forgets how often it opened only when it was stable or is given back', () => {
    each(({ before, event, ask, decision: { next }, nowMs }) => {
      if (next.opens >= before.opens || ask.known.epoch > before.epoch) return;
      const stable = before.state === 'closed' && nowMs - before.changedAtMs >= ask.limits.stableMs;
      expect(stable || event.kind === 'release' || isForced(before)).toBe(true);
    });
  });
});
