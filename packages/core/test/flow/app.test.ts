import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { chain, defineJob, flow, isBulletproofError, Snooze } from '../../src/index.js';
import { trial } from '../app/trial.js';
import { orderJobs } from './orders.js';

const t = trial();

const app = (jobs: Readonly<Record<string, object>>) =>
  t.app({ lease: '2s' }).register(...Object.values(jobs));

describe('a flow', () => {
  it('runs its nodes in order and answers their results', async () => {
    const { log, jobs, order, calls } = orderJobs();
    const own = app(jobs);
    await own.work();
    const run = await own.start(order('42'), { id: 'order-42', ...calls });
    expect(run.deduplicated).toBe(false);
    const results = await run.result({ timeout: '20s' });
    expect(results.charge).toEqual({ charge: '42' });
    expect(results).toEqual({
      validate: { validate: '42' },
      charge: { charge: '42' },
      reserve: { reserve: '42' },
      ship: { ship: '42' },
      confirm: { confirm: '42' },
    });
    expect(log.slice(0, 1)).toEqual(['validate']);
    expect(log.slice(1, 3).sort()).toEqual(['charge', 'reserve']);
    expect(log.slice(3, 5)).toEqual(['ship', 'confirm']);
    const status = await own.flows.get('order-42').status();
    expect(status.state).toBe('completed');
    expect(status.nodes.ship).toMatchObject({ state: 'completed', attempts: 1 });
    await until(() => log.includes('told') && log.includes('good'));
    const again = await own.start(order('42'), { id: 'order-42' });
    expect(again.deduplicated).toBe(true);
    expect(await again.result()).toEqual(results);
    expect(log.filter((name) => name === 'bad')).toEqual([]);
  });

  it('is refused under the id of another flow', async () => {
    const { jobs, order } = orderJobs();
    const own = app(jobs);
    await own.start(order('1'), { id: 'x' });
    await expect(own.start(order('2'), { id: 'x' })).rejects.toMatchObject({
      code: 'FLOW_ID_CONFLICT',
    });
    await own.flows.get('x').cancel();
  });

  it('undoes what succeeded, newest first, when a node dies', async () => {
    const { log, jobs, order, calls } = orderJobs(new Set(['ship']));
    const own = app(jobs);
    await own.work();
    const run = await own.start(order('7'), { id: 'order-7', ...calls });
    const error = await run.result({ timeout: '20s' }).catch((thrown: unknown) => thrown);
    expect(isBulletproofError(error, 'FLOW_FAILED')).toBe(true);
    expect(error).toMatchObject({ state: 'compensated', dead: ['ship'] });
    expect((error as Error).cause).toMatchObject({
      message: expect.stringContaining('ship is broken'),
    });
    const { nodes } = await run.status();
    expect(nodes.confirm.state).toBe('skipped');
    expect(nodes.charge.state).toBe('undone');
    await until(() => log.includes('told') && log.includes('bad'));
    const succeeded = log.slice(1, 3);
    const undone = log.filter((name) => name === 'refund' || name === 'release');
    expect(undone).toEqual(
      succeeded.map((name) => ({ charge: 'refund', reserve: 'release' })[name]).reverse(),
    );
    expect(log).not.toContain('good');
  });

  it('ends failed when an undo dies, and the other undo has run', async () => {
    const { log, jobs, order } = orderJobs(new Set(['ship', 'refund']));
    const own = app(jobs);
    await own.work();
    const run = await own.start(order('8'));
    await expect(run.result({ timeout: '20s' })).rejects.toMatchObject({ state: 'failed' });
    expect(log).toContain('release');
    expect((await run.status()).nodes.charge).toMatchObject({
      state: 'completed',
      undo: { state: 'dead' },
    });
  });

  it('can be retried: what did not succeed, and what was undone, runs again', async () => {
    const broken = new Set(['ship']);
    const { log, jobs, order, calls } = orderJobs(broken);
    const own = app(jobs);
    await own.work();
    const run = await own.start(order('9'), { id: 'order-9', ...calls });
    await expect(run.result({ timeout: '20s' })).rejects.toMatchObject({ state: 'compensated' });
    await until(() => log.includes('bad') && log.includes('told'));
    broken.delete('ship');
    await run.retry();
    await run.result({ timeout: '20s' });
    await until(() => log.includes('good'));
    const count = (name: string) => log.filter((done) => done === name).length;
    expect(
      ['validate', 'charge', 'reserve', 'ship', 'confirm', 'refund', 'told', 'bad', 'good'].map(
        count,
      ),
    ).toEqual([1, 2, 2, 1, 1, 1, 1, 1, 1]);
    await expect(run.retry()).rejects.toMatchObject({ code: 'FLOW_NOT_RETRIABLE' });
  });

  it('gives a node the results upstream, typed', async () => {
    const a = defineJob({ name: 'a' }, async (input: { n: number }) => input.n * 2);
    const seen: unknown[] = [];
    const sum = defineJob({ name: 'sum' }, async (_: undefined, job) => {
      const one: unknown = await job.resultOf('one');
      const ambiguous = await job.resultOf(a).catch((error: unknown) => error);
      const alien = await job.resultOf('alien').catch((error: unknown) => error);
      seen.push(ambiguous, alien);
      return Number(one) + Number(await job.resultOf('two'));
    });
    const end = defineJob({ name: 'end' }, async (_: undefined, job) => {
      const total: number = await job.resultOf(sum);
      return total + 1;
    });
    const own = app({ a, sum, end });
    await own.work();
    const run = await own.start(
      flow('sums', {
        one: a({ n: 1 }),
        two: a({ n: 2 }),
        alien: a({ n: 3 }),
        sum: sum().after('one', 'two'),
        end: end().after('sum'),
      }),
    );
    expect(await run.result({ timeout: '20s' })).toEqual({
      one: 2,
      two: 4,
      alien: 6,
      sum: 6,
      end: 7,
    });
    expect(seen).toMatchObject([{ code: 'AMBIGUOUS_NODE' }, { code: 'NODE_NOT_UPSTREAM' }]);
  });

  it('is cancelled: runs at work stop, nothing begins any more, what succeeded is undone', async () => {
    const log: string[] = [];
    const first = defineJob({ name: 'first' }, async () => void log.push('first'));
    const back = defineJob({ name: 'back' }, async () => void log.push('back'));
    const long = defineJob({ name: 'long' }, async (_: undefined, job) => {
      log.push('long');
      await new Promise((_resolve, reject) => {
        job.signal.addEventListener('abort', () => reject(job.signal.reason));
      });
    });
    const own = app({ first, back, long });
    await own.work();
    const run = await own.start(chain(first().undo(back()), long(), first()), { id: 'c' });
    await until(() => log.includes('long'));
    expect(await run.cancel('not wanted')).toBe(true);
    await expect(run.result({ timeout: '20s' })).rejects.toMatchObject({ state: 'cancelled' });
    expect(log).toEqual(['first', 'long', 'back']);
    const status = await run.status();
    expect(status.reason).toBe('not wanted');
    expect(Object.values(status.nodes).map(({ state }) => state)).toEqual([
      'undone',
      'cancelled',
      'cancelled',
    ]);
  });

  it('waits for a person by a snooze, and is watched meanwhile', async () => {
    let isApproved = false;
    const ask = defineJob({ name: 'ask', attempts: 1 }, async () => {
      if (!isApproved) throw new Snooze('100ms');
      return 'approved';
    });
    const done = defineJob({ name: 'done' }, async (_: undefined, job) => job.resultOf(ask));
    const own = app({ ask, done });
    await own.work();
    const run = await own.start(chain(ask(), done()));
    const states: string[] = [];
    for await (const { state, nodes } of run.watch()) {
      states.push(
        `${state}:${Object.values(nodes)
          .map((node) => node.state)
          .join(',')}`,
      );
      isApproved = true;
    }
    expect(states.at(-1)).toBe('completed:completed,completed');
    expect((await run.result()).done).toBe('approved');
  });
});
