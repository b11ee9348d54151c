--[[
@script point
@does   Binds an explicit call id to the idempotency key that its record lives under.
@key    pointer   hash at the place where a call of this id without a key would have its record
@arg    address   string   the key's record
@arg    ttlMs     integer
@reply  pointed | taken
]]
local f = redis.call('HMGET', pointer, 'ptr', 'st')
if f[2] or (f[1] and f[1] ~= address) then
  return { 'taken' }
end
redis.call('HSET', pointer, 'ptr', address)
redis.call('PEXPIRE', pointer, ttlMs)
return { 'pointed' }
