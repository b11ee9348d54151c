// Runs the jobs of orders, and writes each run into the ledger.
import { Bulletproof, defineJob } from '@bulletproof/core';
import { pino } from 'pino';
import { Ledger } from '../ledger/ledger.js';
import { noteOptions, type OrderNote } from '../work/order-note.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

const { redisUrl, prefix, ledgerFile } = settings<RoleSettings>();
const ledger = new Ledger(ledgerFile);
const app = new Bulletproof({ redis: redisUrl, prefix, logger: pino({ level: 'error' }) });
app.register(
  defineJob(noteOptions, ({ order }: OrderNote, job): void => {
    const run = `${job.id}/${job.fencingToken}`;
    ledger.write({ pid: process.pid, key: String(order), run, what: 'acted' });
  }),
);
await app.work({ queues: { default: 50 } });
process.on('SIGTERM', () => void app.close().finally(() => process.exit(0)));
play();
