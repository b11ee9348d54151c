--[[
@script acquire
@does   Grants the lease of a probe when the breaker is due and a lease is free.
@key    state             hash of the breaker
@key    leases            sorted set: tokens of the probes' leases, by their end
@arg    name              string
@arg    channel           string   where changes are announced
@arg    by                string   the process that asks
@arg    config            string   digest of its options
@arg    knownEpoch        integer  what the process knows: put back when the store has lost it
@arg    knownState        string
@arg    knownRemainingMs  integer
@arg    knownAgeMs        integer
@arg    knownOpens        integer
@arg    knownReason       string
@arg    maxOpenMs         integer
@arg    probes            integer  leases that may live at once
@arg    keepMs            integer  how long the breaker is kept when nobody asks
@arg    openMs            integer  open time of the first opening
@arg    jitter            number   what is added to an open time, as a fraction
@arg    stableMs          integer  closed that long, it opens for openMs again
@arg    leaseMs           integer
@arg    maxLapses         integer  so many leases may expire until it opens again
@arg    nowMs             integer? tests only
@reply  granted(token:integer, state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
  | denied(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
  | free(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
]]
--@include now_ms
--@include now_us
--@include load_state
--@include repair
--@include open
--@include tell
--@include lapse
local now = now_ms(nowMs)
local s = load_state(state, leases)
local ask = { by = by, channel = channel, name = name, probes = probes, keep = keepMs, max = maxOpenMs,
  open = openMs, jitter = jitter, stable = stableMs }
repair(s, { ep = knownEpoch, st = knownState, left = knownRemainingMs, age = knownAgeMs, op = knownOpens, rs = knownReason },
  ask, now)
s.changed = s.changed or s.cf ~= config
s.cf = config
if s.st == 'closed' or s.st == 'forced-closed' then
  tell(s, ask, now)
  return { 'free', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
end
if s.st == 'forced-open' or (s.st == 'open' and now < s.un) then
  tell(s, ask, now)
  return { 'denied', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
end
if s.st == 'open' then
  move(s, { st = 'half-open' }, ask, now)
end
lapse(s, leaseMs, now)
if s.lp >= maxLapses then
  open(s, 'lease-expired', ask, now)
end
if s.st == 'open' or redis.call('ZCARD', leases) >= probes then
  tell(s, ask, now)
  return { 'denied', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
end
s.tk = math.max(s.tk + 1, now_us(nowMs))
redis.call('ZADD', leases, now + leaseMs, string.format('%.0f', s.tk))
redis.call('PEXPIRE', leases, keepMs)
tell(s, ask, now)
return { 'granted', s.tk, s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
