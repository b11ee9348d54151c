import { afterEach, beforeEach, describe, it } from '@jest/globals';
import type { Subject } from '../subject.js';
import { DEAD_CASES } from './dead.js';
import { FENCING_CASES } from './fencing.js';
import { LEASE_CASES } from './leases.js';
import { POINTER_CASES } from './pointers.js';
import { REDELIVERY_CASES } from './redelivery.js';
import type { ConformanceCase } from './scene.js';
import { SETTLING_CASES } from './settling.js';
import { STEP_CASES } from './steps.js';
import { SURVEY_CASES } from './survey.js';
import { TABLE_CASES } from './table.js';
import { UNDO_CASES } from './undoing.js';

const GROUPS: Readonly<Record<string, readonly ConformanceCase[]>> = {
  'every operation in every state': TABLE_CASES,
  fencing: FENCING_CASES,
  leases: LEASE_CASES,
  steps: STEP_CASES,
  'admission and ends': SETTLING_CASES,
  'the dead': DEAD_CASES,
  'explicit ids': POINTER_CASES,
  'lost deliveries': REDELIVERY_CASES,
  surveys: SURVEY_CASES,
  undoing: UNDO_CASES,
};

/** All behaviours of a record store, for whoever runs them without Jest's report. */
export const CONFORMANCE: readonly ConformanceCase[] = Object.values(GROUPS).flat();

/** Tests that a record store is one: the same for each implementation. */
export function recordStoreConformance(name: string, makeStore: () => Subject): void {
  describe(`record store: ${name}`, () => {
    let subject: Subject;

    beforeEach(() => {
      subject = makeStore();
    });

    afterEach(() => subject.close());

    describe.each(Object.entries(GROUPS))('%s', (_group, cases) => {
      it.each(cases.map((one) => [one.title, one] as const))('%s', (_title, one) =>
        one.run(subject),
      );
    });
  });
}
