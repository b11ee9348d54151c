--[[
@script bury
@does   Settles a call as dead: its key is free again, its steps and its story are kept.
@key    record      hash of the call's record; made here for a call that has none yet
@key    open        sorted set of the records of this tag that are not settled
@key    dead        hash: the dead call's story
@key    deads       sorted set of the dead calls of this tag, by time of death
@key    ends        sorted set of the same calls, by the time until which they are kept
@arg    id          string   id of the call
@arg    digest      string   digest of the input; empty for an anonymous call
@arg    queue       string
@arg    generation  integer
@arg    start       integer
@arg    token       integer  fencing token of the run
@arg    story       string   JSON: what is listed, and what a retry enqueues again
@arg    keepMs      integer  how long dead calls are kept
@arg    member      string   name of this record in the index of open records
@arg    nowMs       integer? tests only
@reply  buried | cancelled(reason:string?) | lost
]]
--@include now_ms
--@include drop_ended
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'ca')
local state = f[1]
local now = now_ms(nowMs)
if state then
  if f[2] ~= id or tonumber(f[3]) > token or state == 'done' then
    return { 'lost' }
  end
  if state == 'dead' then
    return { 'buried' }
  end
  if state == 'cancelled' then
    redis.call('HDEL', record, 'lu')
    return { 'cancelled', f[4] or '' }
  end
end
redis.call('HDEL', record, 'c', 'lu', 'su')
redis.call('HSET', record, 'id', id, 'st', 'dead', 'dg', digest, 'q', queue, 'gen', generation, 'ats', start,
  'tk', string.format('%.0f', token), 'fa', now)
redis.call('PEXPIRE', record, keepMs)
redis.call('ZREM', open, member)
redis.call('HSET', dead, 'story', story, 'at', now)
redis.call('PEXPIRE', dead, keepMs)
drop_ended(deads, ends, now)
redis.call('ZADD', deads, now, id)
redis.call('ZADD', ends, now + keepMs, id)
local left = tonumber(redis.call('ZREVRANGE', ends, 0, 0, 'WITHSCORES')[2]) - now
redis.call('PEXPIRE', deads, left)
redis.call('PEXPIRE', ends, left)
return { 'buried' }
