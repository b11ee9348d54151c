--[[
@script admit
@does   Admits a call under its record, or answers which call already holds it.
@key    record      hash: the record of an idempotency key or of an explicit call id
@key    open        sorted set of the records of this tag that are not settled, by admission time
@arg    id          string   id that the call gets when it is admitted
@arg    digest      string   digest of the canonical JSON of the input
@arg    queue       string
@arg    envelope    string   JSON from which the delivery can be made again
@arg    member      string   name of this record in the index of open records
@arg    nowMs       integer? tests only
@reply  admitted(token:integer, generation:integer, undone:integer)
      | known(id:string, state:string, queue:string, token:integer, generation:integer, envelope:string?)
      | conflict(id:string)
]]
--@include now_us
local f = redis.call('HMGET', record, 'st', 'id', 'dg', 'tk', 'gen', 'q', 'c', 'ptr', 'lu', 'un')
local state, holder = f[1], f[2]
local token, generation, lease, undone = now_us(nowMs), 1, nil, 0
local now = math.floor(token / 1000)

if f[8] then
  return { 'conflict', id }
end

if state then
  local free = (state == 'dead' or state == 'cancelled') and holder ~= id
  if f[3] ~= digest and not free then
    return { 'conflict', holder }
  end
  if not free then
    return { 'known', holder, state, f[6] or '', tonumber(f[4]), tonumber(f[5]), f[7] or '' }
  end
  token = math.max(token, tonumber(f[4]) + 1)
  generation = tonumber(f[5]) + 1
  lease, undone = f[9], tonumber(f[10] or 0)
  if f[3] ~= digest then
    redis.call('DEL', record) -- another input: what the dead call recorded does not apply
  else
    redis.call('HDEL', record, 'fa', 'ca')
    redis.call('PERSIST', record)
  end
end

redis.call('HSET', record, 'id', id, 'st', 'waiting', 'dg', digest, 'q', queue, 'c', envelope,
  'gen', generation, 'ats', 0, 'tk', string.format('%.0f', token), 'at', now)
if lease then
  redis.call('HSET', record, 'lu', lease) -- a cancelled run may still be at work: the next waits for its lease
end
if undone > 0 then
  redis.call('HSET', record, 'un', undone) -- it outlives what the record forgets
end
redis.call('ZADD', open, now, member)
return { 'admitted', token, generation, undone }
