import {
  Bulletproof,
  type Duration,
  defineJob,
  type JobContext,
  type JobReference,
} from '@bulletproof/core';
import { type Act, actOptions, TAKEN_OVER } from '../work/act.js';
import type { Stage } from './stage.js';

/** Who takes over what a frozen worker holds; in the conductor's own process. */
export class Successor {
  readonly app: Bulletproof;
  /** The job, to be enqueued on `app`. */
  readonly act: JobReference<Act, unknown>;
  #runs = 0;

  constructor(
    stage: Stage,
    options: { readonly lease: Duration; readonly queues: readonly string[] },
  ) {
    this.app = new Bulletproof({ ...stage.app, ...options });
    const { pid } = process;
    this.act = defineJob(actOptions, async ({ key }: Act, job: JobContext) => {
      this.#runs += 1;
      const run = `successor-${key}-${this.#runs}`;
      const facts = { pid, key, run };
      const { attempt, fencingToken: token } = job;
      stage.ledger.write({ ...facts, what: 'began', attempt, token });
      const receipt = await job.step('charge', () => {
        stage.ledger.write({ ...facts, what: 'acted' });
        return run;
      });
      stage.ledger.write({ ...facts, what: 'recorded', receipt });
      stage.ledger.write({ ...facts, what: 'returned' });
      return TAKEN_OVER;
    });
    this.app.register(this.act);
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
