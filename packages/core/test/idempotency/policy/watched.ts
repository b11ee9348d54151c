import type {
  AdmitRequest,
  CancelRequest,
  InspectReply,
  RecordAddress,
  RecordStore,
  ReviveRequest,
  RunRef,
} from '../../../src/idempotency/store.js';
import { type Event, GRANTS, RULES } from './rules.js';

/** A rule does not hold. */
export class Broken extends Error {
  constructor(
    readonly rule: string,
    event: Event,
  ) {
    super(`${rule}:\n${JSON.stringify(event, undefined, 2)}`);
  }
}

/** A store that looks at the rules around each operation of another one. */
export class WatchedStore implements RecordStore {
  readonly #store: RecordStore;
  readonly #newest = new Map<string, number>();

  constructor(store: RecordStore) {
    this.#store = store;
  }

  admit(request: AdmitRequest) {
    return this.#watch('admit', request.address, () => this.#store.admit(request));
  }

  claim(run: RunRef, leaseMs: number) {
    return this.#watch('claim', run, () => this.#store.claim(run, leaseMs));
  }

  renew(run: RunRef, leaseMs: number) {
    return this.#watch('renew', run, () => this.#store.renew(run, leaseMs));
  }

  step(...[run, name, value, leaseMs]: Parameters<RecordStore['step']>) {
    return this.#watch('step', run, () => this.#store.step(run, name, value, leaseMs));
  }

  release(...[run, options]: Parameters<RecordStore['release']>) {
    return this.#watch('release', run, () => this.#store.release(run, options));
  }

  complete(...[run, result, keepForMs]: Parameters<RecordStore['complete']>) {
    return this.#watch('complete', run, () => this.#store.complete(run, result, keepForMs));
  }

  bury(run: RunRef, story: string, keepMs: number) {
    return this.#watch('bury', run, () => this.#store.bury(run, story, keepMs));
  }

  undo(address: RecordAddress, id: string, keepMs: number) {
    return this.#watch('undo', address, () => this.#store.undo(address, id, keepMs));
  }

  cancel(request: CancelRequest) {
    return this.#watch('cancel', request.address, () => this.#store.cancel(request));
  }

  revive(request: ReviveRequest) {
    return this.#watch('revive', request.address, () => this.#store.revive(request));
  }

  redeliver(address: RecordAddress, id: string, generation: number) {
    return this.#watch('redeliver', address, () => this.#store.redeliver(address, id, generation));
  }

  survey(beforeMs: number) {
    return this.#store.survey(beforeMs);
  }

  discard(address: RecordAddress, id: string) {
    return this.#store.discard(address, id);
  }

  inspect(address: RecordAddress, id: string): Promise<InspectReply> {
    return this.#store.inspect(address, id);
  }

  point(id: string, target: RecordAddress, ttlMs: number) {
    return this.#store.point(id, target, ttlMs);
  }

  listDead(options: Parameters<RecordStore['listDead']>[0]) {
    return this.#store.listDead(options);
  }

  async #watch<Reply extends Event['reply']>(
    name: string,
    of: RunRef | RecordAddress,
    make: () => Promise<Reply>,
  ): Promise<Reply> {
    const run = 'address' in of ? of : undefined;
    const address = 'address' in of ? of.address : of;
    const place = `${address.kind} ${address.name}`;
    const newest = this.#newest.get(place) ?? 0;
    const before = await this.#store.inspect(address, '');
    const reply = await make();
    const after = await this.#store.inspect(address, '');
    const event: Event = { name, run, reply, before, after, newest };
    for (const [rule, holds] of Object.entries(RULES)) {
      if (!holds(event)) throw new Broken(rule, event);
    }
    if (GRANTS.includes(reply.tag)) {
      this.#newest.set(place, Math.max(newest, reply.token ?? 0));
    }
    return reply;
  }
}
