import { expect } from '@jest/globals';
import type { RecordAddress } from '../../../src/idempotency/store.js';
import {
  type ConformanceCase,
  cancellation,
  claimed,
  KEEP_MS,
  KEY,
  keyedCall,
  LEASE_MS,
  reach,
  revival,
  runOf,
} from './scene.js';

const HERE: RecordAddress = { kind: 'call', name: 'named' };
const POINTER = { tag: 'pointer', address: 'key:order-42' };

/** Explicit ids of calls that have a key, too. */
export const POINTER_CASES: readonly ConformanceCase[] = [
  {
    title: 'leads from an explicit id to the key’s record, for its time',
    run: async ({ store, ...subject }) => {
      expect(await store.inspect(HERE, 'named')).toEqual({ tag: 'missing' });
      expect(await store.point('named', KEY, KEEP_MS)).toBe(true);
      expect(await store.inspect(HERE, 'named')).toEqual(POINTER);
      await subject.advance(KEEP_MS - 1);
      expect(await store.point('named', KEY, KEEP_MS)).toBe(true);
      await subject.advance(KEEP_MS - 1);
      expect(await store.inspect(HERE, 'named')).toEqual(POINTER);
      await subject.advance(1);
      expect(await store.inspect(HERE, 'named')).toEqual({ tag: 'missing' });
    },
  },
  {
    title: 'does not bind an id to a second key, nor to any key while a call of its own has it',
    run: async ({ store }) => {
      await store.point('named', KEY, KEEP_MS);
      expect(await store.point('named', { kind: 'key', name: 'order-43' }, KEEP_MS)).toBe(false);
      expect(await store.inspect(HERE, 'named')).toEqual(POINTER);
      await store.admit({ ...keyedCall('plain'), address: { kind: 'call', name: 'plain' } });
      expect(await store.point('plain', KEY, KEEP_MS)).toBe(false);
      expect(await store.inspect({ kind: 'call', name: 'plain' }, 'plain')).toMatchObject({
        tag: 'found',
        state: 'waiting',
      });
    },
  },
  {
    title: 'admits no call without a key under an id that means another call',
    run: async ({ store }) => {
      await store.point('named', KEY, KEEP_MS);
      const plain = { ...keyedCall('named'), address: HERE };
      for (let times = 0; times < 2; times += 1) {
        expect(await store.admit(plain)).toEqual({ tag: 'conflict', id: 'named' });
      }
      expect(await store.inspect(HERE, 'named')).toEqual(POINTER);
    },
  },
  {
    title: 'refuses the runs of a call that had the id before',
    run: async (subject) => {
      const { store } = subject;
      const call = { ...keyedCall('named'), address: HERE };
      const run = await reach(subject, 'done', call);
      await subject.advance(KEEP_MS);
      expect(await store.point('named', KEY, KEEP_MS)).toBe(true);

      const late = { ...run, start: 2, ttlMs: 1 };
      expect(await store.claim(late, LEASE_MS)).toEqual({ tag: 'superseded', id: '' });
      const lost = { tag: 'lost' };
      expect(await store.renew(late, LEASE_MS)).toEqual(lost);
      expect(await store.step(late, 'capture', '1', LEASE_MS)).toEqual(lost);
      expect(await store.release(late, { create: true })).toEqual(lost);
      expect(await store.complete(late, '1', 1)).toEqual(lost);
      expect(await store.bury(late, '{}', 1)).toEqual(lost);
      const cancelled = await store.cancel(cancellation(late, { create: true, idle: true }));
      expect(cancelled).toEqual({ tag: 'superseded', id: '' });
      expect(await store.revive(revival(late))).toEqual({ tag: 'superseded', id: undefined });
      expect(await store.inspect(HERE, 'named')).toEqual(POINTER);
      expect(await store.listDead({ count: 9 })).toEqual([]);
    },
  },
  {
    title: 'leaves the id to a call without a key once the binding has ended',
    run: async (subject) => {
      await subject.store.point('named', KEY, KEEP_MS);
      await subject.advance(KEEP_MS);
      const plain = { ...keyedCall('named'), address: HERE };
      const reply = await subject.store.admit(plain);
      expect(reply).toMatchObject({ tag: 'admitted', generation: 1 });
      expect((await claimed(subject, runOf(plain, {}))).id).toBe('named');
    },
  },
];
