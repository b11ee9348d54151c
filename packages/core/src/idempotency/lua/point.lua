--[[
@script point
@does   Binds an explicit call id to the idempotency key that its record lives under.
@key    pointer   hash at the place where a call of this id without a key would have its record
@arg    address   string   the key's record
@arg    ttlMs     integer
@reply  pointed | taken
]]
local f = redis.call('HMGET', pointer, 'ptr', 'st')
if (f[2] and f[2] ~= 'pointer') or (f[1] and f[1] ~= address) then
  return { 'taken' }
end
-- a record of nobody's: runs of a call that had this id before are refused as those of any other call
redis.call('HSET', pointer, 'ptr', address, 'st', 'pointer', 'id', '')
redis.call('PEXPIRE', pointer, ttlMs)
return { 'pointed' }
