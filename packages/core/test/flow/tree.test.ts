import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { FlowProducer, type JobNode } from 'bullmq';
import { chain, defineJob, flow, parallel } from '../../src/index.js';
import { trial } from '../app/trial.js';
import { orderJobs } from './orders.js';

const t = trial();

const app = (jobs: Readonly<Record<string, object>>) =>
  t.app({ lease: '2s' }).register(...Object.values(jobs));

describe('a flow in BullMQ', () => {
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
      if (text.endsWith('child')) await until(() => log.length >= 2);
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
    expect(results.join).toBe(
      Array.from({ length: 50 }, (_, n) => n).reduce((sum, n) => sum + n, 0),
    );
  });
});
