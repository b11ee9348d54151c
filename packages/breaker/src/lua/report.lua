--[[
@script report
@does   Counts outcomes of calls, and opens the breaker when they exceed its limits.
@key    state             hash of the breaker
@key    leases            sorted set: tokens of the probes' leases, by their end
@key    window            hash: outcomes by slice of time
@key    reporters         sorted set: processes that have reported failures, by time
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
@arg    admittedEpoch     integer  under which these calls were admitted
@arg    passed            integer
@arg    failed            integer
@arg    slow              integer
@arg    trip              integer  1: open in any case
@arg    windowMs          integer
@arg    buckets           integer
@arg    volume            integer
@arg    failureRate       number
@arg    slowRate          number
@arg    quorum            integer
@arg    nowMs             integer? tests only
@reply  counted(hindrance:string, total:integer, failed:integer, state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
  | opened(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
  | dropped(state:string, epoch:integer, remainingMs:integer, ageMs:integer, opens:integer, reason:string, by:string, config:string)
]]
--@include now_ms
--@include load_state
--@include repair
--@include open
--@include count
--@include judge
--@include tell
local now = now_ms(nowMs)
local s = load_state(state, leases)
local ask = { by = by, channel = channel, name = name, probes = probes, keep = keepMs, max = maxOpenMs,
  open = openMs, jitter = jitter, stable = stableMs }
repair(s, { ep = knownEpoch, st = knownState, left = knownRemainingMs, age = knownAgeMs, op = knownOpens, rs = knownReason },
  ask, now)
s.changed = s.changed or s.cf ~= config
s.cf = config
if s.st ~= 'closed' or s.ep ~= admittedEpoch then
  tell(s, ask, now)
  return { 'dropped', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
end
local sum = count({ key = window, reporters = reporters, ms = windowMs, buckets = buckets, keep = keepMs, quorum = quorum, by = by },
  s.ep, { passed = passed, failed = failed, slow = slow }, now)
local hindrance, reason = 'none', nil
if failed > 0 or slow > 0 then
  hindrance, reason = judge(sum, { volume = volume, failureRate = failureRate, slowRate = slowRate, quorum = quorum })
end
if trip == 1 or not hindrance then
  open(s, trip == 1 and 'local-trip' or reason, ask, now)
  tell(s, ask, now)
  return { 'opened', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
end
tell(s, ask, now)
return { 'counted', hindrance, sum.passed + sum.failed, sum.failed, s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
