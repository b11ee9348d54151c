--[[
@script find_due
@does   Tells for which schedules there is something to do, and when there is for the next one.
@key    index  sorted set of the app's schedules by the time at which there is something to do for them; inf: never by itself
@arg    count  integer  most names
@arg    nowMs  integer? tests only
@reply  due(nowMs:integer, nextMs:integer?, total:integer, names:string[])
]]
--@include now_ms
local now = now_ms(nowMs)
local names = redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, count)
local later = redis.call('ZRANGEBYSCORE', index, '(' .. string.format('%.0f', now), '(inf', 'WITHSCORES', 'LIMIT', 0, 1)
return { 'due', now, tonumber(later[2]) or '', redis.call('ZCARD', index), names }
