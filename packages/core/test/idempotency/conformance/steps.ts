import { expect } from '@jest/globals';
import type { AdmitRequest, RunRef } from '../../../src/idempotency/store.js';
import type { Subject } from '../subject.js';
import {
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
  RESULT,
  reach,
  revival,
  runOf,
  STORY,
  stepsOf,
  tagged,
} from './scene.js';

async function seen(subject: Subject, run: RunRef): Promise<Record<string, string>> {
  return stepsOf(tagged(await subject.store.claim(run, LEASE_MS), 'claimed').steps);
}

/** A run that has recorded two steps. */
async function withSteps(subject: Subject): Promise<RunRef> {
  const run = await reach(subject, 'running');
  await subject.store.step(run, 'capture', '"c-1"', LEASE_MS);
  await subject.store.step(run, 'mail', undefined, LEASE_MS);
  return run;
}

async function nextCall(subject: Subject, call: AdmitRequest): Promise<RunRef> {
  const reply = tagged(await subject.store.admit(call), 'admitted');
  return runOf(call, { generation: reply.generation, token: reply.token });
}

/** Steps: what has happened stays known for as long as the effect means the same. */
export const STEP_CASES: readonly ConformanceCase[] = [
  {
    title: 'shows the next attempt what was recorded, undefined as an empty text',
    run: async (subject) => {
      const run = await withSteps(subject);
      await subject.store.release(run, { create: false });
      const steps = await seen(subject, { ...run, start: 2 });
      expect(steps).toEqual({ capture: '"c-1"', mail: '' });
    },
  },
  {
    title: 'keeps many steps, long ones, and names of every kind apart',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      const expected: Record<string, string> = {};
      const names = ['st', 'id', 's:', ':', 's:s:x', '', 'ü – 漢', 'a\nb', 'sn'];
      for (let n = 0; n < 200; n += 1) names.push(`step-${n}`);
      for (const [index, name] of names.entries()) {
        expected[name] = JSON.stringify({ index, text: 'x'.repeat(index) });
        await subject.store.step(run, name, expected[name], LEASE_MS);
      }
      await subject.store.release(run, { create: false });
      expect(await seen(subject, { ...run, start: 2 })).toEqual(expected);
    },
  },
  {
    title: 'records the newest value of a step, as its retries tell it',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.store.step(run, 'capture', '1', LEASE_MS);
      await subject.store.step(run, 'capture', '2', LEASE_MS);
      await subject.store.release(run, { create: false });
      expect(await seen(subject, { ...run, start: 2 })).toEqual({ capture: '2' });
    },
  },
  {
    title: 'hands the steps of a dead call to the next one of the same input',
    run: async (subject) => {
      const run = await withSteps(subject);
      await subject.store.bury(run, STORY, KEEP_DEAD_MS);
      const next = await nextCall(subject, keyedCall('second'));
      expect(await seen(subject, next)).toEqual({ capture: '"c-1"', mail: '' });
    },
  },
  {
    title: 'hands on the steps of a cancelled call, with one that it recorded while it stopped',
    run: async (subject) => {
      const run = await withSteps(subject);
      await subject.store.cancel(cancellation(run));
      await subject.store.step(run, 'refund', '3', LEASE_MS);
      await subject.store.release(run, { create: false });
      const next = await nextCall(subject, keyedCall('second'));
      expect(await seen(subject, next)).toEqual({ capture: '"c-1"', mail: '', refund: '3' });
    },
  },
  {
    title: 'starts clean when the next call has another input',
    run: async (subject) => {
      for (const end of ['bury', 'cancel'] as const) {
        const run = await withSteps(subject);
        if (end === 'bury') await subject.store.bury(run, STORY, KEEP_DEAD_MS);
        else await subject.store.cancel(cancellation(run, { idle: true }));
        const other = keyedCall('second', 'another-input');
        const next = await nextCall(subject, other);
        expect(await seen(subject, next)).toEqual({});
        // and the digest that counts is the new one
        await subject.advance(LEASE_MS);
        expect(await subject.store.admit(keyedCall('third'))).toMatchObject({ tag: 'conflict' });
        await subject.lose();
      }
    },
  },
  {
    title: 'hands steps on over several calls, and to a revived one',
    run: async (subject) => {
      const first = await withSteps(subject);
      await subject.store.bury(first, STORY, KEEP_DEAD_MS);
      const second = await claimed(subject, await nextCall(subject, keyedCall('second')));
      await subject.store.step(second, 'ship', '4', LEASE_MS);
      await subject.store.bury(second, STORY, KEEP_DEAD_MS);
      const request = revival({ ...second });
      const { generation, token } = tagged(await subject.store.revive(request), 'revived');
      expect(generation).toBe(3);
      const third = { ...second, generation, token, start: 1 };
      expect(await seen(subject, third)).toEqual({ capture: '"c-1"', mail: '', ship: '4' });
    },
  },
  {
    title: 'forgets the steps of a call that is done: they have served',
    run: async (subject) => {
      const run = await withSteps(subject);
      await subject.store.complete(run, RESULT, KEEP_MS);
      expect(await found(subject)).toMatchObject({ state: 'done', result: RESULT });
      await subject.advance(KEEP_MS);
      const next = await nextCall(subject, keyedCall('second'));
      expect(await seen(subject, next)).toEqual({});
    },
  },
  {
    title: 'makes a record for the first step of a call that has none',
    run: async (subject) => {
      const run = anonymousRun('nobody', { token: 77 });
      expect(await subject.store.step(run, 'capture', '1', LEASE_MS)).toEqual({ tag: 'recorded' });
      expect(await found(subject, { ...keyedCall(), ...run })).toMatchObject({
        id: 'nobody',
        state: 'running',
        queue: 'default',
        generation: 1,
        start: 1,
        token: 77,
        leaseLeftMs: LEASE_MS,
        enqueuedAtMs: subject.now(),
      });
      expect(await seen(subject, run)).toEqual({ capture: '1' });
      expect(await admittedElsewhere(subject)).toBe(subject.now() * 1000);
    },
  },
];

/** Another record's admission, which the one at hand must not touch. */
async function admittedElsewhere(subject: Subject): Promise<number> {
  return admitted(subject, keyedCall());
}
