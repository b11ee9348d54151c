import { Discard, defineJob, flow } from '../../src/index.js';

/** What is ordered. */
export interface Order {
  readonly orderId: string;
}

/** Jobs that note what they do; `broken` ones die at once. */
export function orderJobs(broken: ReadonlySet<string> = new Set()) {
  const log: string[] = [];
  const make = (name: string) =>
    defineJob({ name, attempts: 1 }, async ({ orderId }: Order) => {
      if (broken.has(name)) throw new Discard(`${name} is broken`);
      log.push(name);
      return { [name]: orderId };
    });
  const jobs = {
    validate: make('validate'),
    charge: make('charge'),
    refund: make('refund'),
    reserve: make('reserve'),
    release: make('release'),
    ship: make('ship'),
    confirm: make('confirm'),
    told: make('told'),
    good: make('good'),
    bad: make('bad'),
  };
  const order = (orderId: string) =>
    flow('fulfil-order', {
      validate: jobs.validate({ orderId }),
      charge: jobs.charge({ orderId }).after('validate').undo(jobs.refund({ orderId })),
      reserve: jobs.reserve({ orderId }).after('validate').undo(jobs.release({ orderId })),
      ship: jobs.ship({ orderId }).after('charge', 'reserve'),
      confirm: jobs.confirm({ orderId }).after('ship'),
    });
  const calls = {
    onComplete: jobs.told({ orderId: 'c' }),
    onSuccess: jobs.good({ orderId: 's' }),
    onFailure: jobs.bad({ orderId: 'f' }),
  };
  return { log, jobs, order, calls };
}
