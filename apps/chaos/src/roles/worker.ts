// A worker process. SIGTERM closes it in order; whatever else happens to it is the scenario's business.
import { Bulletproof, type BulletproofOptions } from '@bulletproof/core';
import { pino } from 'pino';
import { Ledger } from '../ledger/ledger.js';
import { chargeOnto } from '../work/charge.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

/** What a worker process is told. */
export interface WorkerSettings extends RoleSettings {
  readonly slots: number;
  readonly lease: BulletproofOptions['lease'];
  /** How long running handlers may go on after SIGTERM, ms. */
  readonly deadlineMs: number;
}

const { redisUrl, prefix, ledgerFile, slots, lease, deadlineMs } = settings<WorkerSettings>();
const app = new Bulletproof({
  redis: redisUrl,
  prefix,
  ...(lease === undefined ? {} : { lease }),
  logger: pino({ level: 'error' }),
});
app.register(chargeOnto(new Ledger(ledgerFile)));
const worker = await app.work({ queues: { default: slots } });

process.on('SIGTERM', () => {
  void worker
    .close({ deadline: deadlineMs })
    .then(() => app.close())
    .finally(() => process.exit());
});
play();
