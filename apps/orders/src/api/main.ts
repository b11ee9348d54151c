// The API process: takes orders over HTTP, and their jobs into the outbox. It runs none, and works while Redis is away.
import { OrderIntake } from '../orders/intake.js';
import { BulletproofIntake } from './bulletproof-intake.js';
import { serve } from './serve.js';

await serve(() => ({ providers: [{ provide: OrderIntake, useClass: BulletproofIntake }] }));
