--[[
@script seize
@does   Gives a schedule to one of the workers that want to serve it, for a while.
@key    schedule  hash: r the declaration, s the state, v the version, own who serves it, lu until when, seen since when there is something to do
@key    index     sorted set of the app's schedules by the time at which there is something to do for them
@arg    name      string
@arg    owner     string   another one for each try
@arg    leaseMs   integer
@arg    early     integer  1: also before there is something to do
@arg    nowMs     integer? tests only
@reply  seized(version:integer, record:string, state:string, seenMs:integer, nowMs:integer)
      | waits
      | missing
]]
--@include now_ms
local f = redis.call('HMGET', schedule, 'v', 'r', 's', 'own', 'lu', 'seen')
if not f[1] then
  return { 'missing' }
end
local now = now_ms(nowMs)
local leased = tonumber(f[5] or 0) > now
if leased and f[4] == owner then
  return { 'seized', tonumber(f[1]), f[2], f[3], tonumber(f[6]), now }
end
local due = redis.call('ZSCORE', index, name)
if leased or (early == 0 and tonumber(due or 'inf') > now) then
  return { 'waits' }
end
local version = tonumber(f[1]) + 1
local seen = f[6] or now
redis.call('HSET', schedule, 'v', string.format('%.0f', version), 'own', owner, 'lu', now + leaseMs, 'seen', seen)
redis.call('ZADD', index, now + leaseMs, name)
return { 'seized', version, f[2], f[3], tonumber(seen), now }
