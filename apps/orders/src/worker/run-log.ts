import { Bulletproof, type JobEvent, jobsOf } from '@bulletproof/core';
import type { Logger } from 'pino';
import { OrderJobs } from '../orders/order-jobs.js';

const ENDS = ['completed', 'failed', 'dead', 'snoozed', 'cancelled'] as const;

/** Writes a line when a run of an order begins and when it ends; what a killed worker had in hand is then known. */
export function logRuns(app: Bulletproof, logger: Logger): void {
  const { name } = jobsOf(OrderJobs).process;
  app.events.on('job.started', ({ name: job, key }) => {
    if (job === name) logger.info({ orderId: key, run: 'began' }, 'run');
  });
  for (const end of ENDS) {
    app.events.on(`job.${end}`, ({ name: job, key }: JobEvent) => {
      if (job === name) logger.info({ orderId: key, run: 'ended', end }, 'run');
    });
  }
}
