--[[
@script forget
@does   Forgets a schedule.
@key    schedule  hash of the schedule
@key    index     sorted set of the app's schedules by the time at which there is something to do for them
@arg    name      string
@arg    version   integer? only if it is still this one
@reply  forgotten
      | kept
]]
local current = redis.call('HGET', schedule, 'v')
if not current or (version and tonumber(current) ~= version) then
  return { 'kept' }
end
redis.call('DEL', schedule)
redis.call('ZREM', index, name)
return { 'forgotten' }
