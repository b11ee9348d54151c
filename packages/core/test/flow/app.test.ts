import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { FlowProducer, type JobNode } from 'bullmq';
import {
  chain,
  Discard,
  defineJob,
  flow,
  isBulletproofError,
  parallel,
  Snooze,
} from '../../src/index.js';
import { trial } from '../app/trial.js';

const t = trial();

interface Order {
  readonly orderId: string;
}

/** Jobs that note what they do; `broken` ones die at once. */
function orderJobs(broken: ReadonlySet<string> = new Set()) {
  const log: string[] = [];
  const make = (name: string) =>
    defineJob({ name, attempts: 1 }, async ({ orderId }: Order) => {
      if (broken.has(name)) throw new Discard(`${name} is broken`);
      log.push(name);
      return { [name]: orderId };
    });
  const jobs = {
    validate: make('validate'),
    charge: make('charge'),
    refund: make('refund'),
    reserve: make('reserve'),
    release: make('release'),
    ship: make('ship'),
    confirm: make('confirm'),
    told: make('told'),
    good: make('good'),
    bad: make('bad'),
  };
  const order = (orderId: string) =>
    flow('fulfil-order', {
      validate: jobs.validate({ orderId }),
      charge: jobs.charge({ orderId }).after('validate').undo(jobs.refund({ orderId })),
      reserve: jobs.reserve({ orderId }).after('validate').undo(jobs.release({ orderId })),
      ship: jobs.ship({ orderId }).after('charge', 'reserve'),
      confirm: jobs.confirm({ orderId }).after('ship'),
    });
  const calls = {
    onComplete: jobs.told({ orderId: 'c' }),
    onSuccess: jobs.good({ orderId: 's' }),
    onFailure: jobs.bad({ orderId: 'f' }),
  };
  return { log, jobs, order, calls };
}

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
    const first = defineJob({ name: 'first' }, async (_: undefined) => void log.push('first'));
    const back = defineJob({ name: 'back' }, async (_: undefined) => void log.push('back'));
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
    const ask = defineJob({ name: 'ask', attempts: 1 }, async (_: undefined) => {
      if (!isApproved) throw new Snooze('100ms');
      return 'approved';
    });
    const done = defineJob({ name: 'done' }, async (_: undefined, job) => job.resultOf(ask));
    const own = app({ ask, done });
    await own.work();
    const run = await own.start(chain(ask(), done()));
    const states: string[] = [];
    for await (const { state, nodes } of run.watch()) {
      states.push(`${state}:${Object.values(nodes).map((node) => node.state)}`);
      isApproved = true;
    }
    expect(states.at(-1)).toBe('completed:completed,completed');
    expect((await run.result())['done']).toBe('approved');
  });

  it('is a tree for BullMQ', async () => {
    const { jobs, order } = orderJobs();
    const own = app(jobs);
    await own.start(order('5'), { id: 'order-5' });
    const producer = new FlowProducer({ prefix: t.prefix, connection: t.redis });
    t.closing(() => producer.close());
    const seal = (await t.redis.keys(`${t.prefix}:default:f-*-order-5/confirm`))[0] ?? '';
    const id = seal.slice(`${t.prefix}:default:`.length);
    const tree = await producer.getFlow({ queueName: 'default', id });
    const shape = ({ job, children = [] }: JobNode): unknown => [
      job.name,
      ...[...children].sort((x, y) => x.job.name.localeCompare(y.job.name)).map(shape),
    ];
    expect(shape(tree)).toEqual(['confirm', ['ship', ['charge', ['validate']], ['reserve']]]);
    await own.work();
    await own.flows.get('order-5').result({ timeout: '20s' });
  });

  it('shares no node with another flow, and starts none early', async () => {
    const log: string[] = [];
    const note = defineJob({ name: 'note' }, async (text: string) => {
      if (text.endsWith('child')) await new Promise((resolve) => setTimeout(resolve, 30));
      log.push(text);
    });
    const own = app({ note });
    await own.work();
    const make = (id: string) =>
      flow('pair', {
        child: note(`${id} child`),
        own: note(`${id} own`),
        parent: note(`${id} parent`).after('child', 'own'),
      });
    const runs = await Promise.all(['a', 'b'].map((id) => own.start(make(id), { id })));
    await Promise.all(runs.map((run) => run.result({ timeout: '20s' })));
    for (const id of ['a', 'b']) {
      expect(log.indexOf(`${id} parent`)).toBeGreaterThan(log.indexOf(`${id} child`));
      expect(log.indexOf(`${id} parent`)).toBeGreaterThan(log.indexOf(`${id} own`));
    }
    expect(log).toHaveLength(6);
  });

  it('crosses queues, and joins a wide part', async () => {
    const wide = defineJob({ name: 'wide', queue: 'low' }, async (n: number) => n);
    const join = defineJob({ name: 'join', queue: 'critical' }, async (_: undefined, job) => {
      const parts = await Promise.all(
        Array.from({ length: 50 }, (_none, n) =>
          job.resultOf<number>(n === 0 ? 'wide' : `wide#${n + 1}`),
        ),
      );
      return parts.reduce((sum, n) => sum + n, 0);
    });
    const own = app({ wide, join });
    await own.work();
    const run = await own.start(
      chain(wide(0), parallel(...Array.from({ length: 50 }, (_, n) => wide(n + 1))), join()),
    );
    const results = await run.result({ timeout: '30s' });
    expect(results['join']).toBe(
      Array.from({ length: 50 }, (_, n) => n).reduce((sum, n) => sum + n, 0),
    );
  });
});
