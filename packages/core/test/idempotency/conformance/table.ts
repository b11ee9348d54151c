import { expect } from '@jest/globals';
import { type ConformanceCase, reach, STANDS } from './scene.js';
import { CALL_OPERATIONS } from './table-calls.js';
import { RUN_OPERATIONS } from './table-runs.js';

/** Every operation where the call can stand, and the same operation once more. */
export const TABLE_CASES: readonly ConformanceCase[] = [
  ...CALL_OPERATIONS,
  ...RUN_OPERATIONS,
].flatMap((operation) =>
  STANDS.map((stand) => ({
    title: `${operation.name}, the call being ${stand}, and once more`,
    run: async (subject) => {
      const run = await reach(subject, stand);
      const look = () => subject.store.inspect(run.address, run.id);
      const [reply, leaves] = operation.row[stand];

      const once = await operation.make(subject.store, run);
      expect(once).toEqual(reply);
      const after = await look();
      expect('state' in after ? after.state : after.tag).toBe(leaves);

      const twice = await operation.make(subject.store, run);
      expect(twice).toEqual(operation.again?.[stand] ?? once);
      expect(await look()).toEqual(after);
    },
  })),
);
