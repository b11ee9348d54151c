--[[
@script take_watched
@does   Gives the calls that are to be looked at to one worker, for a while.
@key    watched  sorted set of calls of this tag that may be moved, by the time of the next look at them
@arg    count    integer  most calls
@arg    leaseMs  integer  when somebody else looks at those that are still there
@arg    nowMs    integer? tests only
@reply  taken(nowMs:integer, members:string[])
]]
--@include now_ms
local now = now_ms(nowMs)
local members = redis.call('ZRANGEBYSCORE', watched, '-inf', now, 'LIMIT', 0, count)
for _, member in ipairs(members) do
  redis.call('ZADD', watched, now + leaseMs, member)
end
return { 'taken', now, members }
