--[[
@script revive
@does   Brings a dead call back under its key with its recorded steps, unless a newer call took the key.
@key    record      hash of the call's record
@key    open        sorted set of the records of this tag that are not settled
@key    dead        hash: the dead call's story
@key    deads       sorted set of the dead calls of this tag
@key    ends        sorted set of the same calls, by the time until which they are kept
@arg    id          string   id of the call
@arg    keyed       integer  1: other calls may have had this record; 0: it is this call's alone
@arg    digest      string   digest of the input, for a record that was lost
@arg    queue       string
@arg    envelope    string   JSON from which the delivery can be made again
@arg    ttlMs       integer  life of an anonymous call's record; 0 for a recorded call
@arg    member      string   name of this record in the index of open records
@arg    nowMs       integer? tests only
@reply  revived(token:integer, generation:integer) | superseded(id:string?) | unknown(state:string?)
]]
--@include now_ms
--@include now_us
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'gen', 'ats')
local state = f[1]
local now = now_ms(nowMs)
if state and f[2] ~= id then
  return { 'superseded', f[2] }
end
if state == 'waiting' and f[5] == '0' and tonumber(f[4]) > 1 then
  return { 'revived', tonumber(f[3]), tonumber(f[4]) } -- already, and not started since
end
if (state and state ~= 'dead') or redis.call('EXISTS', dead) == 0 then
  return { 'unknown', state or '' }
end
if not state and keyed == 1 then
  return { 'superseded', '' } -- record and story end together: another call has had the record since
end
local token, generation = now_us(nowMs), 2
if state then
  token = math.max(token, tonumber(f[3]) + 1)
  generation = tonumber(f[4]) + 1
end
redis.call('HDEL', record, 'fa')
redis.call('HSET', record, 'id', id, 'st', 'waiting', 'dg', digest, 'q', queue, 'c', envelope,
  'gen', generation, 'ats', 0, 'tk', string.format('%.0f', token), 'at', now)
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs)
else
  redis.call('PERSIST', record)
end
redis.call('ZADD', open, now, member)
redis.call('DEL', dead)
redis.call('ZREM', deads, id)
redis.call('ZREM', ends, id)
return { 'revived', token, generation }
