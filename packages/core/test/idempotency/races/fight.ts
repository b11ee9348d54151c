import type { RecordStore, RunRef } from '../../../src/idempotency/store.js';
import { callOf, cancellation, KEEP_MS, LEASE_MS, revival } from './scene.js';

/** A token, and when its holder asked for it and got it, in the order of this process. */
export interface Grant {
  readonly token: number;
  readonly asked: number;
  readonly granted: number;
}

/** What came of a fight. */
export interface FightReport {
  readonly grants: readonly Grant[];
  /** Runs that began while another one was at work. */
  readonly overlaps: number;
  /** How often the holder did each thing, and how often others were refused. */
  readonly seen: ReadonlyMap<string, number>;
}

/** Delivery that workers get hold of. */
type Carried = Omit<RunRef, 'start'>;

/**
 * Workers on several connections that fight for the call under one key; each holder does what runs do and gives the call back in one of
 * the ways that it can end. Leases outlive the fight, so two holders at once are a fault in any case.
 */
export class Fight {
  readonly #stores: readonly RecordStore[];
  readonly #key: number;
  readonly #grants: Grant[] = [];
  readonly #seen = new Map<string, number>();
  #carried: Carried;
  #starts = 0;
  #calls = 0;
  #holders = 0;
  #overlaps = 0;
  #clock = 0;

  constructor(stores: readonly RecordStore[], key: number) {
    this.#stores = stores;
    this.#key = key;
    const { address, id, digest, queue } = callOf(key, 'call-0');
    this.#carried = { address, id, digest, queue, generation: 1, token: 0, ttlMs: 0 };
  }

  /** Fights until so many runs have held the call. */
  async until(grants: number): Promise<FightReport> {
    await this.#admit(this.#first());
    const worker = async (store: RecordStore): Promise<void> => {
      while (this.#grants.length < grants) await this.#turn(store);
    };
    await Promise.all(this.#stores.map(worker));
    return { grants: this.#grants, overlaps: this.#overlaps, seen: this.#seen };
  }

  async #turn(store: RecordStore): Promise<void> {
    this.#starts += 1;
    const run: RunRef = { ...this.#carried, start: this.#starts };
    const asked = ++this.#clock;
    const reply = await store.claim(run, LEASE_MS);
    this.#count(reply.tag);
    if (reply.tag !== 'claimed') return;
    this.#grants.push({ token: reply.token, asked, granted: ++this.#clock });
    this.#holders += 1;
    if (this.#holders > 1) this.#overlaps += 1;
    await this.#hold(store, { ...run, token: reply.token });
  }

  /** What a holder does; it counts as one until it sends its last word. */
  async #hold(store: RecordStore, run: RunRef): Promise<void> {
    const kept = await store.renew(run, LEASE_MS);
    const step = await store.step(run, `step-${run.token % 5}`, '1', LEASE_MS);
    if (kept.tag !== 'kept' || step.tag !== 'recorded') this.#overlaps += 1;
    this.#holders -= 1;
    switch (this.#grants.length % 5) {
      case 0:
        return this.#bury(store, run);
      case 1:
        return this.#cancel(store, run);
      case 2:
        return this.#redeliver(store, run);
      default:
        this.#count((await store.release(run, { create: false })).tag);
    }
  }

  /** Dies, and is brought back. */
  async #bury(store: RecordStore, run: RunRef): Promise<void> {
    this.#count((await store.bury(run, '{}', KEEP_MS)).tag);
    const revived = await store.revive(revival(run));
    this.#count(revived.tag);
    if (revived.tag === 'revived') this.#carry({ ...run, ...granted(revived) });
  }

  /** Is cancelled, and another call takes its key. */
  async #cancel(store: RecordStore, run: RunRef): Promise<void> {
    this.#count((await store.cancel(cancellation(run, true))).tag);
    this.#calls += 1;
    await this.#admit(store);
  }

  /** Gives its call back, and in the same breath the delivery is taken for lost: later, others have claimed it. */
  async #redeliver(store: RecordStore, run: RunRef): Promise<void> {
    const [released, reply] = await Promise.all([
      store.release(run, { create: false }),
      store.redeliver(run.address, run.id, run.generation),
    ]);
    this.#count(released.tag);
    this.#count(reply.tag);
    if (reply.tag === 'redelivered') this.#carry({ ...run, ...granted(reply) });
  }

  async #admit(store: RecordStore): Promise<void> {
    const request = callOf(this.#key, `call-${this.#calls}`);
    const reply = await store.admit(request);
    this.#count(reply.tag);
    if (reply.tag !== 'admitted') return;
    const { address, id, digest, queue } = request;
    this.#carry({ address, id, digest, queue, ttlMs: 0, ...granted(reply) });
  }

  #carry(delivery: Carried): void {
    // Replies overtake each other on their way; the newer delivery stays.
    if (delivery.generation < this.#carried.generation) return;
    const { address, id, digest, queue, generation, token, ttlMs } = delivery;
    this.#carried = { address, id, digest, queue, generation, token, ttlMs };
  }

  #first(): RecordStore {
    const [first] = this.#stores;
    if (!first) throw new RangeError('a fight without stores');
    return first;
  }

  #count(what: string): void {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1);
  }
}

const granted = ({
  generation,
  token,
}: {
  readonly generation: number;
  readonly token: number;
}) => ({
  generation,
  token,
});

/** Pairs of grants where the later one, asked for when the earlier one was known, did not get the greater token. */
export function disorder(grants: readonly Grant[]): number {
  let newest = 0;
  let faults = 0;
  // By the time of asking; the tokens that were granted by then must all be smaller.
  const byGrant = [...grants].sort((a, b) => a.granted - b.granted);
  let at = 0;
  for (const { token, asked } of [...grants].sort((a, b) => a.asked - b.asked)) {
    for (; at < byGrant.length && (byGrant[at]?.granted ?? 0) < asked; at += 1) {
      newest = Math.max(newest, byGrant[at]?.token ?? 0);
    }
    if (token <= newest) faults += 1;
  }
  return faults + grants.length - new Set(grants.map(({ token }) => token)).size;
}
