import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MemoryRecordStore, type RecordStore } from '../../../src/idempotency/index.js';
import { history, type Move } from '../history/moves.js';
import { World } from '../history/world.js';
import { START_MS } from '../subject.js';
import { RULES } from './rules.js';
import { Broken, WatchedStore } from './watched.js';

/** Histories; more by hand. */
const RUNS = Number(process.env.POLICY_RUNS ?? 1_000);
const seed = Number(process.env.POLICY_SEED ?? Date.now() % 2 ** 31);

type Disguise = (store: RecordStore) => Partial<RecordStore>;

/** Plays a history on the memory store, which is the policy with a map around it; `disguise` replaces operations of it. */
async function play(moves: readonly Move[], disguise: Disguise = () => ({})): Promise<void> {
  let nowMs = START_MS;
  const now = (): number => nowMs;
  const memory = new MemoryRecordStore(now);
  const store = new WatchedStore(disguised(memory, disguise(memory)));
  const world = new World(now);
  for (const move of moves) {
    if (move.kind === 'tick') nowMs += move.ms;
    else {
      const operation = world.operation(move);
      for (let n = 0; operation && n < move.times; n += 1) {
        operation.learn(await operation.make(store));
      }
    }
  }
}

function disguised(store: RecordStore, by: Partial<RecordStore>): RecordStore {
  return new Proxy(store, {
    get: (target, name) => {
      const own = Reflect.get(by, name) ?? Reflect.get(target, name);
      return own instanceof Function ? own.bind(target) : own;
    },
  });
}

/** A number that no run has: the policy takes whoever shows it for the newest. */
const NEWEST = 8e15;

/** Stores without one guard, and the rule that each must break. */
const FAULTS: Readonly<Record<string, { readonly breaks: string; readonly store: Disguise }>> = {
  'does not look at the token of who renews': {
    breaks: 'only the newest holder of the call writes',
    store: (store) => ({
      renew: (run, leaseMs) => store.renew({ ...run, token: NEWEST }, leaseMs),
    }),
  },
  'lets whoever asks take the next start of a delivery': {
    breaks: 'nobody is let in while another run has the lease',
    store: (store) => ({
      claim: async (run, leaseMs) => {
        const reply = await store.claim(run, leaseMs);
        return reply.tag === 'held'
          ? { tag: 'claimed', token: NEWEST, undone: 0, steps: [] }
          : reply;
      },
    }),
  },
  'gives the token of the delivery back': {
    breaks: 'every grant has a greater token than all before, but for a repeated one',
    store: (store) => ({
      claim: async (run, leaseMs) => {
        const reply = await store.claim(run, leaseMs);
        return reply.tag === 'claimed' ? { ...reply, token: run.token } : reply;
      },
    }),
  },
  'cancels also what it refuses to': {
    breaks: 'a refusal changes nothing',
    store: (store) => ({
      cancel: async (request) => {
        const reply = await store.cancel(request);
        if (reply.tag === 'superseded') await store.cancel({ ...request, id: reply.id });
        return reply;
      },
    }),
  },
};

describe('the policy of records', () => {
  it(
    `keeps ${Object.keys(RULES).length} rules in random histories`,
    async () => {
      const property = fc.asyncProperty(history, (moves) => play(moves));
      await fc.assert(property, { numRuns: RUNS, seed });
    },
    60_000 + 100 * RUNS,
  );

  it.each(Object.entries(FAULTS))(
    'is seen to break a rule when it %s',
    async (_what, fault) => {
      const rules = new Set<string>();
      for (const moves of fc.sample(history, { numRuns: 200, seed: 4242 })) {
        await play(moves, fault.store).catch((error: unknown) => {
          if (!(error instanceof Broken)) throw error;
          rules.add(error.rule);
        });
      }
      expect([...rules]).toContain(fault.breaks);
    },
    60_000,
  );
});
