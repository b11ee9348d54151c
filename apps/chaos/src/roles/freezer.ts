// A worker process whose handlers wait, each in its own way, until the process has stood still and may go on.
import { existsSync } from 'node:fs';
import { Bulletproof, type Duration, defineJob, type JobContext } from '@bulletproof/core';
import { pino } from 'pino';
import { Ledger } from '../ledger/ledger.js';
import { type Act, actOptions } from '../work/act.js';
import { Standstill } from '../work/standstill.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

/** What a freezer is told. */
export interface FreezerSettings extends RoleSettings {
  readonly lease: Duration;
  readonly lanes: readonly string[];
  readonly lane: string;
  readonly slots: number;
}

const { redisUrl, prefix, ledgerFile, lease, lanes, lane, slots } = settings<FreezerSettings>();
const ledger = new Ledger(ledgerFile);
let standstill = new Standstill(ledger);

const app = new Bulletproof({
  redis: redisUrl,
  prefix,
  queues: lanes,
  lease,
  logger: pino({ level: 'silent' }),
});
app.register(defineJob(actOptions, (act: Act, job: JobContext) => standstill.run(act, job)));
for (const end of ['job.completed', 'job.failed', 'job.dead', 'job.stalled'] as const) {
  app.events.on(end, ({ name, key }) => {
    // BullMQ's own word of a stalled job carries no name: it is not about a run of this process.
    if (name !== '' && key !== undefined) standstill.ended(key, end);
  });
}
await app.work({ queues: { [lane]: slots } });

play({
  /** Answers when that many handlers wait. */
  waiting: ({ count }: { count: number }) => standstill.waiting(count),
  /** Blocks the event loop until the file is there, and goes on in the same turn. */
  block({ file }: { file: string }) {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    while (!existsSync(file)) Atomics.wait(cell, 0, 0, 20);
    standstill.goOn();
  },
  /** Goes on; told while the process is stopped, it is heard when that is over. */
  goOn: () => standstill.goOn(),
  /** Answers when every call has ended here. */
  async reports({ count }: { count: number }) {
    const reports = await standstill.reports(count);
    standstill = new Standstill(ledger);
    return reports;
  },
});
