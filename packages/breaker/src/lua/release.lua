--[[
@script release
@does   Gives a forced breaker back to itself: it is closed and has forgotten how often it opened.
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
@arg    reason            string
@arg    nowMs             integer? tests only
@reply  released(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
  | unforced(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
]]
--@include now_ms
--@include load_state
--@include repair
--@include move
--@include tell
local now = now_ms(nowMs)
local s = load_state(state, leases)
local ask = { by = by, channel = channel, name = name, probes = probes, keep = keepMs, max = maxOpenMs }
repair(s, { ep = knownEpoch, st = knownState, left = knownRemainingMs, age = knownAgeMs, op = knownOpens, rs = knownReason },
  ask, now)
if s.st ~= 'forced-open' and s.st ~= 'forced-closed' then
  tell(s, ask, now)
  return { 'unforced', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
end
move(s, { st = 'closed', op = 0, rs = reason }, ask, now)
tell(s, ask, now)
return { 'released', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
