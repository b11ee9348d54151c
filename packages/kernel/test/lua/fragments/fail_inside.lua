-- Fails one line below.
local function fail_inside(key)
  redis.call('INCR', key)
end
