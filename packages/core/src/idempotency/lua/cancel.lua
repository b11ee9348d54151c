--[[
@script cancel
@does   Cancels a call that is not settled; a run that may be at work keeps its lease until it has stopped.
@key    record      hash of the call's record; made here when `create` says so
@key    open        sorted set of the records of this tag that are not settled
@key    gone        string: the reason, for when another call has taken the record of the key
@arg    id          string   id of the call
@arg    keyed       integer  1: other calls may take this record; 0: it is this call's alone
@arg    reason      string
@arg    queue       string   queue of a record that is made here
@arg    create      integer  1: make a record where there is none (an anonymous call that BullMQ knows)
@arg    idle        integer  1: nobody runs it; 0: a run may be at work
@arg    leaseMs     integer  lease that a run at work may have
@arg    keepMs      integer  how long the record answers from now on
@arg    member      string   name of this record in the index of open records
@arg    nowMs       integer? tests only
@reply  cancelled(queue:string, generation:integer) | settled(state:string) | superseded(id:string) | unknown
]]
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'q', 'gen', 'lu')
local state = f[1]
local now = now_ms(nowMs)
if state then
  if f[2] ~= id then
    return { 'superseded', f[2] }
  end
  if state == 'done' or state == 'dead' then
    return { 'settled', state }
  end
elseif create == 1 then
  redis.call('HSET', record, 'id', id, 'dg', '', 'q', queue, 'gen', 1, 'ats', 0, 'tk', 0, 'at', now)
  f[3], f[4] = queue, '1'
else
  return { 'unknown' }
end
if state ~= 'cancelled' then
  redis.call('HSET', record, 'st', 'cancelled', 'ca', reason, 'fa', now)
  redis.call('HDEL', record, 'c', 'su')
  redis.call('PEXPIRE', record, keepMs)
  redis.call('ZREM', open, member)
  if keyed == 1 then
    redis.call('SET', gone, reason, 'PX', keepMs)
  end
end
if idle == 1 then
  redis.call('HDEL', record, 'lu')
elseif state ~= 'cancelled' then
  redis.call('HSET', record, 'lu', math.max(tonumber(f[5] or 0), now + leaseMs))
end
return { 'cancelled', f[3] or '', tonumber(f[4]) }
