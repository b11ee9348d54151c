--[[
@script look_up
@does   Reads a schedule.
@key    schedule  hash of the schedule
@arg    nowMs     integer? tests only
@reply  found(version:integer, record:string, state:string, nowMs:integer)
      | missing(nowMs:integer)
]]
--@include now_ms
local f = redis.call('HMGET', schedule, 'v', 'r', 's')
local now = now_ms(nowMs)
if not f[1] then
  return { 'missing', now }
end
return { 'found', tonumber(f[1]), f[2], f[3], now }
