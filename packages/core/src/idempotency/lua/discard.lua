--[[
@script discard
@does   Forgets a dead call's story; its record goes on freeing the key and keeping its steps until it expires.
@key    dead   hash: the dead call's story
@key    deads  sorted set of the dead calls of this tag
@key    ends   sorted set of the same calls, by the time until which they are kept
@arg    id     string   id of the call
@reply  discarded | unknown
]]
redis.call('ZREM', deads, id)
redis.call('ZREM', ends, id)
if redis.call('DEL', dead) == 1 then
  return { 'discarded' }
end
return { 'unknown' }
