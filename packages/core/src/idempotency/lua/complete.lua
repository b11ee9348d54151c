--[[
@script complete
@does   Settles a call as done with its result, unless a newer run holds it or it was cancelled.
@key    record      hash of the call's record
@key    open        sorted set of the records of this tag that are not settled
@arg    id          string   id of the call
@arg    digest      string   digest of the input; empty for an anonymous call
@arg    queue       string
@arg    generation  integer
@arg    start       integer
@arg    token       integer  fencing token of the run
@arg    result      string   JSON of the result; empty for undefined
@arg    keepForMs   integer  how long the record answers from now on
@arg    member      string   name of this record in the index of open records
@arg    nowMs       integer? tests only
@reply  completed | cancelled(reason:string?) | lost
]]
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'ca', 'sn', 'un')
local state = f[1]
if state then
  if f[2] ~= id or tonumber(f[3]) > token or state == 'dead' then
    return { 'lost' }
  end
  if state == 'done' then
    return { 'completed' }
  end
  if state == 'cancelled' then
    redis.call('HDEL', record, 'lu')
    return { 'cancelled', f[4] or '' }
  end
  if f[5] then
    redis.call('DEL', record) -- the steps have served
    state = nil
    if f[6] then
      redis.call('HSET', record, 'un', f[6])
    end
  else
    redis.call('HDEL', record, 'c', 'lu', 'su')
  end
end
redis.call('HSET', record, 'st', 'done', 'q', queue, 'gen', generation, 'ats', start, 'fa', now_ms(nowMs), 'r', result)
-- Under the run's own token the record says this already, which is nearly always.
if not state or tonumber(f[3]) ~= token then
  redis.call('HSET', record, 'id', id, 'dg', digest, 'tk', string.format('%.0f', token))
end
redis.call('PEXPIRE', record, keepForMs)
redis.call('ZREM', open, member)
return { 'completed' }
