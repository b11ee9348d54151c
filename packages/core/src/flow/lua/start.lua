--[[
@script start
@does   Makes the record of a flow, or answers that there is one.
@key    flow        hash of the flow
@key    open        sorted set of the flows of this tag with something left to do, by the time of their start
@arg    id          string   id of the flow
@arg    digest      string   digest of the graph and its inputs
@arg    fields      string   JSON list of the record's fields: name, value, name, value, …
@arg    nowMs       integer? tests only
@reply  started | known(state:string, untouched:integer) | conflict
]]
--@include now_ms
local f = redis.call('HMGET', flow, 'st', 'dg', 'fr')
if f[1] then
  if f[2] ~= digest then
    return { 'conflict' }
  end
  return { 'known', f[1], f[3] and 1 or 0 }
end
local now = now_ms(nowMs)
local all = cjson.decode(fields)
for i = 1, #all, 200 do
  redis.call('HSET', flow, unpack(all, i, math.min(i + 199, #all)))
end
redis.call('HSET', flow, 'dg', digest, 'at', now)
redis.call('ZADD', open, now, id)
return { 'started' }
