-- Saves what has changed, announces a new state, and works out what every reply tells.
local function tell(s, ask, now)
  s.age = s.ep == 0 and 0 or math.max(0, now - s.at)
  s.left = math.max(0, s.un - now)
  if s.st == 'half-open' and redis.call('ZCARD', s.leases) >= ask.probes then
    s.left = math.max(0, redis.call('ZRANGE', s.leases, 0, 0, 'WITHSCORES')[2] - now)
  end
  if s.changed then
    redis.call('HSET', s.key, 'st', s.st, 'ep', s.ep, 'at', s.at, 'un', s.un, 'op', s.op, 'ps', s.ps, 'lp', s.lp,
      'tk', s.tk, 'rs', s.rs, 'by', s.by, 'cf', s.cf)
  end
  redis.call('PEXPIRE', s.key, ask.keep + math.max(0, s.un - now))
  if s.freed or s.ep ~= s.was then
    redis.call('PUBLISH', ask.channel, cjson.encode({
      name = ask.name, state = s.st, epoch = s.ep, remainingMs = s.left, ageMs = s.age, opens = s.op, reason = s.rs, by = s.by,
    }))
  end
end
