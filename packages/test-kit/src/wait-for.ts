import { PATIENCE_MS, type Patience } from './patience.js';

/** Anything with `on` and `off`: Node's emitters, ioredis, BullMQ, and our typed ones. */
export interface EventSource<Name extends string, Payload> {
  on(name: Name, listener: (payload: Payload) => void): unknown;
  off(name: Name, listener: (payload: Payload) => void): unknown;
}

/**
 * Resolves with the payload of the next event of that name that the predicate accepts.
 * Call it before what causes the event. Of a source of many events, the type of the predicate's parameter chooses the payload:
 * `waitFor(app.events, 'job.failed', (event: JobFailedEvent) => event.attempt === 2)`.
 * @throws Error after the deadline, saying how many events of that name were not accepted.
 */
export function waitFor<Name extends string, Payload, Chosen extends Payload = Payload>(
  source: EventSource<Name, Payload>,
  name: Name,
  predicate: (payload: Chosen) => boolean = () => true,
  { deadlineMs = PATIENCE_MS, what = `event ${name}` }: Patience = {},
): Promise<Chosen> {
  return new Promise((resolve, reject) => {
    let refused = 0;
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      source.off(name, listener);
      settle();
    };
    const listener = (payload: Payload) => {
      const chosen = payload as Chosen;
      try {
        if (predicate(chosen)) finish(() => resolve(chosen));
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
