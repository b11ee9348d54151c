import { expect, it } from '@jest/globals';
import { ScheduleBook } from '../../src/schedule/book.js';
import { NAME, Simulation, T0 } from './simulation.js';

const MINUTE = 60_000;

it.each(['skip', 'once', 'all'])(
  'what a pause left out is not made up for: %s',
  async (misfire) => {
    const simulation = new Simulation({ durationMs: 1_000 });
    await simulation.declare({ every: '1m', misfire });
    const book = new ScheduleBook(simulation.store);
    await simulation.pass(2 * MINUTE + 10_000);
    await book.pause(NAME);
    await simulation.pass(5 * MINUTE);
    await book.resume(NAME);
    await simulation.pass(2 * MINUTE);
    expect(simulation.runs.map(({ tick }) => (tick - T0) / MINUTE)).toEqual([1, 2, 8, 9]);
    expect(simulation.dropped).toEqual([]);
  },
);

it('a schedule of after goes on after a pause, at the soonest when its time has come', async () => {
  const simulation = new Simulation({ durationMs: 1_000 });
  await simulation.declare({ after: '2m' });
  const book = new ScheduleBook(simulation.store);
  await simulation.pass(30_000);
  await book.pause(NAME);
  await simulation.pass(10 * MINUTE);
  expect(simulation.runs).toHaveLength(1);
  await book.resume(NAME);
  await simulation.pass(10_000);
  expect(simulation.runs).toHaveLength(2);
});

it('a change at the moment of a tick loses none', async () => {
  const simulation = new Simulation({ durationMs: 1_000 });
  await simulation.declare({ every: '1m' });
  simulation.clock.advance(MINUTE + 5);
  await simulation.declare({ every: '7m' });
  await simulation.pass(7 * MINUTE);
  expect(simulation.runs.map(({ tick }) => (tick - T0) / MINUTE)).toEqual([1, 7]);
});
