-- Brings a breaker into another state, under a new epoch and without leases.
local function move(s, to, ask, now)
  s.st = to.st
  -- Of the server's time, so that it also grows when the store has lost the one before.
  s.ep = math.max(s.ep + 1, now)
  s.at = now
  s.un = to.un or 0
  s.op = to.op or s.op
  s.rs = to.rs or s.rs
  s.by = ask.by
  s.ps = 0
  s.lp = 0
  s.changed = true
  redis.call('DEL', s.leases)
end
