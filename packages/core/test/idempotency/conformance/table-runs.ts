import { KEEP_DEAD_MS, KEEP_MS, LEASE_MS, RESULT } from './scene.js';
import { any, CANCELLED, type Operation, tag } from './table-rows.js';

const LOST = tag('lost');
const CLAIMED = tag('claimed', { token: any, undone: 0, steps: [] });
const RECORDED = tag('recorded');
const RELEASED = tag('released');
const COMPLETED = tag('completed');
const BURIED = tag('buried');

/** What one run does to its call. */
export const RUN_OPERATIONS: readonly Operation[] = [
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
];
