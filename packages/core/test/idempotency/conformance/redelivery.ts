import { expect } from '@jest/globals';
import type { RunRef } from '../../../src/idempotency/store.js';
import type { Subject } from '../subject.js';
import {
  ANONYMOUS_MS,
  anonymousRun,
  type ConformanceCase,
  cancellation,
  claimed,
  found,
  KEEP_DEAD_MS,
  KEEP_MS,
  keyedCall,
  LEASE_MS,
  RESULT,
  reach,
  revival,
  runOf,
  STORY,
  tagged,
} from './scene.js';

const MOVED = { tag: 'moved' };

/** Redelivers what the run was of, and answers the first run of the new delivery. */
async function redelivered({ store }: Subject, run: RunRef): Promise<RunRef> {
  const reply = await store.redeliver(run.address, run.id, run.generation);
  const { generation, token } = tagged(reply, 'redelivered');
  return { ...run, generation, start: 1, token };
}

/** Open calls whose delivery is lost: each is made again, and the old delivery has nothing to do any more. */
export const REDELIVERY_CASES: readonly ConformanceCase[] = [
  {
    title: 'redelivers an open call from what it was admitted with, wherever it stands',
    run: async (subject) => {
      for (const stand of ['waiting', 'lapsed', 'snoozed', 'released'] as const) {
        const run = await reach(subject, stand);
        const before = await found(subject);
        const reply = await subject.store.redeliver(run.address, 'first', 1);
        const token = Math.max(subject.now() * 1000, run.token + 1);
        const envelope = '{"made":"first"}';
        expect(reply).toEqual({ tag: 'redelivered', token, generation: 2, envelope });
        expect(await found(subject)).toEqual({
          ...before,
          state: 'waiting',
          start: 0,
          generation: 2,
          token,
          leaseLeftMs: 0,
          snoozedUntilMs: undefined,
        });
        await subject.lose();
      }
    },
  },
  {
    title:
      'moves an open call to another queue with its new delivery; replayed, it is moved already',
    run: async (subject) => {
      const { store } = subject;
      const run = await reach(subject, 'waiting');
      const move = { queue: 'other', envelope: '{"moved":1}' };
      const reply = await store.redeliver(run.address, 'first', 1, move);
      expect(reply).toMatchObject({ tag: 'redelivered', generation: 2, envelope: '{"moved":1}' });
      expect(await found(subject)).toMatchObject({ ...move, state: 'waiting', generation: 2 });
      expect(await store.redeliver(run.address, 'first', 1, move)).toEqual(MOVED);
      expect(tagged(await store.redeliver(run.address, 'first', 2), 'redelivered')).toMatchObject({
        envelope: '{"moved":1}',
      });
      expect(await found(subject)).toMatchObject({ queue: 'other', generation: 3 });
    },
  },
  {
    title: 'gives the token of the moment to a redelivery, and a greater one within a moment',
    run: async (subject) => {
      const first = await reach(subject, 'waiting');
      const second = await redelivered(subject, first);
      expect(second.token).toBe(first.token + 1);
      await subject.advance(1_000);
      const third = await redelivered(subject, second);
      expect(third).toMatchObject({ token: subject.now() * 1000, generation: 3 });
    },
  },
  {
    title: 'leaves no trace of a lease or a snooze that a redelivery ended',
    run: async (subject) => {
      const run = await reach(subject, 'lapsed');
      await redelivered(subject, run);
      const second = keyedCall('second', 'another-input');
      await subject.store.cancel(cancellation(run, { idle: true }));
      await subject.store.admit(second);
      expect(await found(subject, second)).toMatchObject({ leaseLeftMs: 0, generation: 3 });
      await subject.lose();
      const next = await redelivered(subject, await reach(subject, 'snoozed'));
      await subject.store.release(await claimed(subject, next), { create: false });
      expect((await found(subject)).snoozedUntilMs).toBeUndefined();
    },
  },
  {
    title: 'does not redeliver before the very end of a lease',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      const before = await found(subject);
      const redeliver = () => subject.store.redeliver(run.address, run.id, 1);
      expect(await redeliver()).toEqual({ tag: 'held', leaseLeftMs: LEASE_MS });
      expect(await found(subject)).toEqual(before);
      await subject.advance(LEASE_MS - 1);
      expect(await redeliver()).toEqual({ tag: 'held', leaseLeftMs: 1 });
      await subject.advance(1);
      expect(await redeliver()).toMatchObject({ tag: 'redelivered', generation: 2 });
    },
  },
  {
    title: 'fences off whoever still runs a call that was redelivered',
    run: async (subject) => {
      const { store } = subject;
      const old = await reach(subject, 'lapsed');
      const next = await redelivered(subject, old);
      const before = await found(subject);
      const superseded = { tag: 'superseded', id: 'first' };
      for (const start of [1, 2, 9]) {
        expect(await store.claim({ ...old, start }, LEASE_MS)).toEqual(superseded);
      }
      const lost = { tag: 'lost' };
      expect(await store.renew(old, LEASE_MS)).toEqual(lost);
      expect(await store.step(old, 'late', '1', LEASE_MS)).toEqual(lost);
      expect(await store.release(old, { create: true })).toEqual(lost);
      expect(await store.complete(old, RESULT, KEEP_MS)).toEqual(lost);
      expect(await store.bury(old, STORY, KEEP_DEAD_MS)).toEqual(lost);
      expect(await found(subject)).toEqual(before);
      const holder = await claimed(subject, next);
      expect(holder.token).toBeGreaterThan(next.token);
      expect(await store.complete(holder, RESULT, KEEP_MS)).toEqual({ tag: 'completed' });
    },
  },
  {
    title: 'keeps the steps of a call that is redelivered',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.store.step(run, 'capture', '"c-1"', LEASE_MS);
      await subject.advance(LEASE_MS);
      const next = await redelivered(subject, run);
      const reply = await subject.store.claim(next, LEASE_MS);
      expect(reply).toMatchObject({ tag: 'claimed', steps: ['capture', '"c-1"'] });
    },
  },
  {
    title: 'does not redeliver another call than the one that was seen, nor one that has moved',
    run: async (subject) => {
      const { address } = await reach(subject, 'revived');
      const before = await found(subject);
      const others = [
        ['another', 2],
        ['', 2],
        ['first', 1],
        ['first', 3],
        ['first', 0],
      ] as const;
      for (const [id, generation] of others) {
        expect(await subject.store.redeliver(address, id, generation)).toEqual(MOVED);
        expect(await found(subject)).toEqual(before);
      }
      const elsewhere = { kind: 'call', name: address.name } as const;
      expect(await subject.store.redeliver(elsewhere, 'first', 2)).toEqual(MOVED);
    },
  },
  {
    title: 'does not redeliver a call of which nothing is kept that a delivery could be made from',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.lose();
      await subject.store.step(run, 'capture', '1', LEASE_MS);
      await subject.advance(LEASE_MS);
      const before = await found(subject);
      expect(before).toMatchObject({ state: 'running', leaseLeftMs: 0, envelope: undefined });
      expect(await subject.store.redeliver(run.address, run.id, 1)).toEqual(MOVED);
      expect(await found(subject)).toEqual(before);
      await subject.lose();
      await subject.store.admit({ ...keyedCall(), envelope: '' });
      expect(await subject.store.redeliver(run.address, run.id, 1)).toEqual(MOVED);
    },
  },
  {
    title: 'never forgets a recorded call that was redelivered, nor keeps an anonymous one longer',
    run: async (subject) => {
      await redelivered(subject, await reach(subject, 'waiting'));
      const run = anonymousRun('nobody', { token: subject.now() * 1000 });
      await subject.store.bury(run, STORY, KEEP_DEAD_MS);
      const revived = tagged(await subject.store.revive(revival(run)), 'revived');
      await subject.advance(ANONYMOUS_MS - 1);
      await redelivered(subject, runOf({ ...keyedCall(), ...run }, revived));
      const look = () => subject.store.inspect(run.address, run.id);
      expect(await look()).toMatchObject({ tag: 'found', generation: 3 });
      await subject.advance(1);
      expect((await look()).tag).toBe('missing');
      await subject.advance(10 * KEEP_DEAD_MS);
      expect((await found(subject)).state).toBe('waiting');
    },
  },
];
