-- Takes away the leases that have expired, and shortens those that a jump of the clock has made longer than a lease can be.
local function lapse(s, lease_ms, now)
  s.lp = s.lp + redis.call('ZREMRANGEBYSCORE', s.leases, '-inf', now)
  s.changed = true
  for _, token in ipairs(redis.call('ZRANGEBYSCORE', s.leases, now + lease_ms, '+inf')) do
    redis.call('ZADD', s.leases, now + lease_ms, token)
  end
end
