import { expect } from '@jest/globals';
import type { RecordStore, RunRef } from '../../../src/idempotency/store.js';
import {
  type ConformanceCase,
  cancellation,
  KEEP_DEAD_MS,
  KEEP_MS,
  keyedCall,
  LEASE_MS,
  REASON,
  RESULT,
  reach,
  revival,
  STANDS,
  type Stand,
} from './scene.js';

/** What an operation answers, and the state it leaves. */
type Row = Readonly<Record<Stand, readonly [reply: object | boolean, leaves: string]>>;

interface Operation {
  readonly name: string;
  make(store: RecordStore, run: RunRef): Promise<unknown>;
  readonly row: Row;
  /** What it answers when it is made again, where that is not the same. */
  readonly again?: Partial<Readonly<Record<Stand, object | boolean>>>;
}

const tag = (name: string, more: object = {}): object => ({ tag: name, ...more });
const any: unknown = expect.any(Number);

const CANCELLED = tag('cancelled', { reason: REASON });
const LOST = tag('lost');
const CLAIMED = tag('claimed', { token: any, steps: [] });
const RECORDED = tag('recorded');
const RELEASED = tag('released');
const COMPLETED = tag('completed');
const BURIED = tag('buried');

const admittedAs = (generation: number): object => tag('admitted', { token: any, generation });
const knownAs = (id: string, state: string): object =>
  expect.objectContaining(tag('known', { id, state }));
const conflict = tag('conflict', { id: 'first' });
const unknown = (state: string): object => tag('unknown', { state });
const stopped = (generation: number): object =>
  tag('cancelled', { queue: generation === 1 ? 'default' : 'high', generation });
const settled = (state: string): object => tag('settled', { state });

const OPERATIONS: readonly Operation[] = [
  {
    name: 'admit of the same call',
    make: (store) => store.admit(keyedCall()),
    row: {
      missing: [admittedAs(1), 'waiting'],
      waiting: [knownAs('first', 'waiting'), 'waiting'],
      running: [knownAs('first', 'running'), 'running'],
      lapsed: [knownAs('first', 'running'), 'running'],
      snoozed: [knownAs('first', 'snoozed'), 'snoozed'],
      released: [knownAs('first', 'waiting'), 'waiting'],
      done: [knownAs('first', 'done'), 'done'],
      dead: [knownAs('first', 'dead'), 'dead'],
      cancelled: [knownAs('first', 'cancelled'), 'cancelled'],
      revived: [knownAs('first', 'waiting'), 'waiting'],
    },
    again: { missing: knownAs('first', 'waiting') },
  },
  {
    name: 'admit of another call with the same input',
    make: (store) => store.admit(keyedCall('second')),
    row: {
      missing: [admittedAs(1), 'waiting'],
      waiting: [knownAs('first', 'waiting'), 'waiting'],
      running: [knownAs('first', 'running'), 'running'],
      lapsed: [knownAs('first', 'running'), 'running'],
      snoozed: [knownAs('first', 'snoozed'), 'snoozed'],
      released: [knownAs('first', 'waiting'), 'waiting'],
      done: [knownAs('first', 'done'), 'done'],
      dead: [admittedAs(2), 'waiting'],
      cancelled: [admittedAs(2), 'waiting'],
      revived: [knownAs('first', 'waiting'), 'waiting'],
    },
    again: {
      missing: knownAs('second', 'waiting'),
      dead: knownAs('second', 'waiting'),
      cancelled: knownAs('second', 'waiting'),
    },
  },
  {
    name: 'admit of another call with another input',
    make: (store) => store.admit(keyedCall('second', 'another-input')),
    row: {
      missing: [admittedAs(1), 'waiting'],
      waiting: [conflict, 'waiting'],
      running: [conflict, 'running'],
      lapsed: [conflict, 'running'],
      snoozed: [conflict, 'snoozed'],
      released: [conflict, 'waiting'],
      done: [conflict, 'done'],
      dead: [admittedAs(2), 'waiting'],
      cancelled: [admittedAs(2), 'waiting'],
      revived: [conflict, 'waiting'],
    },
    again: {
      missing: knownAs('second', 'waiting'),
      dead: knownAs('second', 'waiting'),
      cancelled: knownAs('second', 'waiting'),
    },
  },
  {
    name: 'claim of the next start',
    make: (store, run) => store.claim({ ...run, start: run.start + 1 }, LEASE_MS),
    row: {
      missing: [CLAIMED, 'running'],
      waiting: [CLAIMED, 'running'],
      running: [tag('held', { leaseLeftMs: LEASE_MS }), 'running'],
      lapsed: [CLAIMED, 'running'],
      snoozed: [CLAIMED, 'running'],
      released: [CLAIMED, 'running'],
      done: [tag('done', { result: RESULT }), 'done'],
      dead: [tag('dead'), 'dead'],
      cancelled: [CANCELLED, 'cancelled'],
      revived: [CLAIMED, 'running'],
    },
  },
  {
    name: 'renew',
    make: (store, run) => store.renew(run, LEASE_MS),
    row: {
      missing: [tag('unknown'), 'missing'],
      waiting: [tag('kept'), 'running'],
      running: [tag('kept'), 'running'],
      lapsed: [tag('kept'), 'running'],
      snoozed: [LOST, 'snoozed'],
      released: [LOST, 'waiting'],
      done: [LOST, 'done'],
      dead: [LOST, 'dead'],
      cancelled: [CANCELLED, 'cancelled'],
      revived: [tag('kept'), 'running'],
    },
  },
  {
    name: 'step',
    make: (store, run) => store.step(run, 'capture', '"c-1"', LEASE_MS),
    row: {
      missing: [RECORDED, 'running'],
      waiting: [RECORDED, 'running'],
      running: [RECORDED, 'running'],
      lapsed: [RECORDED, 'running'],
      snoozed: [RECORDED, 'snoozed'],
      released: [RECORDED, 'waiting'],
      done: [LOST, 'done'],
      dead: [LOST, 'dead'],
      cancelled: [RECORDED, 'cancelled'],
      revived: [RECORDED, 'running'],
    },
  },
  {
    name: 'release',
    make: (store, run) => store.release(run, { create: false }),
    row: {
      missing: [tag('unknown'), 'missing'],
      waiting: [RELEASED, 'waiting'],
      running: [RELEASED, 'waiting'],
      lapsed: [RELEASED, 'waiting'],
      snoozed: [RELEASED, 'waiting'],
      released: [RELEASED, 'waiting'],
      done: [LOST, 'done'],
      dead: [LOST, 'dead'],
      cancelled: [CANCELLED, 'cancelled'],
      revived: [RELEASED, 'waiting'],
    },
  },
  {
    name: 'release that makes a record',
    make: (store, run) => store.release(run, { create: true, untilMs: 1_900_000_000_000 }),
    row: {
      missing: [RELEASED, 'snoozed'],
      waiting: [RELEASED, 'snoozed'],
      running: [RELEASED, 'snoozed'],
      lapsed: [RELEASED, 'snoozed'],
      snoozed: [RELEASED, 'snoozed'],
      released: [RELEASED, 'snoozed'],
      done: [LOST, 'done'],
      dead: [LOST, 'dead'],
      cancelled: [CANCELLED, 'cancelled'],
      revived: [RELEASED, 'snoozed'],
    },
  },
  {
    name: 'complete',
    make: (store, run) => store.complete(run, '"other"', KEEP_MS),
    row: {
      missing: [COMPLETED, 'done'],
      waiting: [COMPLETED, 'done'],
      running: [COMPLETED, 'done'],
      lapsed: [COMPLETED, 'done'],
      snoozed: [COMPLETED, 'done'],
      released: [COMPLETED, 'done'],
      done: [COMPLETED, 'done'],
      dead: [LOST, 'dead'],
      cancelled: [CANCELLED, 'cancelled'],
      revived: [COMPLETED, 'done'],
    },
  },
  {
    name: 'bury',
    make: (store, run) => store.bury(run, '{"error":"other"}', KEEP_DEAD_MS),
    row: {
      missing: [BURIED, 'dead'],
      waiting: [BURIED, 'dead'],
      running: [BURIED, 'dead'],
      lapsed: [BURIED, 'dead'],
      snoozed: [BURIED, 'dead'],
      released: [BURIED, 'dead'],
      done: [LOST, 'done'],
      dead: [BURIED, 'dead'],
      cancelled: [CANCELLED, 'cancelled'],
      revived: [BURIED, 'dead'],
    },
  },
  {
    name: 'cancel',
    make: (store, run) => store.cancel(cancellation(run, { reason: 'another reason' })),
    row: {
      missing: [tag('unknown'), 'missing'],
      waiting: [stopped(1), 'cancelled'],
      running: [stopped(1), 'cancelled'],
      lapsed: [stopped(1), 'cancelled'],
      snoozed: [stopped(1), 'cancelled'],
      released: [stopped(1), 'cancelled'],
      done: [settled('done'), 'done'],
      dead: [settled('dead'), 'dead'],
      cancelled: [stopped(1), 'cancelled'],
      revived: [stopped(2), 'cancelled'],
    },
  },
  {
    name: 'revive',
    make: (store, run) => store.revive(revival(run)),
    row: {
      missing: [tag('unknown'), 'missing'],
      waiting: [unknown('waiting'), 'waiting'],
      running: [unknown('running'), 'running'],
      lapsed: [unknown('running'), 'running'],
      snoozed: [unknown('snoozed'), 'snoozed'],
      released: [unknown('waiting'), 'waiting'],
      done: [unknown('done'), 'done'],
      dead: [tag('revived', { token: any, generation: 2 }), 'waiting'],
      cancelled: [unknown('cancelled'), 'cancelled'],
      revived: [tag('revived', { token: any, generation: 2 }), 'waiting'],
    },
  },
  {
    name: 'discard',
    make: (store, run) => store.discard(run.address, run.id),
    row: {
      missing: [false, 'missing'],
      waiting: [false, 'waiting'],
      running: [false, 'running'],
      lapsed: [false, 'running'],
      snoozed: [false, 'snoozed'],
      released: [false, 'waiting'],
      done: [false, 'done'],
      dead: [true, 'dead'],
      cancelled: [false, 'cancelled'],
      revived: [false, 'waiting'],
    },
    again: { dead: false },
  },
];

/** Every operation where the call can stand, and the same operation once more. */
export const TABLE_CASES: readonly ConformanceCase[] = OPERATIONS.flatMap((operation) =>
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
