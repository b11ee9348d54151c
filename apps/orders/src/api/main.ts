// The API process: takes orders over HTTP, enqueues their jobs, runs none.
import { BulletproofModule } from '@bulletproof/nestjs';
import { OrderIntake } from '../orders/intake.js';
import { BulletproofIntake } from './bulletproof-intake.js';
import { serve } from './serve.js';

await serve(({ REDIS_URL, ORDERS_PREFIX }, logger) => ({
  imports: [BulletproofModule.forRoot({ redis: REDIS_URL, prefix: ORDERS_PREFIX, logger })],
  providers: [{ provide: OrderIntake, useClass: BulletproofIntake }],
}));
