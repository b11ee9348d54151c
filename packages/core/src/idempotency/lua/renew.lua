--[[
@script renew
@does   Extends the lease of a run that goes on, and tells it when it has lost the call or must stop.
@key    record      hash of the call's record
@arg    id          string   id of the call
@arg    generation  integer
@arg    start       integer
@arg    token       integer  fencing token of the run
@arg    leaseMs     integer
@arg    ttlMs       integer  life of an anonymous call's record; 0 for a recorded call
@arg    nowMs       integer? tests only
@reply  kept | lost | cancelled(reason:string?) | unknown
]]
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'ca', 'gen', 'ats')
local state = f[1]
if not state then
  return { 'unknown' }
end
if f[2] ~= id or tonumber(f[3]) > token or state == 'done' or state == 'dead' then
  return { 'lost' }
end
if (state == 'waiting' or state == 'snoozed') and tonumber(f[5]) == generation and tonumber(f[6]) == start then
  return { 'lost' } -- this run has given its call back
end
redis.call('HSET', record, 'gen', generation, 'ats', start, 'tk', string.format('%.0f', token),
  'lu', now_ms(nowMs) + leaseMs)
if state == 'cancelled' then
  return { 'cancelled', f[4] or '' }
end
redis.call('HSET', record, 'st', 'running')
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs)
end
return { 'kept' }
