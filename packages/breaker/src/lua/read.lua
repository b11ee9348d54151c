--[[
@script read
@does   Tells the state of a breaker.
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
@arg    nowMs             integer? tests only
@reply  read(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
]]
--@include now_ms
--@include load_state
--@include repair
--@include tell
local now = now_ms(nowMs)
local s = load_state(state, leases)
local ask = { by = by, channel = channel, name = name, probes = probes, keep = keepMs, max = maxOpenMs }
repair(s, { ep = knownEpoch, st = knownState, left = knownRemainingMs, age = knownAgeMs, op = knownOpens, rs = knownReason },
  ask, now)
tell(s, ask, now)
return { 'read', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
