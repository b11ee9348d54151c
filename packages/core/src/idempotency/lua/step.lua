--[[
@script step
@does   Records the result of a step, unless a newer run holds the call.
@key    record      hash of the call's record; made here for a call that has none yet
@key    open        sorted set of the records of this tag that are not settled
@arg    id          string   id of the call
@arg    digest      string   digest of the input; empty for an anonymous call
@arg    queue       string
@arg    generation  integer
@arg    start       integer
@arg    token       integer  fencing token of the run
@arg    name        string   name of the step
@arg    value       string   JSON of its result; empty for undefined
@arg    leaseMs     integer
@arg    ttlMs       integer  life of an anonymous call's record; 0 for a recorded call
@arg    member      string   name of this record in the index of open records
@arg    nowMs       integer? tests only
@reply  recorded | lost
]]
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'gen', 'ats')
local state = f[1]
local now = now_ms(nowMs)
local released = false
if state then
  -- a cancelled run may still record: its effect has happened, and the next call under the key inherits it
  if f[2] ~= id or tonumber(f[3]) > token or state == 'done' or state == 'dead' then
    return { 'lost' }
  end
  released = (state == 'waiting' or state == 'snoozed') and tonumber(f[4]) == generation and tonumber(f[5]) == start
else
  redis.call('HSET', record, 'id', id, 'dg', digest, 'q', queue, 'at', now)
  if ttlMs == 0 then
    redis.call('ZADD', open, now, member)
  end
end
redis.call('HSET', record, 's:' .. name, value, 'sn', 1)
if not released then -- a run that has ended has no lease to extend; what it did is remembered all the same
  redis.call('HSET', record, 'gen', generation, 'ats', start, 'tk', string.format('%.0f', token), 'lu', now + leaseMs)
  if state ~= 'cancelled' then
    redis.call('HSET', record, 'st', 'running')
  end
end
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs)
end
return { 'recorded' }
