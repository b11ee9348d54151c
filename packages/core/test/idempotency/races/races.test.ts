import { keyspace, portOf, ScriptRunner } from '@bulletproof/kernel';
import { removeKeys, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RedisRecordStore } from '../../../src/idempotency/index.js';
import type { AdmitReply, RecordStore } from '../../../src/idempotency/store.js';
import { collide, ROUNDS, rounds } from './collide.js';
import {
  admittedRun,
  callOf,
  cancellation,
  claimedRun,
  deadRun,
  KEEP_MS,
  LEASE_MS,
  outcome,
  revival,
} from './scene.js';

jest.setTimeout(60_000 + 30 * ROUNDS);

const redis = testRedis();
let one: RecordStore;
let other: RecordStore;
let prefix: string;

beforeAll(() => {
  prefix = uniquePrefix('races');
  const store = (): RecordStore =>
    new RedisRecordStore(new ScriptRunner(portOf(redis.connect())), keyspace(prefix));
  one = store();
  other = store();
});

afterAll(async () => {
  await removeKeys(redis.client, prefix);
  await redis.close();
});

let series = 0;

/** Numbers of rounds that no other test has: each names a key. */
function ownKeys(): (round: number) => number {
  const base = 1_000_000 * series++;
  return (round) => base + round;
}

describe('on two connections at once', () => {
  it.each(['free', 'dead', 'cancelled'] as const)(
    'one of many admissions of a key wins (the key being %s), and the others are told which',
    async (before) => {
      const key = ownKeys();
      await rounds(async (round) => {
        if (before !== 'free') {
          await deadRun(one, callOf(key(round), 'dead'));
        }
        if (before === 'cancelled') {
          // Dead, then taken by a call that is cancelled.
          await admittedRun(one, callOf(key(round), 'cancelled'));
          await one.cancel(cancellation(callOf(key(round), 'cancelled'), true));
        }
        const call = (n: number) => callOf(key(round), `call-${n}`);
        const generation = { free: 1, dead: 2, cancelled: 3 }[before];
        const stores = [one, other, one, other, one, other];
        const replies = await Promise.all(stores.map((store, n) => store.admit(call(n))));
        const winner = replies.findIndex(({ tag }) => tag === 'admitted');
        const { token } = replies[winner] as AdmitReply & { tag: 'admitted' };
        for (const [n, reply] of replies.entries()) {
          const expected =
            n === winner
              ? { tag: 'admitted', token, generation, undone: 0 }
              : { tag: 'known', id: call(winner).id, state: 'waiting', token, generation };
          expect(reply).toMatchObject(expected);
        }
      });
    },
  );

  it('one of two inputs has the key, and the other one conflicts', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const replies = await collide(
        round,
        () => one.admit(callOf(key(round), 'a', 'one-input')),
        () => other.admit(callOf(key(round), 'b', 'another-input')),
      );
      seen.add(outcome(...replies));
    });
    expect([...seen].sort()).toEqual(['admitted / conflict', 'conflict / admitted']);
  });

  it('a cancelled call is not completed, whether its run had claimed it or not', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await admittedRun(one, callOf(key(round)));
      const [claim, cancel] = await collide(
        round,
        () => one.claim(run, LEASE_MS),
        () => other.cancel(cancellation(run)),
      );
      seen.add(outcome(claim, cancel));
      const late = claim.tag === 'claimed' ? { ...run, token: claim.token } : run;
      const told = { tag: 'cancelled', reason: 'not wanted' };
      expect(await one.renew(late, LEASE_MS)).toEqual(told);
      expect(await one.complete(late, '1', KEEP_MS)).toEqual(told);
      const after = await other.inspect(run.address, run.id);
      expect(after).toMatchObject({ state: 'cancelled', result: undefined, leaseLeftMs: 0 });
    });
    expect([...seen].sort()).toEqual(['cancelled / cancelled', 'claimed / cancelled']);
  });

  it('a call is completed or cancelled, never both', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await claimedRun(one, await admittedRun(one, callOf(key(round))));
      const [complete, cancel] = await collide(
        round,
        () => one.complete(run, '1', KEEP_MS),
        () => other.cancel(cancellation(run)),
      );
      seen.add(outcome(complete, cancel));
      const state = complete.tag === 'completed' ? 'done' : 'cancelled';
      expect(await other.inspect(run.address, run.id)).toMatchObject({ state });
    });
    expect([...seen].sort()).toEqual(['cancelled / cancelled', 'completed / settled']);
  });

  it('a run that lost its lease completes before the next claim, or not at all', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await claimedRun(one, await admittedRun(one, callOf(key(round))), 0);
      const [complete, claim] = await collide(
        round,
        () => one.complete(run, '"late"', KEEP_MS),
        () => other.claim({ ...run, start: 2 }, LEASE_MS),
      );
      seen.add(outcome(complete, claim));
      if (claim.tag === 'done') expect(claim.result).toBe('"late"');
      if (claim.tag !== 'claimed') return;
      expect(claim.token).toBeGreaterThan(run.token);
      const found = await one.inspect(run.address, run.id);
      expect(found).toMatchObject({ state: 'running', result: undefined, token: claim.token });
    });
    expect([...seen].sort()).toEqual(['completed / done', 'lost / claimed']);
  });

  it('a step of a run that lost its lease is seen by the next one, or refused', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await claimedRun(one, await admittedRun(one, callOf(key(round))), 0);
      const [step, claim] = await collide(
        round,
        () => one.step(run, 'capture', '1', 0),
        () => other.claim({ ...run, start: 2 }, LEASE_MS),
      );
      const steps = claim.tag === 'claimed' ? claim.steps.join() : claim.tag;
      seen.add(`${outcome(step)} / ${steps}`);
    });
    expect([...seen].sort()).toEqual(['lost / ', 'recorded / capture,1']);
  });

  it('one of two starts of a delivery claims it', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await admittedRun(one, callOf(key(round)));
      const replies = await collide(
        round,
        () => one.claim({ ...run, start: 2 }, LEASE_MS),
        () => other.claim({ ...run, start: 3 }, LEASE_MS),
      );
      seen.add(outcome(...replies));
    });
    expect([...seen].sort()).toEqual(['claimed / held', 'stale / claimed']);
  });

  it('one of two redeliveries wins', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await admittedRun(one, callOf(key(round)));
      const redeliver = (store: RecordStore) => store.redeliver(run.address, run.id, 1);
      const replies = await collide(
        round,
        () => redeliver(one),
        () => redeliver(other),
      );
      seen.add(outcome(...replies));
      const tokens = replies.flatMap((it) => (it.tag === 'redelivered' ? [it.token] : []));
      const found = await one.inspect(run.address, run.id);
      expect(found).toMatchObject({ state: 'waiting', token: tokens[0], generation: 2 });
    });
    expect([...seen].sort()).toEqual(['moved / redelivered', 'redelivered / moved']);
  });

  it('a delivery that turns up is claimed, or made again, never both', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await admittedRun(one, callOf(key(round)));
      const [claim, redeliver] = await collide(
        round,
        () => one.claim(run, LEASE_MS),
        () => other.redeliver(run.address, run.id, 1),
      );
      seen.add(outcome(claim, redeliver));
    });
    expect([...seen].sort()).toEqual(['claimed / held', 'superseded / redelivered']);
  });

  it('a run that lost its lease completes its call, or the call is redelivered', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await claimedRun(one, await admittedRun(one, callOf(key(round))), 0);
      const [complete, redeliver] = await collide(
        round,
        () => one.complete(run, '1', KEEP_MS),
        () => other.redeliver(run.address, run.id, 1),
      );
      seen.add(outcome(complete, redeliver));
    });
    expect([...seen].sort()).toEqual(['completed / moved', 'lost / redelivered']);
  });

  it('a dead call that is revived twice is revived once, and both are told the same', async () => {
    const key = ownKeys();
    await rounds(async (round) => {
      const run = await deadRun(one, callOf(key(round)));
      const revive = (store: RecordStore) => store.revive(revival(run));
      const [a, b] = await collide(
        round,
        () => revive(one),
        () => revive(other),
      );
      expect(a).toMatchObject({ tag: 'revived', generation: 2 });
      expect(b).toEqual(a);
      expect(a.tag === 'revived' && a.token).toBeGreaterThan(run.token);
    });
  });

  it('a dead call is revived, or superseded by the next under its key', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await deadRun(one, callOf(key(round)));
      const replies = await collide(
        round,
        () => one.revive(revival(run)),
        () => other.admit(callOf(key(round), 'second')),
      );
      seen.add(outcome(...replies));
      const found = await one.inspect(run.address, run.id);
      expect(found).toMatchObject({ generation: 2, state: 'waiting' });
    });
    expect([...seen].sort()).toEqual(['revived / known', 'superseded / admitted']);
  });

  it('a dead call is revived or discarded, never both', async () => {
    const key = ownKeys();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const run = await deadRun(one, callOf(key(round)));
      const replies = await collide(
        round,
        () => one.revive(revival(run)),
        () => other.discard(run.address, run.id),
      );
      seen.add(outcome(...replies));
    });
    expect([...seen].sort()).toEqual(['revived / false', 'unknown / true']);
  });
});
