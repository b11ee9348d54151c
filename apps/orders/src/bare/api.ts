// The API process of the bare story.
import { Queue } from 'bullmq';
import { serve } from '../api/serve.js';
import { OrderIntake } from '../orders/intake.js';
import { BARE_QUEUE, BareIntake } from './bare-intake.js';

await serve((config) => ({
  providers: [
    {
      provide: Queue,
      useFactory: () =>
        new Queue(BARE_QUEUE, {
          connection: { url: config.REDIS_URL },
          prefix: config.ORDERS_PREFIX,
        }),
    },
    { provide: OrderIntake, useClass: BareIntake },
  ],
}));
