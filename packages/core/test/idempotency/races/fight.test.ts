import { createHash } from 'node:crypto';
import { keyspace, portOf, type RedisPort, ScriptRunner } from '@bulletproof/kernel';
import { removeKeys, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { RedisRecordStore } from '../../../src/idempotency/index.js';
import { claim } from '../../../src/idempotency/lua/scripts.generated.js';
import { mutantPort } from '../mutants/mutant-port.js';
import { disorder, Fight } from './fight.js';

const CONNECTIONS = 4;
const GRANTS = Number(process.env.FIGHT_GRANTS ?? 500);

jest.setTimeout(60_000 + 30 * GRANTS);

const redis = testRedis();
const prefix = uniquePrefix('fight');
let fights = 0;

afterAll(async () => {
  await removeKeys(redis.client, prefix);
  await redis.close();
});

/** A fight of twice as many workers as connections. */
function fight(disguise: (port: RedisPort) => RedisPort = (port) => port): Fight {
  const stores = Array.from({ length: CONNECTIONS }, () => {
    const port = disguise(portOf(redis.connect()));
    return new RedisRecordStore(new ScriptRunner(port), keyspace(prefix));
  });
  fights += 1;
  return new Fight([...stores, ...stores], fights);
}

/** The script with one place of it changed. */
function damaged(from: string, to: string): (port: RedisPort) => RedisPort {
  const source = claim.source.replaceAll(from, to);
  if (source === claim.source) throw new Error(`claim.lua does not say ${from}`);
  const sha1 = createHash('sha1').update(source).digest('hex');
  return (port) => mutantPort(port, [{ name: claim.name, sha1, source }]);
}

describe('workers that fight for one key', () => {
  it('hold it one after the other, each with a greater token than all before', async () => {
    const { grants, overlaps, seen } = await fight().until(GRANTS);
    expect(overlaps).toBe(0);
    expect(disorder(grants)).toBe(0);
    const refusals = ['held', 'superseded', 'cancelled', 'dead'];
    const ends = ['released', 'buried', 'revived', 'redelivered', 'admitted'];
    expect([...refusals, ...ends].filter((what) => !seen.has(what))).toEqual([]);
  });

  it('are seen to hold it together when a claim does not look at the lease', async () => {
    const { overlaps } = await fight(damaged('left > 0 and not replay', 'false')).until(200);
    expect(overlaps).toBeGreaterThan(0);
  });

  it('are seen to get smaller tokens when a claim does not go by those before', async () => {
    const tokens = 'math.max(now_us(nowMs), token + 1, tonumber(f[5]) + 1)';
    const { grants } = await fight(damaged(tokens, '(9e15 - start)')).until(200);
    expect(disorder(grants)).toBeGreaterThan(0);
  });
});
