--[[
@script advance
@does   Keeps a new state of a schedule, if it is still the one that was decided upon.
@key    schedule  hash of the schedule
@key    index     sorted set of the app's schedules by the time at which there is something to do for them
@arg    name      string
@arg    version   integer  the one that was decided upon
@arg    state     string
@arg    wakeMs    integer? when there is something to do again; never by itself when it is not given
@arg    hold      integer  1: the lease stays, for what the state says is going to be carried out
@reply  advanced(version:integer)
      | stale
]]
local f = redis.call('HMGET', schedule, 'v', 's')
local current = tonumber(f[1] or 0)
if current == version + 1 and f[2] == state then
  return { 'advanced', current }
end
if not f[1] or current ~= version then
  return { 'stale' }
end
redis.call('HSET', schedule, 'v', string.format('%.0f', version + 1), 's', state)
if hold == 0 then
  redis.call('HDEL', schedule, 'own', 'lu', 'seen')
  redis.call('ZADD', index, wakeMs or 'inf', name)
end
return { 'advanced', version + 1 }
