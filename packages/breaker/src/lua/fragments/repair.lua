--@include move
-- What every script does first: puts back what the store has lost, ends what time has ended.
local function repair(s, known, ask, now)
  if known.ep > s.ep then
    -- The leases are lost: half-open becomes open and due, so that the next probe begins anew.
    local half = known.st == 'half-open'
    redis.call('DEL', s.leases)
    s.st = half and 'open' or known.st
    s.ep = known.ep
    s.at = now - known.age
    s.un = known.st == 'closed' and 0 or now + (half and 0 or known.left)
    s.op = known.op
    s.rs = known.rs
    s.by = ask.by
    s.ps = 0
    s.lp = 0
    s.changed = true
  end
  if (s.st == 'forced-open' or s.st == 'forced-closed') and now >= s.un then
    move(s, { st = 'closed', op = 0, rs = 'force-expired' }, ask, now)
  end
  -- After a failover the clock may be behind; jitter at most doubles an open time.
  if s.st == 'open' and s.un > now + 2 * ask.max then
    s.un = now + ask.max
    s.changed = true
  end
end
