// A test that a user writes beside a provider with jobs, with the testing module of Nest.
import 'reflect-metadata';
import { Bulletproof, Job, jobsOf } from '@bulletproof/core';
import { BulletproofModule } from '@bulletproof/nestjs';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';

@Injectable()
class Ledger {
  readonly charged: string[] = [];
}

@Injectable()
class OrderJobs {
  constructor(private readonly ledger: Ledger) {}

  @Job({ idempotencyKey: ({ orderId }: { orderId: string }) => orderId })
  async charge({ orderId }: { orderId: string }): Promise<string> {
    this.ledger.charged.push(orderId);
    return `charged ${orderId}`;
  }
}

describe('OrderJobs', () => {
  let testing: TestingModule;

  beforeAll(async () => {
    testing = await Test.createTestingModule({
      imports: [
        BulletproofModule.forRoot({
          redis: process.env.REDIS_URL ?? '',
          prefix: process.env.PREFIX ?? '',
          work: true,
        }),
      ],
      providers: [Ledger, OrderJobs],
    }).compile();
    await testing.init();
  });

  afterAll(() => testing.close());

  it('charges an order once', async () => {
    const app = testing.get(Bulletproof);
    const { charge } = jobsOf(OrderJobs);
    const first = await app.enqueue(charge({ orderId: '42' }));
    expect(await first.result({ timeout: '20s' })).toBe('charged 42');
    expect((await app.enqueue(charge({ orderId: '42' }))).deduplicated).toBe(true);
    expect(testing.get(Ledger).charged).toEqual(['42']);
  });
});
