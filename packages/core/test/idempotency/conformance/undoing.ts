import { expect } from '@jest/globals';
import {
  type ConformanceCase,
  claimed,
  found,
  KEEP_DEAD_MS,
  KEEP_MS,
  keyedCall,
  RESULT,
  reach,
  runOf,
  STANDS,
  tagged,
} from './scene.js';

/** Effects that are undone: their keys are free again, for other effects. */
export const UNDO_CASES: readonly ConformanceCase[] = [
  {
    title: 'undo frees the key of what is done; the next call is another effect',
    run: async (subject) => {
      const { store } = subject;
      const { address, id } = await reach(subject, 'done');
      await subject.advance(1_000);
      const undoneAt = subject.now();
      expect(await store.undo(address, id, KEEP_DEAD_MS)).toEqual({ tag: 'undone', times: 1 });
      await subject.advance(1_000);
      expect(await store.undo(address, id, KEEP_DEAD_MS)).toEqual({ tag: 'undone', times: 1 });
      const record = await found(subject);
      expect(record).toMatchObject({
        state: 'cancelled',
        reason: 'undone',
        finishedAtMs: undoneAt,
      });
      expect(record.result).toBeUndefined();
      const second = keyedCall('second');
      const { undone, generation, token } = tagged(await store.admit(second), 'admitted');
      expect([undone, generation]).toEqual([1, 2]);
      expect(await store.undo(address, id, KEEP_DEAD_MS)).toEqual({ tag: 'moved' });
      const run = runOf(second, { generation, token });
      expect(await store.claim(run, 1)).toMatchObject({ tag: 'claimed', undone: 1, steps: [] });
    },
  },
  {
    title: 'undo is counted across steps, deaths and other inputs',
    run: async (subject) => {
      const { store } = subject;
      const first = await reach(subject, 'done');
      await store.undo(first.address, first.id, KEEP_DEAD_MS);
      // The second one records a step, completes and is undone, too.
      const second = keyedCall('second');
      const admission = tagged(await store.admit(second), 'admitted');
      const run = await claimed(subject, runOf(second, admission));
      await store.step(run, 'capture', '1', 1);
      await store.complete(run, RESULT, KEEP_MS);
      const undone = await store.undo(run.address, run.id, KEEP_DEAD_MS);
      expect(undone).toEqual({ tag: 'undone', times: 2 });
      // The third one dies, the fourth has another input.
      const third = keyedCall('third');
      const died = runOf(third, tagged(await store.admit(third), 'admitted'));
      await store.bury(died, '{}', KEEP_MS);
      const fourth = { ...keyedCall('fourth'), digest: 'another input' };
      expect(await store.admit(fourth)).toMatchObject({ tag: 'admitted', undone: 2 });
    },
  },
  {
    title: 'undo is remembered for as long as it was told, and refuses what is not done',
    run: async (subject) => {
      const { store } = subject;
      const { address, id } = await reach(subject, 'done');
      await store.undo(address, id, KEEP_DEAD_MS);
      await subject.advance(KEEP_DEAD_MS - 1);
      expect((await found(subject)).state).toBe('cancelled');
      await subject.advance(1);
      expect((await store.inspect(address, id)).tag).toBe('missing');
    },
  },
  ...STANDS.filter((stand) => stand !== 'done').map(
    (stand): ConformanceCase => ({
      title: `undo refuses a call that is ${stand}`,
      run: async (subject) => {
        const { address, id } = await reach(subject, stand);
        const before = await subject.store.inspect(address, id);
        expect(await subject.store.undo(address, id, KEEP_MS)).toEqual({ tag: 'moved' });
        expect(await subject.store.inspect(address, id)).toEqual(before);
      },
    }),
  ),
  {
    title: 'undo refuses another call than the one that is done',
    run: async (subject) => {
      const { address } = await reach(subject, 'done');
      expect(await subject.store.undo(address, 'second', KEEP_MS)).toEqual({ tag: 'moved' });
      expect((await found(subject)).state).toBe('done');
    },
  },
];
