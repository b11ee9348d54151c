import { expect } from '@jest/globals';
import { cancellation, keyedCall, LEASE_MS, revival } from './scene.js';
import { any, type Operation, tag } from './table-rows.js';

const MOVED = tag('moved');
const conflict = tag('conflict', { id: 'first' });
const admittedAs = (generation: number): object =>
  tag('admitted', { token: any, generation, undone: 0 });
const knownAs = (id: string, state: string): object =>
  expect.objectContaining(tag('known', { id, state }));
const unknown = (state: string): object => tag('unknown', { state });
const stopped = (generation: number): object =>
  tag('cancelled', { queue: generation === 1 ? 'default' : 'high', generation });
const settled = (state: string): object => tag('settled', { state });
const redelivered = (generation: number): object =>
  tag('redelivered', { token: any, generation, envelope: expect.any(String) });

/** What happens to a whole call. */
export const CALL_OPERATIONS: readonly Operation[] = [
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
  {
    name: 'redeliver',
    make: (store, run) => store.redeliver(run.address, run.id, run.generation),
    row: {
      missing: [MOVED, 'missing'],
      waiting: [redelivered(2), 'waiting'],
      running: [tag('held', { leaseLeftMs: LEASE_MS }), 'running'],
      lapsed: [redelivered(2), 'waiting'],
      snoozed: [redelivered(2), 'waiting'],
      released: [redelivered(2), 'waiting'],
      done: [MOVED, 'done'],
      dead: [MOVED, 'dead'],
      cancelled: [MOVED, 'cancelled'],
      revived: [redelivered(3), 'waiting'],
    },
    // The generation is not the one that was seen any more.
    again: { waiting: MOVED, lapsed: MOVED, snoozed: MOVED, released: MOVED, revived: MOVED },
  },
];
