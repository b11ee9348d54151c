import { expect } from '@jest/globals';
import {
  ANONYMOUS_MS,
  admitted,
  anonymousRun,
  type ConformanceCase,
  cancellation,
  claimed,
  found,
  KEEP_DEAD_MS,
  KEEP_MS,
  keyedCall,
  LEASE_MS,
  REASON,
  RESULT,
  reach,
  runOf,
  STORY,
} from './scene.js';

const nothing = { tag: 'missing' };

/** Admission, ends, and how long each is remembered. */
export const SETTLING_CASES: readonly ConformanceCase[] = [
  {
    title: 'tells an equal enqueue all about the call that holds the key',
    run: async (subject) => {
      const token = await admitted(subject, keyedCall());
      const known = await subject.store.admit({ ...keyedCall('second'), queue: 'critical' });
      expect(known).toEqual({
        tag: 'known',
        id: 'first',
        state: 'waiting',
        queue: 'default',
        token,
        generation: 1,
        envelope: '{"made":"first"}',
      });
      expect(await found(subject)).toMatchObject({ enqueuedAtMs: subject.now(), start: 0 });
    },
  },
  {
    title: 'keeps what a waiting call is made of, for whoever must make it again',
    run: async (subject) => {
      const run = await reach(subject, 'released');
      const known = await subject.store.admit(keyedCall('second'));
      expect(known).toMatchObject({ token: run.token, envelope: '{"made":"first"}' });
    },
  },
  {
    title: 'never forgets a call under a key that has not ended',
    run: async (subject) => {
      for (const stand of ['waiting', 'running', 'snoozed', 'released', 'revived'] as const) {
        await reach(subject, stand);
        await subject.advance(10 * KEEP_DEAD_MS);
        expect((await found(subject)).id).toBe('first');
        await subject.lose();
      }
    },
  },
  {
    title: 'never forgets the call that took over a dead or cancelled one’s record',
    run: async (subject) => {
      for (const stand of ['dead', 'cancelled'] as const) {
        await reach(subject, stand);
        await admitted(subject, keyedCall('second'));
        const taken = await found(subject, keyedCall('second'));
        expect(taken).toMatchObject({ id: 'second', state: 'waiting', start: 0, generation: 2 });
        expect(taken).toMatchObject({ envelope: '{"made":"second"}', reason: undefined });
        expect([taken.finishedAtMs, taken.snoozedUntilMs, taken.result]).toEqual([
          undefined,
          undefined,
          undefined,
        ]);
        await subject.advance(10 * KEEP_DEAD_MS);
        expect((await found(subject, keyedCall('second'))).state).toBe('waiting');
        await subject.lose();
      }
    },
  },
  {
    title: 'remembers a result for its time and no longer, and then admits anew',
    run: async (subject) => {
      const run = await reach(subject, 'done');
      const finished = subject.now();
      const done = await found(subject);
      expect(done).toMatchObject({ state: 'done', result: RESULT, finishedAtMs: finished });
      expect(done).toMatchObject({ leaseLeftMs: 0, token: run.token, start: 1, generation: 1 });
      expect(done.envelope).toBeUndefined();
      await subject.advance(KEEP_MS - 1);
      expect((await found(subject)).result).toBe(RESULT);
      await subject.advance(1);
      expect(await subject.store.inspect(run.address, run.id)).toEqual(nothing);
      expect(await admitted(subject, keyedCall('second', 'another-input'))).toBeGreaterThan(0);
    },
  },
  {
    title: 'keeps the first result when a completion is repeated',
    run: async (subject) => {
      const run = await reach(subject, 'done');
      await subject.advance(KEEP_MS - 1);
      await subject.store.complete(run, '"other"', KEEP_MS);
      expect((await found(subject)).result).toBe(RESULT);
      await subject.advance(1);
      expect(await subject.store.inspect(run.address, run.id)).toEqual(nothing);
    },
  },
  {
    title: 'knows a result that is undefined',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.store.complete(run, undefined, KEEP_MS);
      const later = await subject.store.claim({ ...run, start: 2 }, LEASE_MS);
      expect(later).toEqual({ tag: 'done', result: undefined });
    },
  },
  {
    title: 'remembers a cancelled call and why, from the first cancelling on',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.store.cancel(cancellation(run, { idle: true }));
      const at = subject.now();
      await subject.advance(1_000);
      await subject.store.cancel(cancellation(run, { reason: 'again', idle: true }));
      const gone = await found(subject);
      expect(gone).toMatchObject({ state: 'cancelled', reason: REASON, finishedAtMs: at });
      expect(gone.envelope).toBeUndefined();
      await subject.advance(KEEP_DEAD_MS - 1_001);
      expect((await found(subject)).state).toBe('cancelled');
      await subject.advance(1);
      expect(await subject.store.inspect(run.address, run.id)).toEqual(nothing);
    },
  },
  {
    title: 'tells why a keyed call was cancelled also when another call has its key',
    run: async (subject) => {
      const { address } = keyedCall();
      const cancelledFor = async (id: string) => {
        const reply = await subject.store.inspect(address, id);
        return reply.tag === 'pointer' ? undefined : reply.cancelledFor;
      };
      await admitted(subject, keyedCall());
      expect(await cancelledFor('first')).toBeUndefined();
      await subject.store.cancel(cancellation(keyedCall(), { idle: true }));
      await subject.store.cancel(cancellation(keyedCall(), { reason: 'again', idle: true }));
      await admitted(subject, keyedCall('second'));
      expect(await cancelledFor('first')).toBe(REASON);
      expect(await cancelledFor('second')).toBeUndefined();
      await subject.advance(KEEP_DEAD_MS);
      expect(await cancelledFor('first')).toBeUndefined();
    },
  },
  {
    title: 'cancels a call that has no record where it is told to make one',
    run: async (subject) => {
      const run = anonymousRun();
      const request = cancellation(run, { create: true, idle: true });
      const reply = await subject.store.cancel(request);
      expect(reply).toEqual({ tag: 'cancelled', queue: 'low', generation: 1 });
      const gone = await subject.store.inspect(run.address, run.id);
      expect(gone).toMatchObject({ state: 'cancelled', queue: 'low', token: 0, start: 0 });
      expect(gone).toMatchObject({ reason: REASON, enqueuedAtMs: subject.now() });
      expect(await subject.store.claim(run, LEASE_MS)).toMatchObject({ tag: 'cancelled' });
      await subject.advance(KEEP_DEAD_MS);
      expect(await subject.store.inspect(run.address, run.id)).toEqual(nothing);
    },
  },
  {
    title: 'does not cancel what another call holds',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      const reply = await subject.store.cancel(cancellation({ ...run, id: 'another' }));
      expect(reply).toEqual({ tag: 'superseded', id: 'first' });
      expect((await found(subject)).state).toBe('running');
    },
  },
  {
    title: 'clears a snooze when the call starts, and keeps its end until then',
    run: async (subject) => {
      const run = await reach(subject, 'snoozed');
      const snoozed = await found(subject);
      expect(snoozed).toMatchObject({ snoozedUntilMs: subject.now() + KEEP_MS, leaseLeftMs: 0 });
      await claimed(subject, { ...run, start: 2 });
      expect((await found(subject)).snoozedUntilMs).toBeUndefined();
    },
  },
  {
    title: 'clears a snooze when the call ends in another way',
    run: async (subject) => {
      await subject.store.complete(await reach(subject, 'snoozed'), RESULT, KEEP_MS);
      expect((await found(subject)).snoozedUntilMs).toBeUndefined();
      await subject.lose();
      await subject.store.bury(await reach(subject, 'snoozed'), STORY, KEEP_DEAD_MS);
      expect((await found(subject)).snoozedUntilMs).toBeUndefined();
      await subject.lose();
      await subject.store.cancel(cancellation(await reach(subject, 'snoozed')));
      expect((await found(subject)).snoozedUntilMs).toBeUndefined();
    },
  },
  {
    title: 'keeps an anonymous call’s record for its life after the last word of a run',
    run: async (subject) => {
      const { store } = subject;
      const words = {
        claim: (start: number) => store.claim(anonymousRun('nobody', { start }), LEASE_MS),
        step: () => store.step(anonymousRun('nobody', { token: 8e15 }), 'a', '1', LEASE_MS),
        renew: () => store.renew(anonymousRun('nobody', { token: 8e15, start: 9 }), LEASE_MS),
        release: () => store.release(anonymousRun('nobody', { token: 8e15 }), { create: true }),
      };
      const { address, id } = anonymousRun();
      for (const say of Object.values(words)) {
        await words.claim(1);
        await subject.advance(ANONYMOUS_MS - 1);
        await say(2);
        await subject.advance(ANONYMOUS_MS - 1);
        expect((await store.inspect(address, id)).tag).toBe('found');
        await subject.advance(1);
        expect(await store.inspect(address, id)).toEqual(nothing);
      }
    },
  },
  {
    title: 'keeps a snoozed anonymous call’s record over its snooze, however long that is',
    run: async (subject) => {
      const run = anonymousRun();
      await subject.store.step(run, 'capture', '1', LEASE_MS);
      const untilMs = subject.now() + 3 * ANONYMOUS_MS;
      await subject.store.release(run, { create: true, untilMs });
      await subject.advance(4 * ANONYMOUS_MS - 1);
      const next = await subject.store.claim({ ...run, start: 2 }, LEASE_MS);
      expect(next).toMatchObject({ tag: 'claimed', steps: ['capture', '1'] });
    },
  },
  {
    title: 'makes the record of a snooze, of an end and of a death where there is none',
    run: async (subject) => {
      const run = anonymousRun('nobody', { token: 9, generation: 3, start: 4 });
      const base = { id: 'nobody', queue: 'default', generation: 3, start: 4, token: 9 };
      const look = () => subject.store.inspect(run.address, run.id);
      await subject.store.release(run, { create: true, untilMs: subject.now() + 500 });
      expect(await look()).toMatchObject({
        ...base,
        state: 'snoozed',
        enqueuedAtMs: subject.now(),
      });
      await subject.lose();
      await subject.store.complete(run, RESULT, KEEP_MS);
      expect(await look()).toMatchObject({ ...base, state: 'done', result: RESULT });
      await subject.lose();
      await subject.store.bury(run, STORY, KEEP_DEAD_MS);
      expect(await look()).toMatchObject({ ...base, state: 'dead', story: STORY });
    },
  },
  {
    title: 'knows the input of a call whose record was lost and made again by a run',
    run: async (subject) => {
      const first = keyedCall('first');
      const run = runOf(first, { token: 1 });
      const makers = [
        () => subject.store.claim(run, LEASE_MS),
        () => subject.store.step(run, 'capture', '1', LEASE_MS),
        () => subject.store.release(run, { create: true }),
        () => subject.store.complete(run, RESULT, KEEP_MS),
        () => subject.store.bury(run, STORY, KEEP_DEAD_MS),
      ];
      for (const make of makers) {
        await make();
        expect(await subject.store.admit(first)).toMatchObject({ tag: 'known', id: 'first' });
        const other = { ...first, digest: 'another-input' };
        expect(await subject.store.admit(other)).toEqual({ tag: 'conflict', id: 'first' });
        await subject.lose();
      }
      await subject.store.cancel(cancellation(run, { create: true }));
      expect(await subject.store.admit({ ...first, digest: '' })).toMatchObject({ tag: 'known' });
    },
  },
];
