import { keyspace } from '@bulletproof/kernel';
import { expect } from '@jest/globals';
import type { OpenRecord, RecordAddress } from '../../../src/idempotency/store.js';
import type { Subject } from '../subject.js';
import {
  ANONYMOUS_MS,
  admitted,
  anonymousRun,
  type ConformanceCase,
  cancellation,
  claimed,
  found,
  KEEP_DEAD_MS,
  KEY,
  keyedCall,
  LEASE_MS,
  reach,
  revival,
  runOf,
  STANDS,
  STORY,
} from './scene.js';

/** More than two parts of a survey. */
const MANY = 450;

/** What a survey lists; what it lists twice once. */
async function listed(
  { store, now }: Subject,
  beforeMs = now(),
): Promise<ReadonlyMap<string, OpenRecord>> {
  const records = new Map<string, OpenRecord>();
  for await (const part of store.survey(beforeMs)) {
    for (const record of part) records.set(`${record.address.kind} ${record.address.name}`, record);
  }
  return records;
}

/** The places that a survey lists, in one order. */
async function surveyed(subject: Subject, beforeMs?: number): Promise<string[]> {
  return [...(await listed(subject, beforeMs)).keys()].sort();
}

const admitAt = (subject: Subject, address: RecordAddress): Promise<number> =>
  admitted(subject, { ...keyedCall(address.name), address });

/** Names that live under one hash tag. */
function namesOfOneTag(count: number): string[] {
  const { tagOf } = keyspace('any');
  const names: string[] = [];
  for (let n = 0; names.length < count; n += 1) {
    if (tagOf(`order-${n}`) === 3) names.push(`order-${n}`);
  }
  return names;
}

/** The index of records that are not settled. */
export const SURVEY_CASES: readonly ConformanceCase[] = [
  {
    title: 'lists in a survey what is open, and nothing that has ended',
    run: async (subject) => {
      const open: string[] = [];
      for (const stand of STANDS) {
        await reach(subject, stand);
        if ((await surveyed(subject)).length > 0) open.push(stand);
        await subject.lose();
      }
      expect(open).toEqual(['waiting', 'running', 'lapsed', 'snoozed', 'released', 'revived']);
    },
  },
  {
    title: 'tells in a survey what leads to the delivery of each call',
    run: async (subject) => {
      const run = await reach(subject, 'revived');
      const plain: RecordAddress = { kind: 'call', name: 'plain' };
      await admitted(subject, { ...keyedCall('plain'), address: plain, queue: 'critical' });
      const records = await listed(subject);
      expect([records.get(`key ${KEY.name}`), records.get('call plain')]).toEqual([
        { address: run.address, id: 'first', queue: 'high', generation: 2 },
        { address: plain, id: 'plain', queue: 'critical', generation: 1 },
      ]);
    },
  },
  {
    title: 'surveys records of both kinds, whatever they are called, at their addresses',
    run: async (subject) => {
      const names = ['plain', 'key:plain', 'call:plain', ':', 'a:b:c', 'ü – 漢', 'x'.repeat(300)];
      const expected: string[] = [];
      for (const kind of ['key', 'call'] as const) {
        for (const name of names) {
          await admitAt(subject, { kind, name });
          expected.push(`${kind} ${name}`);
        }
      }
      expect(await surveyed(subject)).toEqual(expected.sort());
    },
  },
  {
    title: 'surveys those that were admitted until a moment, that moment included',
    run: async (subject) => {
      const early = subject.now();
      await admitAt(subject, { kind: 'key', name: 'early' });
      await subject.advance(1_000);
      await admitAt(subject, { kind: 'key', name: 'late' });
      expect(await surveyed(subject, early - 1)).toEqual([]);
      expect(await surveyed(subject, early)).toEqual(['key early']);
      expect(await surveyed(subject, early + 999)).toEqual(['key early']);
      expect(await surveyed(subject, early + 1_000)).toEqual(['key early', 'key late']);
    },
  },
  {
    title: 'surveys all of many records under one tag, each at least once',
    run: async (subject) => {
      const names = namesOfOneTag(MANY);
      await Promise.all(names.map((name) => admitAt(subject, { kind: 'key', name })));
      await subject.advance(1);
      await admitAt(subject, { kind: 'call', name: 'late' });
      const expected = names.map((name) => `key ${name}`).sort();
      expect(await surveyed(subject, subject.now() - 1)).toEqual(expected);
      expect(await surveyed(subject)).toEqual(['call late', ...expected]);
    },
  },
  {
    title: 'goes by the first admission of a call, until it is revived or another takes its place',
    run: async (subject) => {
      const first = subject.now();
      const run = await reach(subject, 'running');
      await subject.advance(LEASE_MS);
      await subject.store.redeliver(run.address, run.id, 1);
      await claimed(subject, { ...run, generation: 2 });
      await subject.store.admit(keyedCall('second'));
      expect(await surveyed(subject, first)).toEqual([`key ${KEY.name}`]);
      expect((await found(subject)).enqueuedAtMs).toBe(first);

      const again = { ...run, generation: 2, token: 8e15 };
      await subject.store.bury(again, STORY, KEEP_DEAD_MS);
      await subject.store.revive(revival(run));
      const revived = subject.now();
      expect(await surveyed(subject, revived - 1)).toEqual([]);
      expect(await surveyed(subject, revived)).toEqual([`key ${KEY.name}`]);

      await subject.store.cancel(cancellation(run, { idle: true }));
      await subject.advance(1);
      await admitted(subject, keyedCall('third'));
      expect(await surveyed(subject, revived)).toEqual([]);
      expect(await surveyed(subject)).toEqual([`key ${KEY.name}`]);
    },
  },
  {
    title: 'surveys a recorded call whose record was lost and made again by its run',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      const writes = [
        () => subject.store.step(run, 'capture', '1', LEASE_MS),
        () => subject.store.release(run, { create: true }),
        () => subject.store.claim({ ...run, start: 2 }, LEASE_MS),
      ];
      for (const write of writes) {
        await subject.lose();
        await write();
        expect(await surveyed(subject, subject.now() - 1)).toEqual([]);
        expect(await surveyed(subject)).toEqual([`key ${KEY.name}`]);
        await subject.advance(1);
      }
    },
  },
  {
    title: 'does not survey anonymous calls, except for one that was revived and is still kept',
    run: async (subject) => {
      const { store } = subject;
      for (const id of ['claimed', 'stepped', 'released']) {
        const run = anonymousRun(id);
        if (id === 'claimed') await store.claim(run, LEASE_MS);
        if (id === 'stepped') await store.step(run, 'capture', '1', LEASE_MS);
        if (id === 'released') await store.release(run, { create: true });
      }
      expect(await surveyed(subject)).toEqual([]);

      const run = anonymousRun('back');
      await store.bury(run, STORY, KEEP_DEAD_MS);
      await store.revive(revival(run));
      expect(await surveyed(subject)).toEqual(['call back']);
      await subject.advance(ANONYMOUS_MS);
      expect(await surveyed(subject)).toEqual([]);
      await admitAt(subject, run.address);
      expect(await surveyed(subject)).toEqual(['call back']);
    },
  },
  {
    title: 'lists a call in surveys for as long as it is open, however often it is redelivered',
    run: async (subject) => {
      const call = keyedCall();
      const run = runOf(call, { token: await admitted(subject, call) });
      for (let generation = 1; generation < 4; generation += 1) {
        await subject.store.redeliver(run.address, run.id, generation);
        expect(await subject.store.redeliver(run.address, 'another', generation + 1)).toEqual({
          tag: 'moved',
        });
        expect(await surveyed(subject)).toEqual([`key ${KEY.name}`]);
      }
      await subject.store.complete({ ...run, generation: 4, token: 8e15 }, '1', LEASE_MS);
      expect(await surveyed(subject)).toEqual([]);
    },
  },
];
