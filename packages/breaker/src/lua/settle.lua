--[[
@script settle
@does   Ends a probe: success closes the breaker, failure opens it again. A holder whose lease is over is not heard.
@key    state             hash of the breaker
@key    leases            sorted set: tokens of the probes' leases, by their end
@arg    name              string
@arg    channel           string   where changes are announced
@arg    by                string   the process that asks
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
@arg    successes         integer  how many probes must succeed
@arg    token             integer
@arg    outcome           string   passed, failed or abandoned
@arg    nowMs             integer? tests only
@reply  settled(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
  | stale(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
]]
--@include now_ms
--@include load_state
--@include repair
--@include open
--@include tell
local now = now_ms(nowMs)
local s = load_state(state, leases)
local ask = { by = by, channel = channel, name = name, probes = probes, keep = keepMs, max = maxOpenMs,
  open = openMs, jitter = jitter, stable = stableMs }
repair(s, { ep = knownEpoch, st = knownState, left = knownRemainingMs, age = knownAgeMs, op = knownOpens, rs = knownReason },
  ask, now)
local lease = string.format('%.0f', token)
local ends = tonumber(redis.call('ZSCORE', leases, lease) or 0)
if s.st ~= 'half-open' or ends <= now then
  tell(s, ask, now)
  return { 'stale', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
end
s.freed = true
if outcome == 'failed' then
  open(s, 'probe-failed', ask, now)
else
  redis.call('ZREM', leases, lease)
  if outcome == 'passed' then
    s.ps = s.ps + 1
    s.changed = true
    if s.ps >= successes then
      move(s, { st = 'closed', rs = 'recovered' }, ask, now)
    end
  end
end
tell(s, ask, now)
return { 'settled', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
