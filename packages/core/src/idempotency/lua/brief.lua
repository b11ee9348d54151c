--[[
@script brief
@does   Reads what of an open record leads to its delivery; a record that is gone is taken out of the index.
@key    record  hash of the call's record
@key    open    sorted set of the records of this tag that are not settled
@arg    member  string  name of this record in the index of open records
@reply  open(id:string, queue:string, generation:integer) | ended
]]
local f = redis.call('HMGET', record, 'st', 'id', 'q', 'gen')
local state = f[1]
if state == 'waiting' or state == 'running' or state == 'snoozed' then
  return { 'open', f[2], f[3], tonumber(f[4]) }
end
redis.call('ZREM', open, member) -- it expired, or was deleted by hand
return { 'ended' }
