import { expect } from '@jest/globals';
import type { RunRef } from '../../../src/idempotency/store.js';
import {
  admitted,
  type ConformanceCase,
  cancellation,
  claimed,
  found,
  keyedCall,
  LEASE_MS,
  REASON,
  reach,
  runOf,
} from './scene.js';

/** Leases: who waits for whom, and for how long. */
export const LEASE_CASES: readonly ConformanceCase[] = [
  {
    title: 'holds the next start off until the very end of a lease',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      const next = { ...run, start: 2 };
      await subject.advance(LEASE_MS - 1);
      expect(await subject.store.claim(next, LEASE_MS)).toEqual({ tag: 'held', leaseLeftMs: 1 });
      await subject.advance(1);
      expect((await claimed(subject, next)).token).toBeGreaterThan(run.token);
    },
  },
  {
    title: 'counts a renewed lease from its renewal, and tells how much is left',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.advance(4_000);
      expect(await found(subject)).toMatchObject({ leaseLeftMs: LEASE_MS - 4_000 });
      await subject.store.renew(run, 2 * LEASE_MS);
      expect(await found(subject)).toMatchObject({ leaseLeftMs: 2 * LEASE_MS });
      await subject.advance(3 * LEASE_MS);
      expect(await found(subject)).toMatchObject({ leaseLeftMs: 0 });
    },
  },
  {
    title: 'extends the lease with a step, and ends it with a release',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.advance(4_000);
      await subject.store.step(run, 'capture', '1', LEASE_MS);
      expect(await found(subject)).toMatchObject({ leaseLeftMs: LEASE_MS });
      await subject.store.release(run, { create: false });
      expect(await found(subject)).toMatchObject({ leaseLeftMs: 0 });
      expect((await claimed(subject, { ...run, start: 2 })).start).toBe(2);
    },
  },
  {
    title: 'tells a waiting call whose first start did not ask from one that nobody runs',
    run: async (subject) => {
      const first = await reach(subject, 'waiting');
      expect(await subject.store.renew(first, LEASE_MS)).toEqual({ tag: 'kept' });
      expect(await found(subject)).toMatchObject({ state: 'running', start: 1, generation: 1 });
      const reply = await subject.store.claim({ ...first, start: 2 }, LEASE_MS);
      expect(reply).toEqual({ tag: 'held', leaseLeftMs: LEASE_MS });
    },
  },
  {
    title: 'gives no new lease to a run that has given its call back, nor to its late steps',
    run: async (subject) => {
      for (const stand of ['released', 'snoozed'] as const) {
        const call = keyedCall();
        const run = await reach(subject, stand, call);
        const before = await found(subject);
        expect(await subject.store.renew(run, LEASE_MS)).toEqual({ tag: 'lost' });
        expect(await subject.store.step(run, 'late', '1', LEASE_MS)).toEqual({ tag: 'recorded' });
        expect(await found(subject)).toEqual(before);
        const next = await subject.store.claim({ ...run, start: 2 }, LEASE_MS);
        expect(next).toMatchObject({ tag: 'claimed', steps: ['late', '1'] });
        await subject.lose();
      }
    },
  },
  {
    title:
      'keeps the lease of a cancelled run until it has stopped, for the next call under the key',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.advance(4_000);
      await subject.store.cancel(cancellation(run));
      const second = keyedCall('second');
      const token = await admitted(subject, second);
      expect(await found(subject, second)).toMatchObject({ leaseLeftMs: LEASE_MS });
      const next = runOf(second, { generation: 2, token });
      expect(await subject.store.claim(next, LEASE_MS)).toMatchObject({ tag: 'held' });
      await subject.advance(LEASE_MS);
      expect((await claimed(subject, next)).token).toBeGreaterThan(run.token);
    },
  },
  {
    title: 'keeps that lease, too, when the next call has another input',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.store.cancel(cancellation(run));
      const second = keyedCall('second', 'another-input');
      const next = runOf(second, { generation: 2, token: await admitted(subject, second) });
      const reply = await subject.store.claim(next, LEASE_MS);
      expect(reply).toEqual({ tag: 'held', leaseLeftMs: LEASE_MS });
    },
  },
  {
    title: 'never shortens a lease by cancelling, and ends it for one that nobody runs',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.store.renew(run, 3 * LEASE_MS);
      await subject.store.cancel(cancellation(run));
      expect(await found(subject)).toMatchObject({ leaseLeftMs: 3 * LEASE_MS });
      await subject.advance(LEASE_MS);
      await subject.store.cancel(cancellation(run));
      expect(await found(subject)).toMatchObject({ leaseLeftMs: 2 * LEASE_MS });
      await subject.store.cancel(cancellation(run, { idle: true }));
      expect(await found(subject)).toMatchObject({ leaseLeftMs: 0, state: 'cancelled' });
    },
  },
  {
    title:
      'lets a cancelled run renew while it stops, and ends its lease with any of its last words',
    run: async (subject) => {
      const lastWords = {
        release: (run: RunRef) => subject.store.release(run, { create: false }),
        complete: (run: RunRef) => subject.store.complete(run, '1', LEASE_MS),
        bury: (run: RunRef) => subject.store.bury(run, '{}', LEASE_MS),
      };
      for (const say of Object.values(lastWords)) {
        const run = await reach(subject, 'cancelled');
        await subject.advance(6_000);
        const told = { tag: 'cancelled', reason: REASON };
        expect(await subject.store.renew(run, LEASE_MS)).toEqual(told);
        expect(await found(subject)).toMatchObject({ leaseLeftMs: LEASE_MS, state: 'cancelled' });
        expect(await say(run)).toEqual(told);
        const after = await found(subject);
        expect(after).toMatchObject({ leaseLeftMs: 0, state: 'cancelled', reason: REASON });
        expect(after.story).toBeUndefined();
        await subject.lose();
      }
    },
  },
  {
    title: 'does not let a run without a claim take over from the one that holds the call',
    run: async (subject) => {
      const first = await reach(subject, 'waiting');
      const second = await claimed(subject, { ...first, start: 2 });
      expect(await subject.store.renew(first, LEASE_MS)).toEqual({ tag: 'lost' });
      expect(await found(subject)).toMatchObject({ token: second.token, start: 2 });
    },
  },
];
