--[[
@script declare
@does   Keeps the declaration and the state of a schedule, if it is still the one that was seen; whoever serves it loses it.
@key    schedule  hash of the schedule
@key    index     sorted set of the app's schedules by the time at which there is something to do for them
@arg    name      string
@arg    version   integer  the one that was seen; 0 when there was no such schedule
@arg    record    string
@arg    state     string
@arg    wakeMs    integer? when there is something to do; never by itself when it is not given
@arg    nowMs     integer? tests only
@reply  declared(version:integer)
      | stale
]]
--@include now_us
local f = redis.call('HMGET', schedule, 'v', 'r', 's')
local current = tonumber(f[1] or 0)
if (current == version + 1 or version == 0) and f[2] == record and f[3] == state then
  return { 'declared', current }
end
if current ~= version then
  return { 'stale' }
end
-- greater than those of a schedule of this name that was forgotten, and may still be served by somebody
local new = version == 0 and now_us(nowMs) or version + 1
redis.call('HSET', schedule, 'v', string.format('%.0f', new), 'r', record, 's', state)
redis.call('HDEL', schedule, 'own', 'lu')
redis.call('ZADD', index, wakeMs or 'inf', name)
return { 'declared', new }
