--[[
@script redeliver
@does   Raises the generation of an open call whose delivery is lost, so that a new one can be made and the old one, should it turn up, has nothing to do.
@key    record      hash of the call's record
@arg    id          string   id of the call
@arg    generation  integer  generation of the delivery that is lost
@arg    queue       string?  the call goes to this queue
@arg    envelope    string?  JSON from which its delivery there can be made
@arg    nowMs       integer? tests only
@reply  redelivered(token:integer, generation:integer, envelope:string)
      | held(leaseLeftMs:integer)
      | moved
]]
--@include now_ms
--@include now_us
local f = redis.call('HMGET', record, 'st', 'id', 'gen', 'tk', 'lu', 'c')
local state = f[1]
local is_open = state == 'waiting' or state == 'running' or state == 'snoozed'
if not is_open or f[2] ~= id or tonumber(f[3]) ~= generation or (f[6] or '') == '' then
  return { 'moved' }
end
local left = tonumber(f[5] or 0) - now_ms(nowMs)
if left > 0 then
  return { 'held', left }
end
local token = math.max(now_us(nowMs), tonumber(f[4]) + 1)
redis.call('HSET', record, 'st', 'waiting', 'gen', generation + 1, 'ats', 0, 'tk', string.format('%.0f', token))
redis.call('HDEL', record, 'lu', 'su')
if queue and envelope then
  redis.call('HSET', record, 'q', queue, 'c', envelope)
end
return { 'redelivered', token, generation + 1, envelope or f[6] }
