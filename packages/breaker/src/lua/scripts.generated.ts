// Generated from the .lua files beside it by gen-lua; change those and run it again.
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
import type { Script } from '@bulletproof/kernel';

/** Arguments of {@link acquire}. */
export interface AcquireArgs {
  readonly name: string;
  readonly channel: string;
  readonly by: string;
  readonly config: string;
  readonly knownEpoch: number;
  readonly knownState: string;
  readonly knownRemainingMs: number;
  readonly knownAgeMs: number;
  readonly knownOpens: number;
  readonly knownReason: string;
  readonly maxOpenMs: number;
  readonly probes: number;
  readonly keepMs: number;
  readonly openMs: number;
  readonly jitter: number;
  readonly stableMs: number;
  readonly leaseMs: number;
  readonly maxLapses: number;
  readonly nowMs?: number | undefined;
}

/** What {@link acquire} answers. */
export type AcquireReply =
  | { readonly tag: 'granted'; readonly token: number; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string }
  | { readonly tag: 'denied'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string }
  | { readonly tag: 'free'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string };

/** Grants the lease of a probe when the breaker is due and a lease is free. (acquire.lua) */
export const acquire: Script<'state' | 'leases', AcquireArgs, AcquireReply> = {
  name: 'acquire',
  sha1: '0146542bdef102de4303f1a8b102a36b15c0f146',
  keys: ['state', 'leases'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'channel', type: 'string', optional: false },
    { name: 'by', type: 'string', optional: false },
    { name: 'config', type: 'string', optional: false },
    { name: 'knownEpoch', type: 'integer', optional: false },
    { name: 'knownState', type: 'string', optional: false },
    { name: 'knownRemainingMs', type: 'integer', optional: false },
    { name: 'knownAgeMs', type: 'integer', optional: false },
    { name: 'knownOpens', type: 'integer', optional: false },
    { name: 'knownReason', type: 'string', optional: false },
    { name: 'maxOpenMs', type: 'integer', optional: false },
    { name: 'probes', type: 'integer', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'openMs', type: 'integer', optional: false },
    { name: 'jitter', type: 'number', optional: false },
    { name: 'stableMs', type: 'integer', optional: false },
    { name: 'leaseMs', type: 'integer', optional: false },
    { name: 'maxLapses', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    granted: [
      { name: 'token', type: 'integer', list: false, optional: false },
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
    denied: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
    free: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'now_us.lua', 1], [18, 'load_state.lua', 1], [40, 'move.lua', 1], [55, 'repair.lua', 1], [82, 'open.lua', 1], [90, 'tell.lua', 1], [108, 'lapse.lua', 1], [116, '', 0], [117, 'acquire.lua', 29], [156, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- The server's clock in microseconds since the epoch; \`override_ms\` stands in for it in tests. The number has 16 digits: write it
-- with string.format('%.0f', n), since \`..\` and tostring keep 14.
local function now_us(override_ms)
  if override_ms then
    return override_ms * 1000
  end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
-- A breaker's state as the store has it; the functions below change it, \`tell\` ends with it.
local function load_state(state, leases)
  local f = redis.call('HMGET', state, 'st', 'ep', 'at', 'un', 'op', 'ps', 'lp', 'tk', 'rs', 'by', 'cf')
  return {
    key = state,
    leases = leases,
    st = f[1] or 'closed',
    ep = tonumber(f[2] or 0),
    was = tonumber(f[2] or 0),
    at = tonumber(f[3] or 0),
    un = tonumber(f[4] or 0),
    op = tonumber(f[5] or 0),
    ps = tonumber(f[6] or 0),
    lp = tonumber(f[7] or 0),
    tk = tonumber(f[8] or 0),
    rs = f[9] or '',
    by = f[10] or '',
    cf = f[11] or '',
    seen = f[11] or '',
    changed = false,
  }
end
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
--@include move
-- Opens a breaker for the time that its number of openings demands.
local function open(s, reason, ask, now)
  local stable = s.st == 'closed' and now - s.at >= ask.stable
  local opens = stable and 1 or s.op + 1
  local span = math.min(ask.max, ask.open * 2 ^ (opens - 1))
  move(s, { st = 'open', un = now + math.floor(span * (1 + ask.jitter)), op = opens, rs = reason }, ask, now)
end
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
-- Takes away the leases that have expired, and shortens those that a jump of the clock has made longer than a lease can be.
local function lapse(s, lease_ms, now)
  s.lp = s.lp + redis.call('ZREMRANGEBYSCORE', s.leases, '-inf', now)
  s.changed = true
  for _, token in ipairs(redis.call('ZRANGEBYSCORE', s.leases, now + lease_ms, '+inf')) do
    redis.call('ZADD', s.leases, now + lease_ms, token)
  end
end
local function item(state, leases, name, channel, by, config, knownEpoch, knownState, knownRemainingMs, knownAgeMs, knownOpens, knownReason, maxOpenMs, probes, keepMs, openMs, jitter, stableMs, leaseMs, maxLapses, nowMs)
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
end
local function placed(problem)
  local message = type(problem) == 'table' and problem.err or problem
  message = tostring(message)
  if string.find(message, 'user_script:', 1, true) then
    return message
  end
  for level = 3, 6 do
    local _, place = pcall(error, '', level)
    if type(place) == 'string' and string.find(place, 'user_script:', 1, true) then
      return place .. message
    end
  end
  return message
end
local replies = {}
for i = 0, #KEYS / 2 - 1 do
  local k, a = i * 2, i * 19
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      ARGV[a + 4],
      tonumber(ARGV[a + 5]),
      ARGV[a + 6],
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      tonumber(ARGV[a + 9]),
      ARGV[a + 10],
      tonumber(ARGV[a + 11]),
      tonumber(ARGV[a + 12]),
      tonumber(ARGV[a + 13]),
      tonumber(ARGV[a + 14]),
      tonumber(ARGV[a + 15]),
      tonumber(ARGV[a + 16]),
      tonumber(ARGV[a + 17]),
      tonumber(ARGV[a + 18]),
      tonumber(ARGV[a + 19])
    )
  end, placed)
  if not ok then
    reply = { '!error', reply }
  elseif type(reply) ~= 'table' then
    reply = { '!error', 'ended without a reply' }
  elseif reply.err then
    reply = { '!error', reply.err }
  end
  replies[i + 1] = reply
end
return replies
`,
};

/** Arguments of {@link force}. */
export interface ForceArgs {
  readonly name: string;
  readonly channel: string;
  readonly by: string;
  readonly knownEpoch: number;
  readonly knownState: string;
  readonly knownRemainingMs: number;
  readonly knownAgeMs: number;
  readonly knownOpens: number;
  readonly knownReason: string;
  readonly maxOpenMs: number;
  readonly probes: number;
  readonly keepMs: number;
  readonly forced: string;
  readonly ttlMs: number;
  readonly reason: string;
  readonly nowMs?: number | undefined;
}

/** What {@link force} answers. */
export type ForceReply =
  | { readonly tag: 'forced'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string };

/** Forces a breaker open or closed, until the time is over or it is released. (force.lua) */
export const force: Script<'state' | 'leases', ForceArgs, ForceReply> = {
  name: 'force',
  sha1: '9d62c06e8988b47aefe92fca009488ad2e640491',
  keys: ['state', 'leases'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'channel', type: 'string', optional: false },
    { name: 'by', type: 'string', optional: false },
    { name: 'knownEpoch', type: 'integer', optional: false },
    { name: 'knownState', type: 'string', optional: false },
    { name: 'knownRemainingMs', type: 'integer', optional: false },
    { name: 'knownAgeMs', type: 'integer', optional: false },
    { name: 'knownOpens', type: 'integer', optional: false },
    { name: 'knownReason', type: 'string', optional: false },
    { name: 'maxOpenMs', type: 'integer', optional: false },
    { name: 'probes', type: 'integer', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'forced', type: 'string', optional: false },
    { name: 'ttlMs', type: 'integer', optional: false },
    { name: 'reason', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    forced: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'load_state.lua', 1], [31, 'move.lua', 1], [46, 'repair.lua', 1], [73, 'tell.lua', 1], [91, '', 0], [92, 'force.lua', 24], [105, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A breaker's state as the store has it; the functions below change it, \`tell\` ends with it.
local function load_state(state, leases)
  local f = redis.call('HMGET', state, 'st', 'ep', 'at', 'un', 'op', 'ps', 'lp', 'tk', 'rs', 'by', 'cf')
  return {
    key = state,
    leases = leases,
    st = f[1] or 'closed',
    ep = tonumber(f[2] or 0),
    was = tonumber(f[2] or 0),
    at = tonumber(f[3] or 0),
    un = tonumber(f[4] or 0),
    op = tonumber(f[5] or 0),
    ps = tonumber(f[6] or 0),
    lp = tonumber(f[7] or 0),
    tk = tonumber(f[8] or 0),
    rs = f[9] or '',
    by = f[10] or '',
    cf = f[11] or '',
    seen = f[11] or '',
    changed = false,
  }
end
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
local function item(state, leases, name, channel, by, knownEpoch, knownState, knownRemainingMs, knownAgeMs, knownOpens, knownReason, maxOpenMs, probes, keepMs, forced, ttlMs, reason, nowMs)
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
move(s, { st = forced, un = now + ttlMs, rs = reason }, ask, now)
tell(s, ask, now)
return { 'forced', s.st, s.ep, s.left, s.age, s.op, s.rs, s.by, s.seen }
end
local function placed(problem)
  local message = type(problem) == 'table' and problem.err or problem
  message = tostring(message)
  if string.find(message, 'user_script:', 1, true) then
    return message
  end
  for level = 3, 6 do
    local _, place = pcall(error, '', level)
    if type(place) == 'string' and string.find(place, 'user_script:', 1, true) then
      return place .. message
    end
  end
  return message
end
local replies = {}
for i = 0, #KEYS / 2 - 1 do
  local k, a = i * 2, i * 16
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      ARGV[a + 5],
      tonumber(ARGV[a + 6]),
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      ARGV[a + 9],
      tonumber(ARGV[a + 10]),
      tonumber(ARGV[a + 11]),
      tonumber(ARGV[a + 12]),
      ARGV[a + 13],
      tonumber(ARGV[a + 14]),
      ARGV[a + 15],
      tonumber(ARGV[a + 16])
    )
  end, placed)
  if not ok then
    reply = { '!error', reply }
  elseif type(reply) ~= 'table' then
    reply = { '!error', 'ended without a reply' }
  elseif reply.err then
    reply = { '!error', reply.err }
  end
  replies[i + 1] = reply
end
return replies
`,
};

/** Arguments of {@link read}. */
export interface ReadArgs {
  readonly name: string;
  readonly channel: string;
  readonly by: string;
  readonly knownEpoch: number;
  readonly knownState: string;
  readonly knownRemainingMs: number;
  readonly knownAgeMs: number;
  readonly knownOpens: number;
  readonly knownReason: string;
  readonly maxOpenMs: number;
  readonly probes: number;
  readonly keepMs: number;
  readonly nowMs?: number | undefined;
}

/** What {@link read} answers. */
export type ReadReply =
  | { readonly tag: 'read'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string };

/** Tells the state of a breaker. (read.lua) */
export const read: Script<'state' | 'leases', ReadArgs, ReadReply> = {
  name: 'read',
  sha1: '2c5cd032704e8da657d6101ba8bb0915023c0c42',
  keys: ['state', 'leases'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'channel', type: 'string', optional: false },
    { name: 'by', type: 'string', optional: false },
    { name: 'knownEpoch', type: 'integer', optional: false },
    { name: 'knownState', type: 'string', optional: false },
    { name: 'knownRemainingMs', type: 'integer', optional: false },
    { name: 'knownAgeMs', type: 'integer', optional: false },
    { name: 'knownOpens', type: 'integer', optional: false },
    { name: 'knownReason', type: 'string', optional: false },
    { name: 'maxOpenMs', type: 'integer', optional: false },
    { name: 'probes', type: 'integer', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    read: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'load_state.lua', 1], [31, 'move.lua', 1], [46, 'repair.lua', 1], [73, 'tell.lua', 1], [91, '', 0], [92, 'read.lua', 21], [103, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A breaker's state as the store has it; the functions below change it, \`tell\` ends with it.
local function load_state(state, leases)
  local f = redis.call('HMGET', state, 'st', 'ep', 'at', 'un', 'op', 'ps', 'lp', 'tk', 'rs', 'by', 'cf')
  return {
    key = state,
    leases = leases,
    st = f[1] or 'closed',
    ep = tonumber(f[2] or 0),
    was = tonumber(f[2] or 0),
    at = tonumber(f[3] or 0),
    un = tonumber(f[4] or 0),
    op = tonumber(f[5] or 0),
    ps = tonumber(f[6] or 0),
    lp = tonumber(f[7] or 0),
    tk = tonumber(f[8] or 0),
    rs = f[9] or '',
    by = f[10] or '',
    cf = f[11] or '',
    seen = f[11] or '',
    changed = false,
  }
end
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
local function item(state, leases, name, channel, by, knownEpoch, knownState, knownRemainingMs, knownAgeMs, knownOpens, knownReason, maxOpenMs, probes, keepMs, nowMs)
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
end
local function placed(problem)
  local message = type(problem) == 'table' and problem.err or problem
  message = tostring(message)
  if string.find(message, 'user_script:', 1, true) then
    return message
  end
  for level = 3, 6 do
    local _, place = pcall(error, '', level)
    if type(place) == 'string' and string.find(place, 'user_script:', 1, true) then
      return place .. message
    end
  end
  return message
end
local replies = {}
for i = 0, #KEYS / 2 - 1 do
  local k, a = i * 2, i * 13
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      ARGV[a + 5],
      tonumber(ARGV[a + 6]),
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      ARGV[a + 9],
      tonumber(ARGV[a + 10]),
      tonumber(ARGV[a + 11]),
      tonumber(ARGV[a + 12]),
      tonumber(ARGV[a + 13])
    )
  end, placed)
  if not ok then
    reply = { '!error', reply }
  elseif type(reply) ~= 'table' then
    reply = { '!error', 'ended without a reply' }
  elseif reply.err then
    reply = { '!error', reply.err }
  end
  replies[i + 1] = reply
end
return replies
`,
};

/** Arguments of {@link release}. */
export interface ReleaseArgs {
  readonly name: string;
  readonly channel: string;
  readonly by: string;
  readonly knownEpoch: number;
  readonly knownState: string;
  readonly knownRemainingMs: number;
  readonly knownAgeMs: number;
  readonly knownOpens: number;
  readonly knownReason: string;
  readonly maxOpenMs: number;
  readonly probes: number;
  readonly keepMs: number;
  readonly reason: string;
  readonly nowMs?: number | undefined;
}

/** What {@link release} answers. */
export type ReleaseReply =
  | { readonly tag: 'released'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string }
  | { readonly tag: 'unforced'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string };

/** Gives a forced breaker back to itself: it is closed and has forgotten how often it opened. (release.lua) */
export const release: Script<'state' | 'leases', ReleaseArgs, ReleaseReply> = {
  name: 'release',
  sha1: 'c3b80484ba4f3f0aa4dfbe528e48ce47cd6c0129',
  keys: ['state', 'leases'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'channel', type: 'string', optional: false },
    { name: 'by', type: 'string', optional: false },
    { name: 'knownEpoch', type: 'integer', optional: false },
    { name: 'knownState', type: 'string', optional: false },
    { name: 'knownRemainingMs', type: 'integer', optional: false },
    { name: 'knownAgeMs', type: 'integer', optional: false },
    { name: 'knownOpens', type: 'integer', optional: false },
    { name: 'knownReason', type: 'string', optional: false },
    { name: 'maxOpenMs', type: 'integer', optional: false },
    { name: 'probes', type: 'integer', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'reason', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    released: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
    unforced: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'load_state.lua', 1], [31, 'move.lua', 1], [46, 'repair.lua', 1], [73, 'tell.lua', 1], [91, '', 0], [92, 'release.lua', 23], [109, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A breaker's state as the store has it; the functions below change it, \`tell\` ends with it.
local function load_state(state, leases)
  local f = redis.call('HMGET', state, 'st', 'ep', 'at', 'un', 'op', 'ps', 'lp', 'tk', 'rs', 'by', 'cf')
  return {
    key = state,
    leases = leases,
    st = f[1] or 'closed',
    ep = tonumber(f[2] or 0),
    was = tonumber(f[2] or 0),
    at = tonumber(f[3] or 0),
    un = tonumber(f[4] or 0),
    op = tonumber(f[5] or 0),
    ps = tonumber(f[6] or 0),
    lp = tonumber(f[7] or 0),
    tk = tonumber(f[8] or 0),
    rs = f[9] or '',
    by = f[10] or '',
    cf = f[11] or '',
    seen = f[11] or '',
    changed = false,
  }
end
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
local function item(state, leases, name, channel, by, knownEpoch, knownState, knownRemainingMs, knownAgeMs, knownOpens, knownReason, maxOpenMs, probes, keepMs, reason, nowMs)
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
end
local function placed(problem)
  local message = type(problem) == 'table' and problem.err or problem
  message = tostring(message)
  if string.find(message, 'user_script:', 1, true) then
    return message
  end
  for level = 3, 6 do
    local _, place = pcall(error, '', level)
    if type(place) == 'string' and string.find(place, 'user_script:', 1, true) then
      return place .. message
    end
  end
  return message
end
local replies = {}
for i = 0, #KEYS / 2 - 1 do
  local k, a = i * 2, i * 14
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      ARGV[a + 5],
      tonumber(ARGV[a + 6]),
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      ARGV[a + 9],
      tonumber(ARGV[a + 10]),
      tonumber(ARGV[a + 11]),
      tonumber(ARGV[a + 12]),
      ARGV[a + 13],
      tonumber(ARGV[a + 14])
    )
  end, placed)
  if not ok then
    reply = { '!error', reply }
  elseif type(reply) ~= 'table' then
    reply = { '!error', 'ended without a reply' }
  elseif reply.err then
    reply = { '!error', reply.err }
  end
  replies[i + 1] = reply
end
return replies
`,
};

/** Arguments of {@link report}. */
export interface ReportArgs {
  readonly name: string;
  readonly channel: string;
  readonly by: string;
  readonly config: string;
  readonly knownEpoch: number;
  readonly knownState: string;
  readonly knownRemainingMs: number;
  readonly knownAgeMs: number;
  readonly knownOpens: number;
  readonly knownReason: string;
  readonly maxOpenMs: number;
  readonly probes: number;
  readonly keepMs: number;
  readonly openMs: number;
  readonly jitter: number;
  readonly stableMs: number;
  readonly admittedEpoch: number;
  readonly passed: number;
  readonly failed: number;
  readonly slow: number;
  readonly trip: number;
  readonly windowMs: number;
  readonly buckets: number;
  readonly volume: number;
  readonly failureRate: number;
  readonly slowRate: number;
  readonly quorum: number;
  readonly nowMs?: number | undefined;
}

/** What {@link report} answers. */
export type ReportReply =
  | { readonly tag: 'counted'; readonly hindrance: string; readonly total: number; readonly failed: number; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string }
  | { readonly tag: 'opened'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string }
  | { readonly tag: 'dropped'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string };

/** Counts outcomes of calls, and opens the breaker when they exceed its limits. (report.lua) */
export const report: Script<'state' | 'leases' | 'window' | 'reporters', ReportArgs, ReportReply> = {
  name: 'report',
  sha1: 'e2f90a54591f798956e18c2c8090c2dfe56e1d82',
  keys: ['state', 'leases', 'window', 'reporters'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'channel', type: 'string', optional: false },
    { name: 'by', type: 'string', optional: false },
    { name: 'config', type: 'string', optional: false },
    { name: 'knownEpoch', type: 'integer', optional: false },
    { name: 'knownState', type: 'string', optional: false },
    { name: 'knownRemainingMs', type: 'integer', optional: false },
    { name: 'knownAgeMs', type: 'integer', optional: false },
    { name: 'knownOpens', type: 'integer', optional: false },
    { name: 'knownReason', type: 'string', optional: false },
    { name: 'maxOpenMs', type: 'integer', optional: false },
    { name: 'probes', type: 'integer', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'openMs', type: 'integer', optional: false },
    { name: 'jitter', type: 'number', optional: false },
    { name: 'stableMs', type: 'integer', optional: false },
    { name: 'admittedEpoch', type: 'integer', optional: false },
    { name: 'passed', type: 'integer', optional: false },
    { name: 'failed', type: 'integer', optional: false },
    { name: 'slow', type: 'integer', optional: false },
    { name: 'trip', type: 'integer', optional: false },
    { name: 'windowMs', type: 'integer', optional: false },
    { name: 'buckets', type: 'integer', optional: false },
    { name: 'volume', type: 'integer', optional: false },
    { name: 'failureRate', type: 'number', optional: false },
    { name: 'slowRate', type: 'number', optional: false },
    { name: 'quorum', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    counted: [
      { name: 'hindrance', type: 'string', list: false, optional: false },
      { name: 'total', type: 'integer', list: false, optional: false },
      { name: 'failed', type: 'integer', list: false, optional: false },
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
    opened: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
    dropped: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'load_state.lua', 1], [31, 'move.lua', 1], [46, 'repair.lua', 1], [73, 'open.lua', 1], [81, 'count.lua', 1], [113, 'judge.lua', 1], [128, 'tell.lua', 1], [146, '', 0], [147, 'report.lua', 40], [179, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A breaker's state as the store has it; the functions below change it, \`tell\` ends with it.
local function load_state(state, leases)
  local f = redis.call('HMGET', state, 'st', 'ep', 'at', 'un', 'op', 'ps', 'lp', 'tk', 'rs', 'by', 'cf')
  return {
    key = state,
    leases = leases,
    st = f[1] or 'closed',
    ep = tonumber(f[2] or 0),
    was = tonumber(f[2] or 0),
    at = tonumber(f[3] or 0),
    un = tonumber(f[4] or 0),
    op = tonumber(f[5] or 0),
    ps = tonumber(f[6] or 0),
    lp = tonumber(f[7] or 0),
    tk = tonumber(f[8] or 0),
    rs = f[9] or '',
    by = f[10] or '',
    cf = f[11] or '',
    seen = f[11] or '',
    changed = false,
  }
end
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
--@include move
-- Opens a breaker for the time that its number of openings demands.
local function open(s, reason, ask, now)
  local stable = s.st == 'closed' and now - s.at >= ask.stable
  local opens = stable and 1 or s.op + 1
  local span = math.min(ask.max, ask.open * 2 ^ (opens - 1))
  move(s, { st = 'open', un = now + math.floor(span * (1 + ask.jitter)), op = opens, rs = reason }, ask, now)
end
-- Adds outcomes to the window \`w\` of an epoch, and answers its totals; with a quorum also how many processes reported failures.
local function count(w, epoch, added, now)
  if tonumber(redis.call('HGET', w.key, 'ep') or -1) ~= epoch then
    redis.call('DEL', w.key, w.reporters)
    redis.call('HSET', w.key, 'ep', epoch)
  end
  local stamp = math.floor(now / math.floor(w.ms / w.buckets))
  local sum = { passed = added.passed, failed = added.failed, slow = added.slow }
  local here = { added.passed, added.failed, added.slow }
  local fields = redis.call('HGETALL', w.key)
  for i = 2, #fields, 2 do
    local at, passed, failed, slow = string.match(fields[i], '^(%d+),(%d+),(%d+),(%d+)$')
    at = tonumber(at)
    if at and at > stamp - w.buckets and at <= stamp then
      sum.passed, sum.failed, sum.slow = sum.passed + passed, sum.failed + failed, sum.slow + slow
      if at == stamp then
        here = { here[1] + passed, here[2] + failed, here[3] + slow }
      end
    end
  end
  redis.call('HSET', w.key, stamp % w.buckets, string.format('%.0f,%.0f,%.0f,%.0f', stamp, here[1], here[2], here[3]))
  redis.call('PEXPIRE', w.key, w.keep)
  if w.quorum > 1 then
    if added.failed > 0 or added.slow > 0 then
      redis.call('ZADD', w.reporters, now, w.by)
      redis.call('PEXPIRE', w.reporters, w.keep)
    end
    redis.call('ZREMRANGEBYSCORE', w.reporters, '-inf', now - w.ms)
    sum.reporters = redis.call('ZCARD', w.reporters)
  end
  return sum
end
-- Why these totals do not open the breaker, or nil and the reason why they do. Rates must be exceeded.
local function judge(sum, limits)
  local total = sum.passed + sum.failed
  if total < limits.volume then
    return 'volume'
  end
  local failing = sum.failed * 100 > limits.failureRate * total
  if not failing and sum.slow * 100 <= limits.slowRate * total then
    return 'rate'
  end
  if limits.quorum > 1 and sum.reporters < limits.quorum then
    return 'quorum'
  end
  return nil, failing and 'failure-rate' or 'slow-call-rate'
end
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
local function item(state, leases, window, reporters, name, channel, by, config, knownEpoch, knownState, knownRemainingMs, knownAgeMs, knownOpens, knownReason, maxOpenMs, probes, keepMs, openMs, jitter, stableMs, admittedEpoch, passed, failed, slow, trip, windowMs, buckets, volume, failureRate, slowRate, quorum, nowMs)
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
end
local function placed(problem)
  local message = type(problem) == 'table' and problem.err or problem
  message = tostring(message)
  if string.find(message, 'user_script:', 1, true) then
    return message
  end
  for level = 3, 6 do
    local _, place = pcall(error, '', level)
    if type(place) == 'string' and string.find(place, 'user_script:', 1, true) then
      return place .. message
    end
  end
  return message
end
local replies = {}
for i = 0, #KEYS / 4 - 1 do
  local k, a = i * 4, i * 28
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      KEYS[k + 3],
      KEYS[k + 4],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      ARGV[a + 4],
      tonumber(ARGV[a + 5]),
      ARGV[a + 6],
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      tonumber(ARGV[a + 9]),
      ARGV[a + 10],
      tonumber(ARGV[a + 11]),
      tonumber(ARGV[a + 12]),
      tonumber(ARGV[a + 13]),
      tonumber(ARGV[a + 14]),
      tonumber(ARGV[a + 15]),
      tonumber(ARGV[a + 16]),
      tonumber(ARGV[a + 17]),
      tonumber(ARGV[a + 18]),
      tonumber(ARGV[a + 19]),
      tonumber(ARGV[a + 20]),
      tonumber(ARGV[a + 21]),
      tonumber(ARGV[a + 22]),
      tonumber(ARGV[a + 23]),
      tonumber(ARGV[a + 24]),
      tonumber(ARGV[a + 25]),
      tonumber(ARGV[a + 26]),
      tonumber(ARGV[a + 27]),
      tonumber(ARGV[a + 28])
    )
  end, placed)
  if not ok then
    reply = { '!error', reply }
  elseif type(reply) ~= 'table' then
    reply = { '!error', 'ended without a reply' }
  elseif reply.err then
    reply = { '!error', reply.err }
  end
  replies[i + 1] = reply
end
return replies
`,
};

/** Arguments of {@link settle}. */
export interface SettleArgs {
  readonly name: string;
  readonly channel: string;
  readonly by: string;
  readonly knownEpoch: number;
  readonly knownState: string;
  readonly knownRemainingMs: number;
  readonly knownAgeMs: number;
  readonly knownOpens: number;
  readonly knownReason: string;
  readonly maxOpenMs: number;
  readonly probes: number;
  readonly keepMs: number;
  readonly openMs: number;
  readonly jitter: number;
  readonly stableMs: number;
  readonly successes: number;
  readonly token: number;
  readonly outcome: string;
  readonly nowMs?: number | undefined;
}

/** What {@link settle} answers. */
export type SettleReply =
  | { readonly tag: 'settled'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string }
  | { readonly tag: 'stale'; readonly state: string; readonly epoch: number; readonly remainingMs: number; readonly ageMs: number; readonly opens: number; readonly reason: string; readonly by: string; readonly config: string };

/** Ends a probe: success closes the breaker, failure opens it again. A holder whose lease is over is not heard. (settle.lua) */
export const settle: Script<'state' | 'leases', SettleArgs, SettleReply> = {
  name: 'settle',
  sha1: 'c3abe54ff9e366aef06d0b015fa766d3e07bcb84',
  keys: ['state', 'leases'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'channel', type: 'string', optional: false },
    { name: 'by', type: 'string', optional: false },
    { name: 'knownEpoch', type: 'integer', optional: false },
    { name: 'knownState', type: 'string', optional: false },
    { name: 'knownRemainingMs', type: 'integer', optional: false },
    { name: 'knownAgeMs', type: 'integer', optional: false },
    { name: 'knownOpens', type: 'integer', optional: false },
    { name: 'knownReason', type: 'string', optional: false },
    { name: 'maxOpenMs', type: 'integer', optional: false },
    { name: 'probes', type: 'integer', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'openMs', type: 'integer', optional: false },
    { name: 'jitter', type: 'number', optional: false },
    { name: 'stableMs', type: 'integer', optional: false },
    { name: 'successes', type: 'integer', optional: false },
    { name: 'token', type: 'integer', optional: false },
    { name: 'outcome', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    settled: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
    stale: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'epoch', type: 'integer', list: false, optional: false },
      { name: 'remainingMs', type: 'integer', list: false, optional: false },
      { name: 'ageMs', type: 'integer', list: false, optional: false },
      { name: 'opens', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'by', type: 'string', list: false, optional: false },
      { name: 'config', type: 'string', list: false, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'load_state.lua', 1], [31, 'move.lua', 1], [46, 'repair.lua', 1], [73, 'open.lua', 1], [81, 'tell.lua', 1], [99, '', 0], [100, 'settle.lua', 28], [132, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A breaker's state as the store has it; the functions below change it, \`tell\` ends with it.
local function load_state(state, leases)
  local f = redis.call('HMGET', state, 'st', 'ep', 'at', 'un', 'op', 'ps', 'lp', 'tk', 'rs', 'by', 'cf')
  return {
    key = state,
    leases = leases,
    st = f[1] or 'closed',
    ep = tonumber(f[2] or 0),
    was = tonumber(f[2] or 0),
    at = tonumber(f[3] or 0),
    un = tonumber(f[4] or 0),
    op = tonumber(f[5] or 0),
    ps = tonumber(f[6] or 0),
    lp = tonumber(f[7] or 0),
    tk = tonumber(f[8] or 0),
    rs = f[9] or '',
    by = f[10] or '',
    cf = f[11] or '',
    seen = f[11] or '',
    changed = false,
  }
end
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
--@include move
-- Opens a breaker for the time that its number of openings demands.
local function open(s, reason, ask, now)
  local stable = s.st == 'closed' and now - s.at >= ask.stable
  local opens = stable and 1 or s.op + 1
  local span = math.min(ask.max, ask.open * 2 ^ (opens - 1))
  move(s, { st = 'open', un = now + math.floor(span * (1 + ask.jitter)), op = opens, rs = reason }, ask, now)
end
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
local function item(state, leases, name, channel, by, knownEpoch, knownState, knownRemainingMs, knownAgeMs, knownOpens, knownReason, maxOpenMs, probes, keepMs, openMs, jitter, stableMs, successes, token, outcome, nowMs)
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
end
local function placed(problem)
  local message = type(problem) == 'table' and problem.err or problem
  message = tostring(message)
  if string.find(message, 'user_script:', 1, true) then
    return message
  end
  for level = 3, 6 do
    local _, place = pcall(error, '', level)
    if type(place) == 'string' and string.find(place, 'user_script:', 1, true) then
      return place .. message
    end
  end
  return message
end
local replies = {}
for i = 0, #KEYS / 2 - 1 do
  local k, a = i * 2, i * 19
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      ARGV[a + 5],
      tonumber(ARGV[a + 6]),
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      ARGV[a + 9],
      tonumber(ARGV[a + 10]),
      tonumber(ARGV[a + 11]),
      tonumber(ARGV[a + 12]),
      tonumber(ARGV[a + 13]),
      tonumber(ARGV[a + 14]),
      tonumber(ARGV[a + 15]),
      tonumber(ARGV[a + 16]),
      tonumber(ARGV[a + 17]),
      ARGV[a + 18],
      tonumber(ARGV[a + 19])
    )
  end, placed)
  if not ok then
    reply = { '!error', reply }
  elseif type(reply) ~= 'table' then
    reply = { '!error', 'ended without a reply' }
  elseif reply.err then
    reply = { '!error', reply.err }
  end
  replies[i + 1] = reply
end
return replies
`,
};
