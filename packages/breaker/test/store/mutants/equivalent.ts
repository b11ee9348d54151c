/** Mutants that behave like the scripts they come from, by id, each with the reason. */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  "settle.lua 13: local ends = tonumber(redis.call('ZSCORE', leases, lease) or 0) -> local ends = tonumber(redis.call('ZSCORE', leases, lease) or 1)":
    'a lease that ended in 1970 has ended too',
  'tell.lua 8: if s.changed then -> if true then': 'saves what has not changed',
  "tell.lua 6: s.left = math.max(0, redis.call('ZRANGE', s.leases, 0, 0, 'WITHSCORES')[2] - now) -> s.left = math.max(0, redis.call('ZRANGE', s.leases, 0, 1, 'WITHSCORES')[2] - now)":
    'one more lease is read than needed',
};
