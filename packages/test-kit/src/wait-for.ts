import { PATIENCE_MS, type Patience } from './patience.js';

/** Anything with `on` and `off`: Node's emitters, ioredis, BullMQ, and our typed ones. */
export interface EventSource<Payload> {
  on(name: string, listener: (payload: Payload) => void): unknown;
  off(name: string, listener: (payload: Payload) => void): unknown;
}

/**
 * Resolves with the payload of the next event of that name that the predicate accepts.
 * Call it before what causes the event. Name the payload's type when the source knows many: `waitFor<JobDeadEvent>(app.events, 'job.dead')`.
 * @throws Error after the deadline, saying how many events of that name were not accepted.
 */
export function waitFor<Payload>(
  source: EventSource<Payload>,
  name: string,
  predicate: (payload: Payload) => boolean = () => true,
  { deadlineMs = PATIENCE_MS, what = `event ${name}` }: Patience = {},
): Promise<Payload> {
  return new Promise((resolve, reject) => {
    let refused = 0;
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      source.off(name, listener);
      settle();
    };
    const listener = (payload: Payload) => {
      try {
        if (predicate(payload)) finish(() => resolve(payload));
        else refused += 1;
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const timer = setTimeout(() => {
      const others = refused === 0 ? '' : ` (${refused} came that did not fit)`;
      finish(() => reject(new Error(`Waited ${deadlineMs} ms for ${what} in vain${others}.`)));
    }, deadlineMs);
    source.on(name, listener);
  });
}
