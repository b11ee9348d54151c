// A Nest application: the module finds the jobs of a provider, injects into it, works them, and closes with Nest.
import 'reflect-metadata';
import { Bulletproof, Job, jobsOf } from '@bulletproof/core';
import { BulletproofModule } from '@bulletproof/nestjs';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

@Injectable()
class Ledger {
  runs = 0;
}

@Injectable()
class OrderJobs {
  constructor(private readonly ledger: Ledger) {}

  @Job({ idempotencyKey: ({ orderId }: { orderId: string }) => orderId })
  async charge({ orderId }: { orderId: string }): Promise<string> {
    this.ledger.runs += 1;
    return `charged ${orderId}`;
  }
}

@Module({
  imports: [
    BulletproofModule.forRoot({
      redis: process.env.REDIS_URL ?? '',
      prefix: process.argv[2] ?? '',
      work: true,
    }),
  ],
  providers: [Ledger, OrderJobs],
})
class AppModule {}

async function main() {
  const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const app = context.get(Bulletproof);
  const { charge } = jobsOf(OrderJobs);
  const first = await app.enqueue(charge({ orderId: '42' }));
  const result = await first.result({ timeout: '20s' });
  const second = await app.enqueue(charge({ orderId: '42' }));
  const { runs } = context.get(Ledger);
  await context.close();
  process.stdout.write(
    JSON.stringify({ result, runs, deduplicated: second.deduplicated, typed: true }),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
