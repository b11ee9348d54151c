--[[
@script undo
@does   Frees the key of a call whose effect was undone: the next call under it is another effect.
@key    record      hash of the call's record
@arg    id          string   id of the call
@arg    keepMs      integer  how long it is remembered from now on
@arg    nowMs       integer? tests only
@reply  undone(times:integer) | moved
]]
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'un', 'ca')
local times = tonumber(f[3] or 0)
if f[2] ~= id then
  return { 'moved' }
elseif f[1] == 'cancelled' and f[4] == 'undone' then
  return { 'undone', times }
elseif f[1] ~= 'done' then
  return { 'moved' }
end
redis.call('HSET', record, 'st', 'cancelled', 'ca', 'undone', 'un', times + 1, 'fa', now_ms(nowMs))
redis.call('HDEL', record, 'r')
redis.call('PEXPIRE', record, keepMs)
return { 'undone', times + 1 }
