import { describe, expect, it } from '@jest/globals';
import { defineJob, implement, Job, jobsOf } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const ping = defineJob({ name: 'ping' }, () => 'pong');
const contract = defineJob<string, number>({ name: 'resize' });

class Mailer {
  @Job({ queue: 'bulk' })
  async send(): Promise<void> {}
}

/** What it is, the items, and the refusal. */
const refused: readonly (readonly [string, readonly unknown[], object])[] = [
  ['undefined', [undefined], { code: 'NOT_A_JOB' }],
  ['null', [null], { code: 'NOT_A_JOB' }],
  ['text', ['ping'], { code: 'NOT_A_JOB' }],
  ['an instance without jobs', [new Map()], { code: 'NOT_A_JOB' }],
  ['a class in place of its instance', [Mailer], { code: 'NOT_A_JOB' }],
  ['a call in place of its reference', [ping(undefined)], { code: 'NOT_A_JOB' }],
  ['a contract without handler', [contract], { code: 'NO_HANDLER', job: 'resize' }],
  [
    'two jobs of one name',
    [ping, defineJob({ name: 'ping' }, () => 'other')],
    { code: 'DUPLICATE_JOB', job: 'ping' },
  ],
  [
    'a job of a queue that the app does not have',
    [new Mailer()],
    { code: 'UNKNOWN_QUEUE', job: 'Mailer.send', queue: 'bulk', known: ['default'] },
  ],
];

describe('app.register', () => {
  it.each(refused)(
    'refuses %s, and then takes none of the others',
    async (_what, items, refusal) => {
      const app = bench.app({ queues: ['default'] });
      const fine = defineJob({ name: 'fine' }, () => 1);
      expect(await refusalOf(() => app.register(fine, ...(items as [])))).toMatchObject(refusal);
      const byName = { job: 'fine' } as ReturnType<typeof fine>;
      expect(await refusalOf(() => app.enqueue(byName))).toMatchObject({ code: 'UNKNOWN_JOB' });
    },
  );

  it('takes the same reference twice, and a contract that was implemented elsewhere', async () => {
    const app = bench.app();
    const half = defineJob<number, number>({ name: 'half' });
    implement(half, (n) => n / 2);
    expect(await refusalOf(() => implement(half, (n) => n))).toMatchObject({
      code: 'DUPLICATE_HANDLER',
      job: 'half',
    });
    app.register(ping, half).register(ping);
    await app.work({ queues: { default: 1 } });
    await expect((await app.enqueue(half(84))).result()).resolves.toBe(42);
  });

  it('is needed by workers only: a producer enqueues what it has a reference of', async () => {
    const handle = await bench.app().enqueue(contract('x'));
    await expect(handle.status()).resolves.toMatchObject({ state: 'waiting' });
    const { send } = jobsOf(Mailer);
    await expect(bench.app({ queues: ['bulk'] }).enqueue(send())).resolves.toMatchObject({
      queue: 'bulk',
    });
  });
});
