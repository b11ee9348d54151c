import type { Redis } from 'ioredis';

/** Calls by command name in lower case (`'hset'`, `'client|setname'`), since the server started. Commands inside scripts count too. */
export type CommandCount = Readonly<Record<string, number>>;

/** What the server has executed so far. Counts are of the whole server: ask an `ownRedis` for exact ones. */
export async function commandCount(redis: Redis): Promise<CommandCount> {
  const counts: Record<string, number> = {};
  const info = await redis.info('commandstats');
  for (const [, name, calls] of info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    if (name !== undefined) counts[name] = Number(calls);
  }
  return counts;
}

/** What was executed while `fn` ran, without our own INFO. */
export async function commandsDuring(
  redis: Redis,
  fn: () => Promise<unknown>,
): Promise<CommandCount> {
  const before = await commandCount(redis);
  await fn();
  const after = await commandCount(redis);
  const counts: Record<string, number> = {};
  for (const [name, calls] of Object.entries(after)) {
    const own = name === 'info' ? 1 : 0;
    const more = calls - (before[name] ?? 0) - own;
    if (more > 0) counts[name] = more;
  }
  return counts;
}

/** The sum over all commands. */
export function totalCommands(counts: CommandCount): number {
  return Object.values(counts).reduce((sum, calls) => sum + calls, 0);
}
