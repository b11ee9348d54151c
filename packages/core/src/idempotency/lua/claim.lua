--[[
@script claim
@does   Makes one run the newest holder of its call, or says why it must not run.
@key    record      hash of the call's record; made here for a call that has none yet
@key    open        sorted set of the records of this tag that are not settled
@arg    id          string   id of the call that the delivery carries
@arg    digest      string   digest of the input; empty for an anonymous call
@arg    queue       string
@arg    generation  integer  which re-creation of the delivery this is
@arg    start       integer  how often the delivery was started (BullMQ's attemptsStarted)
@arg    token       integer  the token that the delivery carries: the new one is greater
@arg    leaseMs     integer
@arg    ttlMs       integer  life of an anonymous call's record; 0 for a recorded call, which lives until it is settled
@arg    member      string   name of this record in the index of open records
@arg    nowMs       integer? tests only
@reply  claimed(token:integer, undone:integer, steps:string[])
      | held(leaseLeftMs:integer)
      | done(result:string?)
      | dead
      | cancelled(reason:string?)
      | superseded(id:string)
      | stale
]]
--@include now_ms
--@include now_us
--@include steps_of
local f = redis.call('HMGET', record, 'st', 'id', 'gen', 'ats', 'tk', 'lu', 'r', 'ca', 'un')
local state = f[1]
local now = now_ms(nowMs)

if state then
  if f[2] ~= id then
    return { 'superseded', f[2] }
  end
  if generation < tonumber(f[3]) then
    return { 'superseded', id } -- the delivery was made again; this one has nothing to do any more
  end
  if state == 'done' then
    return { 'done', f[7] or '' }
  elseif state == 'dead' then
    return { 'dead' }
  elseif state == 'cancelled' then
    return { 'cancelled', f[8] or '' }
  end
  local sameDelivery = generation == tonumber(f[3])
  if sameDelivery and start < tonumber(f[4]) then
    return { 'stale' }
  end
  local replay = sameDelivery and start == tonumber(f[4])
  local left = tonumber(f[6] or 0) - now
  if left > 0 and not replay then
    return { 'held', left }
  end
  if replay then
    token = tonumber(f[5])
  else
    token = math.max(now_us(nowMs), token + 1, tonumber(f[5]) + 1)
  end
else
  token = math.max(now_us(nowMs), token + 1)
  redis.call('HSET', record, 'id', id, 'dg', digest, 'q', queue, 'at', now)
  if ttlMs == 0 then
    redis.call('ZADD', open, now, member)
  end
end

redis.call('HSET', record, 'st', 'running', 'gen', generation, 'ats', start,
  'tk', string.format('%.0f', token), 'lu', now + leaseMs)
redis.call('HDEL', record, 'su')
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs)
end
return { 'claimed', token, tonumber(f[9] or 0), steps_of(record) }
