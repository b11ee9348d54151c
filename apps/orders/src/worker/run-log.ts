import { Bulletproof, type JobEvent, jobsOf } from '@bulletproof/core';
import type { Logger } from 'pino';
import { OrderJobs } from '../orders/order-jobs.js';

const ENDS = ['job.completed', 'job.failed', 'job.dead', 'job.snoozed', 'job.cancelled'] as const;

/** Writes a line when a run of an order begins and when it ends; what a killed worker had in hand is then known. */
export function logRuns(app: Bulletproof, logger: Logger): void {
  const { name } = jobsOf(OrderJobs).process;
  const note = (run: 'began' | 'ended') => (event: JobEvent) => {
    if (event.name === name) logger.info({ orderId: event.key, run }, 'run');
  };
  app.events.on('job.started', note('began'));
  for (const end of ENDS) app.events.on(end, note('ended'));
}
