import type {
  AdmitReply,
  ClaimReply,
  RecordAddress,
  RedeliverReply,
  ReviveReply,
  RunRef,
} from '../../../src/idempotency/store.js';
import { forged } from './forged.js';
import { type Act, ANONYMOUS_MS, type Forgery, LEASE_MS, LIVES_MS, VALUES } from './moves.js';
import { type Operation, op } from './operation.js';
import { survey } from './survey.js';

/** A delivery that somebody could hand to a worker. */
interface Delivery extends Omit<RunRef, 'start'> {
  starts: number;
  readonly ask: boolean;
}

interface Place {
  readonly address: RecordAddress;
  /** Ids of calls that were ever enqueued here; an id belongs to one place, as in the runtime. */
  readonly ids: string[];
  readonly recorded: boolean;
}

const INPUTS = ['digest-one', 'digest-two'] as const;
const QUEUES = ['default', 'critical'] as const;

/** All that clients have seen so far: what moves pick from. */
export class World {
  readonly places: readonly Place[] = [
    place('key', 'order-1', ['named']),
    place('key', 'order-2', []),
    place('call', 'explicit', ['explicit']),
    place('call', 'anonymous-1', ['anonymous-1']),
    place('call', 'anonymous-2', ['anonymous-2']),
  ];
  readonly #deliveries: Delivery[] = [];
  readonly #runs: RunRef[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    for (const { address, recorded } of this.places) {
      if (recorded) continue;
      const base = { address, id: address.name, digest: '', queue: 'low', ttlMs: ANONYMOUS_MS };
      this.#deliveries.push({ ...base, generation: 1, token: now() * 1000, starts: 0, ask: false });
    }
  }

  /** Turns a move into the operation that it means now; undefined when there is nothing to make it of. */
  operation(act: Exclude<Act, { kind: 'tick' }>): Operation | undefined {
    switch (act.kind) {
      case 'enqueue':
        return this.#enqueue(act);
      case 'start':
        return this.#start(act);
      case 'reclaim':
        return this.#reclaim(newest(this.#runs, act.run));
      case 'renew':
      case 'step':
      case 'release':
      case 'complete':
      case 'bury':
        return this.#ofRun(act, newest(this.#runs, act.run));
      case 'redeliver':
        return this.#redeliver(act, newest(this.#deliveries, act.delivery));
      case 'survey':
        return survey(this.#now() - act.beforeMs, this.places);
      case 'list': {
        const options = { count: act.count, beforeMs: this.#now() - act.beforeMs };
        return op('listDead', options, (store) => store.listDead(options));
      }
      default:
        return this.#ofCall(act);
    }
  }

  #enqueue(act: Act & { kind: 'enqueue' }): Operation | undefined {
    const { address, ids, recorded } = this.#place(act.at);
    if (!recorded) return undefined;
    const isNew = address.kind === 'key' && !(act.again && ids.length > 0);
    if (isNew) ids.push(`${address.name}-${ids.length}`);
    const id = newest(ids, 0) ?? address.name;
    const digest = INPUTS[act.input] ?? INPUTS[0];
    const queue = QUEUES[act.input] ?? QUEUES[0];
    const request = { address, id, digest, queue, envelope: `{"id":"${id}"}` };
    return op(
      'admit',
      request,
      (store) => store.admit(request),
      (reply) => {
        const admitted = reply as AdmitReply;
        if (admitted.tag === 'conflict') return;
        const { generation, token } = admitted;
        const owner = admitted.tag === 'known' ? admitted.id : id;
        this.#deliver({
          address,
          id: owner,
          digest,
          queue,
          ttlMs: 0,
          generation,
          token,
          ask: generation > 1,
        });
      },
    );
  }

  #deliver(made: Omit<Delivery, 'starts'>): void {
    const same = this.#deliveries.some(
      (it) => it.id === made.id && it.generation === made.generation,
    );
    if (!same) this.#deliveries.push({ ...made, starts: 0 });
  }

  /** A worker got the delivery: as in the runtime, the first start need not ask. */
  #start(act: Act & { kind: 'start' }): Operation | undefined {
    const delivery = newest(this.#deliveries, act.delivery);
    if (!delivery) return undefined;
    delivery.starts += 1;
    const { starts: start, ask, ...rest } = delivery;
    const run: RunRef = { ...rest, start };
    if (start === 1 && !ask && !act.ask) {
      this.#runs.push(run);
      return undefined;
    }
    return this.#claim(run);
  }

  /** The delivery is believed to be lost; it may turn up all the same. */
  #redeliver(act: Act & { kind: 'redeliver' }, lost: Delivery | undefined): Operation | undefined {
    if (!lost) return undefined;
    const { starts: start, ask: _, ...rest } = lost;
    const { address, id, generation } = this.#forged({ ...rest, start }, act.forgery);
    return op(
      'redeliver',
      { address, id, generation },
      (store) => store.redeliver(address, id, generation),
      (reply) => {
        const made = reply as RedeliverReply;
        if (made.tag !== 'redelivered') return;
        this.#deliver({ ...rest, generation: made.generation, token: made.token, ask: true });
      },
    );
  }

  #reclaim(run: RunRef | undefined): Operation | undefined {
    return run && this.#claim(run);
  }

  #claim(run: RunRef): Operation {
    return op(
      'claim',
      run,
      (store) => store.claim(run, LEASE_MS),
      (reply) => {
        const claimed = reply as ClaimReply;
        if (claimed.tag === 'claimed') this.#runs.push({ ...run, token: claimed.token });
      },
    );
  }

  #ofRun(
    act: Act & { kind: 'renew' | 'step' | 'release' | 'complete' | 'bury' },
    truth: RunRef | undefined,
  ): Operation | undefined {
    if (!truth) return undefined;
    const run = this.#forged(truth, act.forgery);
    switch (act.kind) {
      case 'renew':
        return op('renew', run, (store) => store.renew(run, LEASE_MS));
      case 'step': {
        const value = VALUES[act.value];
        const name = `step-${act.step}`;
        return op('step', { run, name, value }, (store) => store.step(run, name, value, LEASE_MS));
      }
      case 'release': {
        const untilMs = this.#now() + act.snooze * 30_000;
        const options = act.snooze === 0 ? { create: act.create } : { create: act.create, untilMs };
        return op('release', { run, options }, (store) => store.release(run, options));
      }
      case 'complete': {
        const keepMs = LIVES_MS[act.keep] ?? LIVES_MS[0];
        const value = VALUES[act.value];
        return op('complete', { run, value, keepMs }, (store) =>
          store.complete(run, value, keepMs),
        );
      }
      case 'bury': {
        const keepMs = LIVES_MS[act.keep] ?? LIVES_MS[0];
        const story = `{"story":"${run.token}"}`;
        return op('bury', { run, keepMs }, (store) => store.bury(run, story, keepMs));
      }
    }
  }

  #ofCall(
    act: Act & { kind: 'cancel' | 'revive' | 'undo' | 'discard' | 'inspect' | 'point' },
  ): Operation | undefined {
    const { address, ids, recorded } = this.#place(act.at);
    const id = newest(ids, act.id);
    if (id === undefined) return undefined;
    switch (act.kind) {
      case 'cancel': {
        const { create, idle } = act;
        const rest = { reason: `not-${id}`, queue: 'low', leaseMs: LEASE_MS, keepMs: LIVES_MS[1] };
        const request = { address, id, create: create && !recorded, idle, ...rest };
        return op('cancel', request, (store) => store.cancel(request));
      }
      case 'revive': {
        const ttlMs = recorded ? 0 : ANONYMOUS_MS;
        const digest = recorded ? INPUTS[0] : '';
        const request = { address, id, digest, queue: 'low', envelope: `{"again":"${id}"}`, ttlMs };
        return op(
          'revive',
          request,
          (store) => store.revive(request),
          (reply) => {
            const revived = reply as ReviveReply;
            if (revived.tag !== 'revived') return;
            const { generation, token } = revived;
            this.#deliver({
              address,
              id,
              digest,
              queue: 'low',
              ttlMs,
              generation,
              token,
              ask: true,
            });
          },
        );
      }
      case 'undo':
        return op('undo', { address, id }, (store) => store.undo(address, id, LIVES_MS[1]));
      case 'discard':
        return op('discard', { address, id }, (store) => store.discard(address, id));
      case 'inspect':
        return op('inspect', { address, id }, (store) => store.inspect(address, id));
      case 'point': {
        const target: RecordAddress = { kind: 'key', name: id === 'named' ? 'order-1' : 'order-2' };
        const pointed = id === 'named' ? id : 'explicit';
        return op('point', { pointed, target }, (store) =>
          store.point(pointed, target, LIVES_MS[2]),
        );
      }
    }
  }

  #forged(run: RunRef, forgery: Forgery): RunRef {
    const others = this.#runs.filter(({ address }) => address.name === run.address.name);
    return forged(run, forgery, others);
  }

  #place(at: number): Place {
    const found = this.places[at % this.places.length];
    if (!found) throw new RangeError(`no place ${at}`);
    return found;
  }
}

function place(kind: RecordAddress['kind'], name: string, ids: string[]): Place {
  return { address: { kind, name }, ids, recorded: !name.startsWith('anonymous') };
}

function newest<T>(list: readonly T[], pick: number): T | undefined {
  return list.length === 0 ? undefined : list[list.length - 1 - (pick % list.length)];
}
