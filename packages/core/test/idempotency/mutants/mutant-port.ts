import type { RedisPort } from '@bulletproof/kernel';
import * as originals from '../../../src/idempotency/lua/scripts.generated.js';
import type { BuiltScript } from './build.js';

/** Runs a mutant's scripts wherever the store asks for the real ones; keys, arguments and replies are the same. */
export function mutantPort(port: RedisPort, mutant: readonly BuiltScript[]): RedisPort {
  const damaged = new Map<string, BuiltScript>();
  for (const original of Object.values(originals)) {
    const script = mutant.find(({ name }) => name === original.name);
    if (script === undefined) continue;
    damaged.set(original.sha1, script);
    damaged.set(original.source, script);
  }
  return {
    isCluster: port.isCluster,
    evalsha: (sha1, keys, args) => port.evalsha(damaged.get(sha1)?.sha1 ?? sha1, keys, args),
    eval: (source, keys, args) => port.eval(damaged.get(source)?.source ?? source, keys, args),
  };
}
