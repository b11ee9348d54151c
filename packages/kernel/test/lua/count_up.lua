--[[
@script count_up
@does   Adds to a counter unless that would lift it above its limit.
@key    counter  text: the count
@arg    by       integer
@arg    limit    integer?  absent: none
@arg    nowMs    integer?  tests only
@reply  counted(count:integer, atMs:integer, atUs:integer)
      | limited(count:integer, reason:string?)
]]
--@include now_ms
--@include now_us
local count = tonumber(redis.call('GET', counter) or 0)
if limit and count + by > limit then
  return { 'limited', count }
end
return { 'counted', redis.call('INCRBY', counter, by), now_ms(nowMs), now_us(nowMs) }
