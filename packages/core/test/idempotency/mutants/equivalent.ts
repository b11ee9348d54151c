/** Mutants that behave like the scripts they come from, by id, each with the reason. */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  "bury.lua number: local left = tonumber(redis.call('ZREVRANGE', ends, 0, 0, 'WITHSCORES')[2]) - now -> local left = tonumber(redis.call('ZREVRANGE', ends, 0, 1, 'WITHSCORES')[2]) - now":
    'The second of what comes back is the score of the first member, however many follow.',
  'complete.lua condition: if not state or tonumber(f[3]) ~= token then -> if true or (not state or tonumber(f[3]) ~= token) then':
    'A shortcut: under the same token it writes what is there.',
  'complete.lua field: if not state or tonumber(f[3]) ~= token then -> if not state or tonumber(f[3 - 1]) ~= token then':
    'An id is never the token: the same as always true, above.',
  'inspect.lua field: if not f[2] then -> if not f[2 - 1] then':
    'A record has an id and a state, or neither.',
  "point.lua field: if (f[2] and f[2] ~= 'pointer') or (f[1] and f[1] ~= address) then -> if (f[2] and f[2] ~= 'pointer') or (f[2] and f[1] ~= address) then":
    'What is of the state "pointer" has an address, and nothing else has one.',
  "release.lua clock: redis.call('PEXPIRE', record, ttlMs + math.max(0, (untilMs or now) - now)) -> redis.call('PEXPIRE', record, ttlMs + math.max(0, (untilMs or 0) - now))":
    'Without a snooze nothing is added in either way: 0 less now is below 0.',
  "step.lua number: redis.call('HSET', record, 's:' .. name, value, 'sn', 1) -> redis.call('HSET', record, 's:' .. name, value, 'sn', 2)":
    'Only whether the field is there counts.',
  "steps_of.lua condition: if redis.call('HEXISTS', record, 'sn') == 0 then -> if false and (redis.call('HEXISTS', record, 'sn') == 0) then":
    'A shortcut: without the field, the search finds no step.',
};
