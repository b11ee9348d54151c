import type { Redis } from 'ioredis';
import type { BreakerKeys } from '../../../src/keys.js';
import type { BreakerRecord, Limits } from '../../../src/policy/state.js';
import { shapeOf } from '../../../src/policy/window.js';

/** A record in a form that can be compared with what Redis keeps. */
export function dumpOfRecord(record: BreakerRecord): object {
  const { leases, windows, ...fields } = record;
  const kept = [...windows].map(([shape, { epoch, buckets, reporters }]) => [
    shape,
    {
      epoch,
      buckets: Object.fromEntries(
        [...buckets].map(([slot, b]) => [slot, `${b.stamp},${b.passed},${b.failed},${b.slow}`]),
      ),
      reporters: Object.fromEntries(reporters),
    },
  ]);
  return { ...fields, leases: Object.fromEntries(leases), windows: Object.fromEntries(kept) };
}

/** The same of what Redis keeps. */
export async function dumpOfRedis(
  redis: Redis,
  { keys, name, limits }: { keys: BreakerKeys; name: string; limits: readonly Limits[] },
): Promise<object> {
  const f = await redis.hgetall(keys.state(name));
  const windows: Record<string, object> = {};
  for (const each of limits) {
    const { ep, ...buckets } = await redis.hgetall(keys.window(name, each));
    const reporters = numbers(
      await redis.zrange(keys.reporters(name, each), '0', '-1', 'WITHSCORES'),
    );
    if (ep !== undefined) windows[shapeOf(each)] = { epoch: Number(ep), buckets, reporters };
  }
  return {
    state: f.st ?? 'closed',
    epoch: Number(f.ep ?? 0),
    changedAtMs: Number(f.at ?? 0),
    untilMs: Number(f.un ?? 0),
    opens: Number(f.op ?? 0),
    passed: Number(f.ps ?? 0),
    lapsed: Number(f.lp ?? 0),
    lastToken: Number(f.tk ?? 0),
    reason: f.rs ?? '',
    by: f.by ?? '',
    config: f.cf ?? '',
    leases: numbers(await redis.zrange(keys.leases(name), '0', '-1', 'WITHSCORES')),
    windows,
  };
}

function numbers(flat: readonly string[]): Record<string, number> {
  const entries: Record<string, number> = {};
  for (let at = 0; at < flat.length; at += 2) entries[flat[at] ?? ''] = Number(flat[at + 1]);
  return entries;
}
