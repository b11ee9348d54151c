import { keyspace } from '@bulletproof/kernel';
import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { FlowKeys } from '../../src/flow/keys.js';
import { type Bulletproof, chain, defineJob, flow } from '../../src/index.js';
import { world } from '../runtime/world.js';

const stage = world();

interface Act {
  readonly key: string;
  readonly scene: string;
}

const note = (log: string[]) =>
  defineJob({ name: 'note' }, async (text: string) => {
    log.push(text);
  });

function diamond(job: ReturnType<typeof note>) {
  return flow('diamond', {
    top: job('top'),
    left: job('left').after('top').undo(job('unleft')),
    right: job('right').after('top'),
    bottom: job('bottom').after('left', 'right'),
  });
}

async function bullIds(): Promise<string[]> {
  const keys = await stage.redis.keys(`${stage.prefix}:default:f-*`);
  return keys.map((key) => key.split(':').at(-1) ?? '').filter((id) => id.startsWith('f-'));
}

/** Passes of the doctor until the flow has ended. */
async function heal(app: Bulletproof, id: string): Promise<void> {
  await until(async () => {
    await app.doctor();
    return (await app.flows.get(id).status()).finishedAt !== undefined;
  });
}

describe('a flow whose jobs come to grief reaches its end', () => {
  it.each([['top'], ['left'], ['right'], ['bottom']])(
    'the job of %s was removed by hand',
    async (victim) => {
      const log: string[] = [];
      const job = note(log);
      const app = stage.app({ lease: '1s' }).register(job);
      await app.start(diamond(job), { id: 'd', onComplete: job('told') });
      for (const id of await bullIds()) {
        if (id.endsWith(`/${victim}`)) await stage.queue().remove(id, { removeChildren: false });
      }
      await app.work();
      await heal(app, 'd');
      await until(() => log.includes('told'));
      expect([...log].sort()).toEqual(['bottom', 'left', 'right', 'told', 'top']);
      expect(log.indexOf('bottom')).toBe(3);
      expect((await app.flows.get('d').status()).state).toBe('completed');
    },
  );

  it('the queue was obliterated', async () => {
    const log: string[] = [];
    const job = note(log);
    const app = stage.app({ lease: '1s' }).register(job);
    await app.start(diamond(job), { id: 'd', onSuccess: job('told') });
    await stage.queue().obliterate({ force: true });
    await app.work();
    await heal(app, 'd');
    await until(() => log.includes('told'));
    expect(log.filter((text) => text === 'bottom')).toEqual(['bottom']);
  });

  it('its producer died before the insertion', async () => {
    const log: string[] = [];
    const job = note(log);
    const app = stage.app({ lease: '1s' }).register(job);
    await app.start(diamond(job), { id: 'd' });
    await stage.queue().obliterate({ force: true });
    // The same start again inserts what is missing, as long as nothing has begun.
    const again = await app.start(diamond(job), { id: 'd' });
    expect(again.deduplicated).toBe(true);
    expect(await bullIds()).toHaveLength(4);
    await app.work();
    await again.result({ timeout: '20s' });
    expect(log).toHaveLength(4);
  });

  it('a job was failed outside our workers', async () => {
    const log: string[] = [];
    const job = note(log);
    const app = stage.app({ lease: '1s' }).register(job);
    const run = await app.start(diamond(job), { id: 'd' });
    const top = (await bullIds()).find((id) => id.endsWith('/top')) ?? '';
    const key = `${stage.prefix}:default`;
    await stage.redis.zrem(`${key}:delayed`, top);
    await stage.redis.lrem(`${key}:wait`, 0, top);
    await stage.redis.zadd(`${key}:failed`, Date.now(), top);
    await stage.redis.hset(
      `${key}:${top}`,
      'finishedOn',
      Date.now(),
      'failedReason',
      'by hand',
      'atm',
      1,
    );
    await app.work();
    await heal(app, 'd');
    const { nodes, state } = await run.status();
    expect(state).toBe('failed');
    expect(nodes.top.error?.message).toContain('by hand');
    expect(nodes.bottom.state).toBe('skipped');
    expect(log).toEqual([]);
  });

  it('its worker was killed in a node', async () => {
    const act = defineJob<Act>({ name: 'act' });
    const anonymous = defineJob<Act>({ name: 'act-anonymous' });
    const producer = stage.app({ lease: '1s' });
    const killed = stage.workerProcess({ slots: 2, lease: '1s' });
    await killed.message('ready');
    const run = await producer.start(
      chain(
        act({ key: 'one', scene: 'finish' }, { idempotencyKey: 'one' }),
        anonymous({ key: 'two', scene: 'step-then-hang' }),
        act({ key: 'three', scene: 'finish' }, { idempotencyKey: 'three' }),
      ),
    );
    await killed.message('charged');
    await killed.kill();
    const app = stage.app({ lease: '1s' });
    const handler = async (
      { key }: Act,
      job: { step: (name: string, fn: () => unknown) => unknown },
    ) =>
      job.step('charge', () => stage.redis.rpush(`${stage.prefix}:effects`, `${key}:charge:next`));
    app.register(
      defineJob({ name: 'act' }, handler as never),
      defineJob({ name: 'act-anonymous' }, handler as never),
    );
    await app.work();
    await run.result({ timeout: '20s' });
    const effects = await stage.effects();
    expect(effects.map((text) => text.split(':')[0])).toEqual(['one', 'two', 'three']);
  });

  it('and its record ends by itself', async () => {
    const log: string[] = [];
    const job = note(log);
    const app = stage.app().register(job);
    await app.work();
    await (await app.start(diamond(job), { id: 'd', keepFor: '1m' })).result({ timeout: '20s' });
    const key = new FlowKeys(keyspace(stage.prefix)).flow('d');
    const left = await stage.redis.pttl(key);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  });
});
