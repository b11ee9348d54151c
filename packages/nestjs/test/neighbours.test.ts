// An application that has queues of its own in @nestjs/bullmq, and looks at all of them in bull-board.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Bulletproof, jobsOf } from '@bulletproof/core';
import { removeKeys, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BullModule,
  getQueueToken,
  InjectQueue,
  OnWorkerEvent,
  Processor,
  WorkerHost,
} from '@nestjs/bullmq';
import { type INestApplication, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Job as BullJob, Queue } from 'bullmq';
import { BulletproofModule } from '../src/index.js';
import { Greeter, Phrases } from './greeter.js';

const redis = testRedis();
const { greet } = jobsOf(Greeter);

@Injectable()
@Processor('letters')
class Letters extends WorkerHost {
  static ended: (result: unknown) => void = () => {};

  async process({ data }: BullJob<{ to: string }>) {
    return `written to ${data.to}`;
  }

  @OnWorkerEvent('completed')
  completed({ returnvalue }: BullJob) {
    Letters.ended(returnvalue);
  }
}

@Injectable()
class Post {
  constructor(
    @InjectQueue('letters') readonly letters: Queue,
    readonly app: Bulletproof,
  ) {}
}

describe('beside @nestjs/bullmq', () => {
  let prefix: string;
  let nest: INestApplication;

  beforeEach(async () => {
    prefix = uniquePrefix('nest');
    const connection = { url: redis.url };
    @Module({
      imports: [
        BullModule.forRoot({ connection, prefix }),
        BullModule.registerQueue({ name: 'letters' }, { name: 'default' }),
        BulletproofModule.forRoot({ redis: redis.url, prefix, work: { queues: { default: 1 } } }),
      ],
      providers: [Letters, Post, Phrases, Greeter],
    })
    class AppModule {}
    nest = await NestFactory.create(AppModule, { logger: false });
    const board = new ExpressAdapter();
    board.setBasePath('/queues');
    const queues = ['letters', 'default'].map((name) => nest.get<Queue>(getQueueToken(name)));
    createBullBoard({
      queues: queues.map((queue) => new BullMQAdapter(queue)),
      serverAdapter: board,
    });
    nest.use('/queues', board.getRouter());
    await nest.listen(0);
  });

  afterEach(async () => {
    await nest.close();
    await removeKeys(redis.client, prefix);
  });

  afterAll(() => redis.close());

  const get = async (path: string) =>
    fetch(`${(await nest.getUrl()).replace('[::1]', 'localhost')}${path}`);

  it('each runs its own, under one prefix', async () => {
    const { letters, app } = nest.get(Post);
    const written = new Promise((resolve) => {
      Letters.ended = resolve;
    });
    const handle = await app.enqueue(greet({ name: 'Eve' }));
    await letters.add('letter', { to: 'Eve' });
    expect(await written).toBe('written to Eve');
    expect(await handle.result({ timeout: '10s' })).toMatchObject({ text: 'Hello, Eve' });
  });

  it('bull-board shows both, jobs included', async () => {
    const { letters, app } = nest.get(Post);
    const written = new Promise((resolve) => {
      Letters.ended = resolve;
    });
    await letters.add('letter', { to: 'Fay' });
    await (await app.enqueue(greet({ name: 'Fay' }))).result({ timeout: '10s' });
    await written;
    const page = await get('/queues');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<html');
    const { queues } = (await (
      await get('/queues/api/queues?activeQueue=default&status=completed&page=1')
    ).json()) as { queues: { name: string; counts: object; jobs: object[] }[] };
    expect(queues).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'default',
          counts: expect.objectContaining({ completed: 1 }),
          jobs: [expect.objectContaining({ name: 'Greeter.greet' })],
        }),
        expect.objectContaining({
          name: 'letters',
          counts: expect.objectContaining({ completed: 1 }),
        }),
      ]),
    );
  });
});
