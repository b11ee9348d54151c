--[[
@script release
@does   Ends a run that did not settle its call (retry, snooze, hand-back): the lease goes, the call waits.
@key    record      hash of the call's record; made here when `create` says so
@key    open        sorted set of the records of this tag that are not settled
@arg    id          string   id of the call
@arg    digest      string   digest of the input; empty for an anonymous call
@arg    queue       string
@arg    generation  integer
@arg    start       integer
@arg    token       integer  fencing token of the run
@arg    untilMs     integer? end of a snooze, epoch ms; absent: the call waits
@arg    create      integer  1: make a record where there is none
@arg    ttlMs       integer  life of an anonymous call's record; 0 for a recorded call
@arg    member      string   name of this record in the index of open records
@arg    nowMs       integer? tests only
@reply  released | lost | cancelled(reason:string?) | unknown
]]
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'ca')
local state = f[1]
local now = now_ms(nowMs)
if state then
  if f[2] ~= id or tonumber(f[3]) > token or state == 'done' or state == 'dead' then
    return { 'lost' }
  end
  redis.call('HDEL', record, 'lu')
  if state == 'cancelled' then
    return { 'cancelled', f[4] or '' }
  end
elseif create == 1 then
  redis.call('HSET', record, 'id', id, 'dg', digest, 'q', queue, 'at', now)
  if ttlMs == 0 then
    redis.call('ZADD', open, now, member)
  end
else
  return { 'unknown' }
end
redis.call('HSET', record, 'gen', generation, 'ats', start, 'tk', string.format('%.0f', token))
if untilMs then
  redis.call('HSET', record, 'st', 'snoozed', 'su', untilMs)
else
  redis.call('HSET', record, 'st', 'waiting')
end
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs + math.max(0, (untilMs or now) - now))
end
return { 'released' }
