// Generated from the .lua files beside it by gen-lua; change those and run it again.
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
import type { Script } from '@bulletproof/kernel';

/** Arguments of {@link admit}. */
export interface AdmitArgs {
  readonly id: string;
  readonly digest: string;
  readonly queue: string;
  readonly envelope: string;
  readonly member: string;
  readonly nowMs?: number | undefined;
}

/** What {@link admit} answers. */
export type AdmitReply =
  | { readonly tag: 'admitted'; readonly token: number; readonly generation: number; readonly undone: number }
  | { readonly tag: 'known'; readonly id: string; readonly state: string; readonly queue: string; readonly token: number; readonly generation: number; readonly envelope: string | undefined }
  | { readonly tag: 'conflict'; readonly id: string };

/** Admits a call under its record, or answers which call already holds it. (admit.lua) */
export const admit: Script<'record' | 'open', AdmitArgs, AdmitReply> = {
  name: 'admit',
  sha1: '954d126e5fbc48513abc43ecf2acf4806defdf23',
  keys: ['record', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'digest', type: 'string', optional: false },
    { name: 'queue', type: 'string', optional: false },
    { name: 'envelope', type: 'string', optional: false },
    { name: 'member', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    admitted: [
      { name: 'token', type: 'integer', list: false, optional: false },
      { name: 'generation', type: 'integer', list: false, optional: false },
      { name: 'undone', type: 'integer', list: false, optional: false },
    ],
    known: [
      { name: 'id', type: 'string', list: false, optional: false },
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'queue', type: 'string', list: false, optional: false },
      { name: 'token', type: 'integer', list: false, optional: false },
      { name: 'generation', type: 'integer', list: false, optional: false },
      { name: 'envelope', type: 'string', list: false, optional: true },
    ],
    conflict: [
      { name: 'id', type: 'string', list: false, optional: false },
    ],
  },
  lines: [[1, 'now_us.lua', 1], [10, '', 0], [11, 'admit.lua', 16], [50, '', 0]],
  source: `-- The server's clock in microseconds since the epoch; \`override_ms\` stands in for it in tests. The number has 16 digits: write it
-- with string.format('%.0f', n), since \`..\` and tostring keep 14.
local function now_us(override_ms)
  if override_ms then
    return override_ms * 1000
  end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
local function item(record, open, id, digest, queue, envelope, member, nowMs)
--@include now_us
local f = redis.call('HMGET', record, 'st', 'id', 'dg', 'tk', 'gen', 'q', 'c', 'ptr', 'lu', 'un')
local state, holder = f[1], f[2]
local token, generation, lease, undone = now_us(nowMs), 1, nil, 0
local now = math.floor(token / 1000)

if f[8] then
  return { 'conflict', id }
end

if state then
  local free = (state == 'dead' or state == 'cancelled') and holder ~= id
  if f[3] ~= digest and not free then
    return { 'conflict', holder }
  end
  if not free then
    return { 'known', holder, state, f[6] or '', tonumber(f[4]), tonumber(f[5]), f[7] or '' }
  end
  token = math.max(token, tonumber(f[4]) + 1)
  generation = tonumber(f[5]) + 1
  lease, undone = f[9], tonumber(f[10] or 0)
  if f[3] ~= digest then
    redis.call('DEL', record) -- another input: what the dead call recorded does not apply
  else
    redis.call('HDEL', record, 'fa', 'ca')
    redis.call('PERSIST', record)
  end
end

redis.call('HSET', record, 'id', id, 'st', 'waiting', 'dg', digest, 'q', queue, 'c', envelope,
  'gen', generation, 'ats', 0, 'tk', string.format('%.0f', token), 'at', now)
if lease then
  redis.call('HSET', record, 'lu', lease) -- a cancelled run may still be at work: the next waits for its lease
end
if undone > 0 then
  redis.call('HSET', record, 'un', undone) -- it outlives what the record forgets
end
redis.call('ZADD', open, now, member)
return { 'admitted', token, generation, undone }
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
  local k, a = i * 2, i * 6
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      ARGV[a + 4],
      ARGV[a + 5],
      tonumber(ARGV[a + 6])
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

/** Arguments of {@link brief}. */
export interface BriefArgs {
  readonly member: string;
}

/** What {@link brief} answers. */
export type BriefReply =
  | { readonly tag: 'open'; readonly id: string; readonly queue: string; readonly generation: number }
  | { readonly tag: 'ended' };

/** Reads what of an open record leads to its delivery; a record that is gone is taken out of the index. (brief.lua) */
export const brief: Script<'record' | 'open', BriefArgs, BriefReply> = {
  name: 'brief',
  sha1: '7bfadfd20c6ee33a06166fd9bb978c835f7fb974',
  keys: ['record', 'open'],
  args: [
    { name: 'member', type: 'string', optional: false },
  ],
  replies: {
    open: [
      { name: 'id', type: 'string', list: false, optional: false },
      { name: 'queue', type: 'string', list: false, optional: false },
      { name: 'generation', type: 'integer', list: false, optional: false },
    ],
    ended: [],
  },
  lines: [[1, '', 0], [2, 'brief.lua', 9], [9, '', 0]],
  source: `local function item(record, open, member)
local f = redis.call('HMGET', record, 'st', 'id', 'q', 'gen')
local state = f[1]
if state == 'waiting' or state == 'running' or state == 'snoozed' then
  return { 'open', f[2], f[3], tonumber(f[4]) }
end
redis.call('ZREM', open, member) -- it expired, or was deleted by hand
return { 'ended' }
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
  local k, a = i * 2, i * 1
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1]
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

/** Arguments of {@link bury}. */
export interface BuryArgs {
  readonly id: string;
  readonly digest: string;
  readonly queue: string;
  readonly generation: number;
  readonly start: number;
  readonly token: number;
  readonly story: string;
  readonly keepMs: number;
  readonly member: string;
  readonly nowMs?: number | undefined;
}

/** What {@link bury} answers. */
export type BuryReply =
  | { readonly tag: 'buried' }
  | { readonly tag: 'cancelled'; readonly reason: string | undefined }
  | { readonly tag: 'lost' };

/** Settles a call as dead: its key is free again, its steps and its story are kept. (bury.lua) */
export const bury: Script<'record' | 'open' | 'dead' | 'deads' | 'ends', BuryArgs, BuryReply> = {
  name: 'bury',
  sha1: 'f4f9e2a7e09a99a81f6ef2645f50e65de4eaf8e7',
  keys: ['record', 'open', 'dead', 'deads', 'ends'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'digest', type: 'string', optional: false },
    { name: 'queue', type: 'string', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'start', type: 'integer', optional: false },
    { name: 'token', type: 'integer', optional: false },
    { name: 'story', type: 'string', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'member', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    buried: [],
    cancelled: [
      { name: 'reason', type: 'string', list: false, optional: true },
    ],
    lost: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'drop_ended.lua', 1], [17, '', 0], [18, 'bury.lua', 21], [49, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- Takes those that are kept no longer out of the lists of a tag's dead; 1,000 at most, so that nobody waits long for it.
local function drop_ended(deads, ends, now)
  local ended = redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)
  if #ended > 0 then
    redis.call('ZREM', deads, unpack(ended))
    redis.call('ZREM', ends, unpack(ended))
  end
end
local function item(record, open, dead, deads, ends, id, digest, queue, generation, start, token, story, keepMs, member, nowMs)
--@include now_ms
--@include drop_ended
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'ca')
local state = f[1]
local now = now_ms(nowMs)
if state then
  if f[2] ~= id or tonumber(f[3]) > token or state == 'done' then
    return { 'lost' }
  end
  if state == 'dead' then
    return { 'buried' }
  end
  if state == 'cancelled' then
    redis.call('HDEL', record, 'lu')
    return { 'cancelled', f[4] or '' }
  end
end
redis.call('HDEL', record, 'c', 'lu', 'su')
redis.call('HSET', record, 'id', id, 'st', 'dead', 'dg', digest, 'q', queue, 'gen', generation, 'ats', start,
  'tk', string.format('%.0f', token), 'fa', now)
redis.call('PEXPIRE', record, keepMs)
redis.call('ZREM', open, member)
redis.call('HSET', dead, 'story', story, 'at', now)
redis.call('PEXPIRE', dead, keepMs)
drop_ended(deads, ends, now)
redis.call('ZADD', deads, now, id)
redis.call('ZADD', ends, now + keepMs, id)
local left = tonumber(redis.call('ZREVRANGE', ends, 0, 0, 'WITHSCORES')[2]) - now
redis.call('PEXPIRE', deads, left)
redis.call('PEXPIRE', ends, left)
return { 'buried' }
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
for i = 0, #KEYS / 5 - 1 do
  local k, a = i * 5, i * 10
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      KEYS[k + 3],
      KEYS[k + 4],
      KEYS[k + 5],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      tonumber(ARGV[a + 5]),
      tonumber(ARGV[a + 6]),
      ARGV[a + 7],
      tonumber(ARGV[a + 8]),
      ARGV[a + 9],
      tonumber(ARGV[a + 10])
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

/** Arguments of {@link cancel}. */
export interface CancelArgs {
  readonly id: string;
  readonly keyed: number;
  readonly reason: string;
  readonly queue: string;
  readonly create: number;
  readonly idle: number;
  readonly leaseMs: number;
  readonly keepMs: number;
  readonly member: string;
  readonly nowMs?: number | undefined;
}

/** What {@link cancel} answers. */
export type CancelReply =
  | { readonly tag: 'cancelled'; readonly queue: string; readonly generation: number }
  | { readonly tag: 'settled'; readonly state: string }
  | { readonly tag: 'superseded'; readonly id: string }
  | { readonly tag: 'unknown' };

/** Cancels a call that is not settled; a run that may be at work keeps its lease until it has stopped. (cancel.lua) */
export const cancel: Script<'record' | 'open' | 'gone', CancelArgs, CancelReply> = {
  name: 'cancel',
  sha1: '4e0bcbcca9d0209f32816451939d1d9eb17a9598',
  keys: ['record', 'open', 'gone'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'keyed', type: 'integer', optional: false },
    { name: 'reason', type: 'string', optional: false },
    { name: 'queue', type: 'string', optional: false },
    { name: 'create', type: 'integer', optional: false },
    { name: 'idle', type: 'integer', optional: false },
    { name: 'leaseMs', type: 'integer', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'member', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    cancelled: [
      { name: 'queue', type: 'string', list: false, optional: false },
      { name: 'generation', type: 'integer', list: false, optional: false },
    ],
    settled: [
      { name: 'state', type: 'string', list: false, optional: false },
    ],
    superseded: [
      { name: 'id', type: 'string', list: false, optional: false },
    ],
    unknown: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'cancel.lua', 19], [42, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(record, open, gone, id, keyed, reason, queue, create, idle, leaseMs, keepMs, member, nowMs)
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'q', 'gen', 'lu')
local state = f[1]
local now = now_ms(nowMs)
if state then
  if f[2] ~= id then
    return { 'superseded', f[2] }
  end
  if state == 'done' or state == 'dead' then
    return { 'settled', state }
  end
elseif create == 1 then
  redis.call('HSET', record, 'id', id, 'dg', '', 'q', queue, 'gen', 1, 'ats', 0, 'tk', 0, 'at', now)
  f[3], f[4] = queue, '1'
else
  return { 'unknown' }
end
if state ~= 'cancelled' then
  redis.call('HSET', record, 'st', 'cancelled', 'ca', reason, 'fa', now)
  redis.call('HDEL', record, 'c', 'su')
  redis.call('PEXPIRE', record, keepMs)
  redis.call('ZREM', open, member)
  if keyed == 1 then
    redis.call('SET', gone, reason, 'PX', keepMs)
  end
end
if idle == 1 then
  redis.call('HDEL', record, 'lu')
elseif state ~= 'cancelled' then
  redis.call('HSET', record, 'lu', math.max(tonumber(f[5] or 0), now + leaseMs))
end
return { 'cancelled', f[3] or '', tonumber(f[4]) }
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
for i = 0, #KEYS / 3 - 1 do
  local k, a = i * 3, i * 10
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      KEYS[k + 3],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      ARGV[a + 3],
      ARGV[a + 4],
      tonumber(ARGV[a + 5]),
      tonumber(ARGV[a + 6]),
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      ARGV[a + 9],
      tonumber(ARGV[a + 10])
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

/** Arguments of {@link claim}. */
export interface ClaimArgs {
  readonly id: string;
  readonly digest: string;
  readonly queue: string;
  readonly generation: number;
  readonly start: number;
  readonly token: number;
  readonly leaseMs: number;
  readonly ttlMs: number;
  readonly member: string;
  readonly nowMs?: number | undefined;
}

/** What {@link claim} answers. */
export type ClaimReply =
  | { readonly tag: 'claimed'; readonly token: number; readonly undone: number; readonly steps: readonly string[] }
  | { readonly tag: 'held'; readonly leaseLeftMs: number }
  | { readonly tag: 'done'; readonly result: string | undefined }
  | { readonly tag: 'dead' }
  | { readonly tag: 'cancelled'; readonly reason: string | undefined }
  | { readonly tag: 'superseded'; readonly id: string }
  | { readonly tag: 'stale' };

/** Makes one run the newest holder of its call, or says why it must not run. (claim.lua) */
export const claim: Script<'record' | 'open', ClaimArgs, ClaimReply> = {
  name: 'claim',
  sha1: '6f844f65479ec00f445c26b58e7f4faae7440014',
  keys: ['record', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'digest', type: 'string', optional: false },
    { name: 'queue', type: 'string', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'start', type: 'integer', optional: false },
    { name: 'token', type: 'integer', optional: false },
    { name: 'leaseMs', type: 'integer', optional: false },
    { name: 'ttlMs', type: 'integer', optional: false },
    { name: 'member', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    claimed: [
      { name: 'token', type: 'integer', list: false, optional: false },
      { name: 'undone', type: 'integer', list: false, optional: false },
      { name: 'steps', type: 'string', list: true, optional: false },
    ],
    held: [
      { name: 'leaseLeftMs', type: 'integer', list: false, optional: false },
    ],
    done: [
      { name: 'result', type: 'string', list: false, optional: true },
    ],
    dead: [],
    cancelled: [
      { name: 'reason', type: 'string', list: false, optional: true },
    ],
    superseded: [
      { name: 'id', type: 'string', list: false, optional: false },
    ],
    stale: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'now_us.lua', 1], [18, 'steps_of.lua', 1], [33, '', 0], [34, 'claim.lua', 24], [84, '', 0]],
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
-- The recorded steps of a call, as name, value, name, value, … in no order.
local function steps_of(record)
  local steps = {}
  if redis.call('HEXISTS', record, 'sn') == 0 then
    return steps
  end
  local all = redis.call('HGETALL', record)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 's:' then
      steps[#steps + 1] = string.sub(all[i], 3)
      steps[#steps + 1] = all[i + 1]
    end
  end
  return steps
end
local function item(record, open, id, digest, queue, generation, start, token, leaseMs, ttlMs, member, nowMs)
--@include now_ms
--@include now_us
--@include steps_of
local f = redis.call('HMGET', record, 'st', 'id', 'gen', 'ats', 'tk', 'lu', 'r', 'ca', 'un')
local state = f[1]
local now = now_ms(nowMs)

if state then
  if f[2] ~= id then
    return { 'superseded', f[2] }
  end
  if generation < tonumber(f[3]) then
    return { 'superseded', id } -- the delivery was made again; this one has nothing to do any more
  end
  if state == 'done' then
    return { 'done', f[7] or '' }
  elseif state == 'dead' then
    return { 'dead' }
  elseif state == 'cancelled' then
    return { 'cancelled', f[8] or '' }
  end
  local sameDelivery = generation == tonumber(f[3])
  if sameDelivery and start < tonumber(f[4]) then
    return { 'stale' }
  end
  local replay = sameDelivery and start == tonumber(f[4])
  local left = tonumber(f[6] or 0) - now
  if left > 0 and not replay then
    return { 'held', left }
  end
  if replay then
    token = tonumber(f[5])
  else
    token = math.max(now_us(nowMs), token + 1, tonumber(f[5]) + 1)
  end
else
  token = math.max(now_us(nowMs), token + 1)
  redis.call('HSET', record, 'id', id, 'dg', digest, 'q', queue, 'at', now)
  if ttlMs == 0 then
    redis.call('ZADD', open, now, member)
  end
end

redis.call('HSET', record, 'st', 'running', 'gen', generation, 'ats', start,
  'tk', string.format('%.0f', token), 'lu', now + leaseMs)
redis.call('HDEL', record, 'su')
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs)
end
return { 'claimed', token, tonumber(f[9] or 0), steps_of(record) }
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
  local k, a = i * 2, i * 10
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      tonumber(ARGV[a + 5]),
      tonumber(ARGV[a + 6]),
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      ARGV[a + 9],
      tonumber(ARGV[a + 10])
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

/** Arguments of {@link complete}. */
export interface CompleteArgs {
  readonly id: string;
  readonly digest: string;
  readonly queue: string;
  readonly generation: number;
  readonly start: number;
  readonly token: number;
  readonly result: string;
  readonly keepForMs: number;
  readonly member: string;
  readonly nowMs?: number | undefined;
}

/** What {@link complete} answers. */
export type CompleteReply =
  | { readonly tag: 'completed' }
  | { readonly tag: 'cancelled'; readonly reason: string | undefined }
  | { readonly tag: 'lost' };

/** Settles a call as done with its result, unless a newer run holds it or it was cancelled. (complete.lua) */
export const complete: Script<'record' | 'open', CompleteArgs, CompleteReply> = {
  name: 'complete',
  sha1: 'efe4896f223d68878b24de8f055a6291fb85eb68',
  keys: ['record', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'digest', type: 'string', optional: false },
    { name: 'queue', type: 'string', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'start', type: 'integer', optional: false },
    { name: 'token', type: 'integer', optional: false },
    { name: 'result', type: 'string', optional: false },
    { name: 'keepForMs', type: 'integer', optional: false },
    { name: 'member', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    completed: [],
    cancelled: [
      { name: 'reason', type: 'string', list: false, optional: true },
    ],
    lost: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'complete.lua', 18], [42, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(record, open, id, digest, queue, generation, start, token, result, keepForMs, member, nowMs)
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'ca', 'sn', 'un')
local state = f[1]
if state then
  if f[2] ~= id or tonumber(f[3]) > token or state == 'dead' then
    return { 'lost' }
  end
  if state == 'done' then
    return { 'completed' }
  end
  if state == 'cancelled' then
    redis.call('HDEL', record, 'lu')
    return { 'cancelled', f[4] or '' }
  end
  if f[5] then
    redis.call('DEL', record) -- the steps have served
    state = nil
    if f[6] then
      redis.call('HSET', record, 'un', f[6])
    end
  else
    redis.call('HDEL', record, 'c', 'lu', 'su')
  end
end
redis.call('HSET', record, 'st', 'done', 'q', queue, 'gen', generation, 'ats', start, 'fa', now_ms(nowMs), 'r', result)
-- Under the run's own token the record says this already, which is nearly always.
if not state or tonumber(f[3]) ~= token then
  redis.call('HSET', record, 'id', id, 'dg', digest, 'tk', string.format('%.0f', token))
end
redis.call('PEXPIRE', record, keepForMs)
redis.call('ZREM', open, member)
return { 'completed' }
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
  local k, a = i * 2, i * 10
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      tonumber(ARGV[a + 5]),
      tonumber(ARGV[a + 6]),
      ARGV[a + 7],
      tonumber(ARGV[a + 8]),
      ARGV[a + 9],
      tonumber(ARGV[a + 10])
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

/** Arguments of {@link discard}. */
export interface DiscardArgs {
  readonly id: string;
}

/** What {@link discard} answers. */
export type DiscardReply =
  | { readonly tag: 'discarded' }
  | { readonly tag: 'unknown' };

/** Forgets a dead call's story; its record goes on freeing the key and keeping its steps until it expires. (discard.lua) */
export const discard: Script<'dead' | 'deads' | 'ends', DiscardArgs, DiscardReply> = {
  name: 'discard',
  sha1: '08e54044f0b802d94c184c91cadfb9443fd8d324',
  keys: ['dead', 'deads', 'ends'],
  args: [
    { name: 'id', type: 'string', optional: false },
  ],
  replies: {
    discarded: [],
    unknown: [],
  },
  lines: [[1, '', 0], [2, 'discard.lua', 10], [8, '', 0]],
  source: `local function item(dead, deads, ends, id)
redis.call('ZREM', deads, id)
redis.call('ZREM', ends, id)
if redis.call('DEL', dead) == 1 then
  return { 'discarded' }
end
return { 'unknown' }
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
for i = 0, #KEYS / 3 - 1 do
  local k, a = i * 3, i * 1
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      KEYS[k + 3],
      ARGV[a + 1]
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

/** Arguments of {@link inspect}. */
export interface InspectArgs {
  readonly nowMs?: number | undefined;
}

/** What {@link inspect} answers. */
export type InspectReply =
  | { readonly tag: 'found'; readonly id: string; readonly state: string; readonly queue: string; readonly generation: number; readonly token: number; readonly start: number; readonly leaseLeftMs: number; readonly enqueuedAtMs: number | undefined; readonly finishedAtMs: number | undefined; readonly snoozedUntilMs: number | undefined; readonly result: string | undefined; readonly reason: string | undefined; readonly envelope: string | undefined; readonly story: string | undefined; readonly diedAtMs: number | undefined; readonly cancelledFor: string | undefined }
  | { readonly tag: 'pointer'; readonly address: string }
  | { readonly tag: 'missing'; readonly story: string | undefined; readonly diedAtMs: number | undefined; readonly cancelledFor: string | undefined };

/** Reads a call's record and, when it is dead, its story. (inspect.lua) */
export const inspect: Script<'record' | 'dead' | 'gone', InspectArgs, InspectReply> = {
  name: 'inspect',
  sha1: 'a7ff22b9bbdd7949bd08c9cf51d41d884679c348',
  keys: ['record', 'dead', 'gone'],
  args: [
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    found: [
      { name: 'id', type: 'string', list: false, optional: false },
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'queue', type: 'string', list: false, optional: false },
      { name: 'generation', type: 'integer', list: false, optional: false },
      { name: 'token', type: 'integer', list: false, optional: false },
      { name: 'start', type: 'integer', list: false, optional: false },
      { name: 'leaseLeftMs', type: 'integer', list: false, optional: false },
      { name: 'enqueuedAtMs', type: 'integer', list: false, optional: true },
      { name: 'finishedAtMs', type: 'integer', list: false, optional: true },
      { name: 'snoozedUntilMs', type: 'integer', list: false, optional: true },
      { name: 'result', type: 'string', list: false, optional: true },
      { name: 'reason', type: 'string', list: false, optional: true },
      { name: 'envelope', type: 'string', list: false, optional: true },
      { name: 'story', type: 'string', list: false, optional: true },
      { name: 'diedAtMs', type: 'integer', list: false, optional: true },
      { name: 'cancelledFor', type: 'string', list: false, optional: true },
    ],
    pointer: [
      { name: 'address', type: 'string', list: false, optional: false },
    ],
    missing: [
      { name: 'story', type: 'string', list: false, optional: true },
      { name: 'diedAtMs', type: 'integer', list: false, optional: true },
      { name: 'cancelledFor', type: 'string', list: false, optional: true },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'inspect.lua', 12], [23, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(record, dead, gone, nowMs)
--@include now_ms
local f = redis.call('HMGET', record, 'id', 'st', 'q', 'gen', 'tk', 'ats', 'lu', 'at', 'fa', 'su', 'r', 'ca', 'c', 'ptr')
local story = redis.call('HMGET', dead, 'story', 'at')
local cancelled_for = redis.call('GET', gone) or ''
if f[14] then
  return { 'pointer', f[14] }
end
if not f[2] then
  return { 'missing', story[1] or '', tonumber(story[2]) or '', cancelled_for }
end
local left = math.max(0, tonumber(f[7] or 0) - now_ms(nowMs))
return { 'found', f[1], f[2], f[3] or '', tonumber(f[4]), tonumber(f[5]), tonumber(f[6]), left, tonumber(f[8]) or '',
  tonumber(f[9]) or '', tonumber(f[10]) or '', f[11] or '', f[12] or '', f[13] or '', story[1] or '', tonumber(story[2]) or '', cancelled_for }
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
for i = 0, #KEYS / 3 - 1 do
  local k, a = i * 3, i * 1
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      KEYS[k + 3],
      tonumber(ARGV[a + 1])
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

/** Arguments of {@link list}. */
export interface ListArgs {
  readonly before: string;
  readonly count: number;
  readonly nowMs?: number | undefined;
}

/** What {@link list} answers. */
export type ListReply =
  | { readonly tag: 'page'; readonly entries: readonly string[] };

/** Lists ids of dead calls of one tag, newest first. (list.lua) */
export const list: Script<'deads' | 'ends', ListArgs, ListReply> = {
  name: 'list',
  sha1: '02aa8d77f28d443cb4d99d6b646efe2023b4c795',
  keys: ['deads', 'ends'],
  args: [
    { name: 'before', type: 'string', optional: false },
    { name: 'count', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    page: [
      { name: 'entries', type: 'string', list: true, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'drop_ended.lua', 1], [17, '', 0], [18, 'list.lua', 11], [22, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- Takes those that are kept no longer out of the lists of a tag's dead; 1,000 at most, so that nobody waits long for it.
local function drop_ended(deads, ends, now)
  local ended = redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)
  if #ended > 0 then
    redis.call('ZREM', deads, unpack(ended))
    redis.call('ZREM', ends, unpack(ended))
  end
end
local function item(deads, ends, before, count, nowMs)
--@include now_ms
--@include drop_ended
drop_ended(deads, ends, now_ms(nowMs))
return { 'page', redis.call('ZREVRANGEBYSCORE', deads, before, '-inf', 'WITHSCORES', 'LIMIT', 0, count) }
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
  local k, a = i * 2, i * 3
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      tonumber(ARGV[a + 3])
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

/** Arguments of {@link point}. */
export interface PointArgs {
  readonly address: string;
  readonly ttlMs: number;
}

/** What {@link point} answers. */
export type PointReply =
  | { readonly tag: 'pointed' }
  | { readonly tag: 'taken' };

/** Binds an explicit call id to the idempotency key that its record lives under. (point.lua) */
export const point: Script<'pointer', PointArgs, PointReply> = {
  name: 'point',
  sha1: 'ed6f397a51d5e1d209dc7b7e43ba0c876b4ce2b3',
  keys: ['pointer'],
  args: [
    { name: 'address', type: 'string', optional: false },
    { name: 'ttlMs', type: 'integer', optional: false },
  ],
  replies: {
    pointed: [],
    taken: [],
  },
  lines: [[1, '', 0], [2, 'point.lua', 9], [10, '', 0]],
  source: `local function item(pointer, address, ttlMs)
local f = redis.call('HMGET', pointer, 'ptr', 'st')
if (f[2] and f[2] ~= 'pointer') or (f[1] and f[1] ~= address) then
  return { 'taken' }
end
-- a record of nobody's: runs of a call that had this id before are refused as those of any other call
redis.call('HSET', pointer, 'ptr', address, 'st', 'pointer', 'id', '')
redis.call('PEXPIRE', pointer, ttlMs)
return { 'pointed' }
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
for i = 0, #KEYS / 1 - 1 do
  local k, a = i * 1, i * 2
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      ARGV[a + 1],
      tonumber(ARGV[a + 2])
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

/** Arguments of {@link redeliver}. */
export interface RedeliverArgs {
  readonly id: string;
  readonly generation: number;
  readonly queue?: string | undefined;
  readonly envelope?: string | undefined;
  readonly nowMs?: number | undefined;
}

/** What {@link redeliver} answers. */
export type RedeliverReply =
  | { readonly tag: 'redelivered'; readonly token: number; readonly generation: number; readonly envelope: string }
  | { readonly tag: 'held'; readonly leaseLeftMs: number }
  | { readonly tag: 'moved' };

/** Raises the generation of an open call whose delivery is lost, so that a new one can be made and the old one, should it turn up, has nothing to do. (redeliver.lua) */
export const redeliver: Script<'record', RedeliverArgs, RedeliverReply> = {
  name: 'redeliver',
  sha1: '8f0e5a0377b7ab4006b6cd17bdaba0f7023f85d1',
  keys: ['record'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'queue', type: 'string', optional: true },
    { name: 'envelope', type: 'string', optional: true },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    redelivered: [
      { name: 'token', type: 'integer', list: false, optional: false },
      { name: 'generation', type: 'integer', list: false, optional: false },
      { name: 'envelope', type: 'string', list: false, optional: false },
    ],
    held: [
      { name: 'leaseLeftMs', type: 'integer', list: false, optional: false },
    ],
    moved: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'now_us.lua', 1], [18, '', 0], [19, 'redeliver.lua', 14], [38, '', 0]],
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
local function item(record, id, generation, queue, envelope, nowMs)
--@include now_ms
--@include now_us
local f = redis.call('HMGET', record, 'st', 'id', 'gen', 'tk', 'lu', 'c')
local state = f[1]
local is_open = state == 'waiting' or state == 'running' or state == 'snoozed'
if not is_open or f[2] ~= id or tonumber(f[3]) ~= generation or (f[6] or '') == '' then
  return { 'moved' }
end
local left = tonumber(f[5] or 0) - now_ms(nowMs)
if left > 0 then
  return { 'held', left }
end
local token = math.max(now_us(nowMs), tonumber(f[4]) + 1)
redis.call('HSET', record, 'st', 'waiting', 'gen', generation + 1, 'ats', 0, 'tk', string.format('%.0f', token))
redis.call('HDEL', record, 'lu', 'su')
if queue and envelope then
  redis.call('HSET', record, 'q', queue, 'c', envelope)
end
return { 'redelivered', token, generation + 1, envelope or f[6] }
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
for i = 0, #KEYS / 1 - 1 do
  local k, a = i * 1, i * 5
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      ARGV[a + 3] ~= '' and ARGV[a + 3] or nil,
      ARGV[a + 4] ~= '' and ARGV[a + 4] or nil,
      tonumber(ARGV[a + 5])
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
  readonly id: string;
  readonly digest: string;
  readonly queue: string;
  readonly generation: number;
  readonly start: number;
  readonly token: number;
  readonly untilMs?: number | undefined;
  readonly create: number;
  readonly ttlMs: number;
  readonly member: string;
  readonly nowMs?: number | undefined;
}

/** What {@link release} answers. */
export type ReleaseReply =
  | { readonly tag: 'released' }
  | { readonly tag: 'lost' }
  | { readonly tag: 'cancelled'; readonly reason: string | undefined }
  | { readonly tag: 'unknown' };

/** Ends a run that did not settle its call (retry, snooze, hand-back): the lease goes, the call waits. (release.lua) */
export const release: Script<'record' | 'open', ReleaseArgs, ReleaseReply> = {
  name: 'release',
  sha1: '6200d35f970b5338082e5296bb8ed13d92600076',
  keys: ['record', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'digest', type: 'string', optional: false },
    { name: 'queue', type: 'string', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'start', type: 'integer', optional: false },
    { name: 'token', type: 'integer', optional: false },
    { name: 'untilMs', type: 'integer', optional: true },
    { name: 'create', type: 'integer', optional: false },
    { name: 'ttlMs', type: 'integer', optional: false },
    { name: 'member', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    released: [],
    lost: [],
    cancelled: [
      { name: 'reason', type: 'string', list: false, optional: true },
    ],
    unknown: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'release.lua', 19], [40, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(record, open, id, digest, queue, generation, start, token, untilMs, create, ttlMs, member, nowMs)
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'ca')
local state = f[1]
local now = now_ms(nowMs)
if state then
  if f[2] ~= id or tonumber(f[3]) > token or state == 'done' or state == 'dead' then
    return { 'lost' }
  end
  redis.call('HDEL', record, 'lu')
  if state == 'cancelled' then
    return { 'cancelled', f[4] or '' }
  end
elseif create == 1 then
  redis.call('HSET', record, 'id', id, 'dg', digest, 'q', queue, 'at', now)
  if ttlMs == 0 then
    redis.call('ZADD', open, now, member)
  end
else
  return { 'unknown' }
end
redis.call('HSET', record, 'gen', generation, 'ats', start, 'tk', string.format('%.0f', token))
if untilMs then
  redis.call('HSET', record, 'st', 'snoozed', 'su', untilMs)
else
  redis.call('HSET', record, 'st', 'waiting')
end
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs + math.max(0, (untilMs or now) - now))
end
return { 'released' }
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
  local k, a = i * 2, i * 11
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      tonumber(ARGV[a + 5]),
      tonumber(ARGV[a + 6]),
      tonumber(ARGV[a + 7]),
      tonumber(ARGV[a + 8]),
      tonumber(ARGV[a + 9]),
      ARGV[a + 10],
      tonumber(ARGV[a + 11])
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

/** Arguments of {@link renew}. */
export interface RenewArgs {
  readonly id: string;
  readonly generation: number;
  readonly start: number;
  readonly token: number;
  readonly leaseMs: number;
  readonly ttlMs: number;
  readonly nowMs?: number | undefined;
}

/** What {@link renew} answers. */
export type RenewReply =
  | { readonly tag: 'kept' }
  | { readonly tag: 'lost' }
  | { readonly tag: 'cancelled'; readonly reason: string | undefined }
  | { readonly tag: 'unknown' };

/** Extends the lease of a run that goes on, and tells it when it has lost the call or must stop. (renew.lua) */
export const renew: Script<'record', RenewArgs, RenewReply> = {
  name: 'renew',
  sha1: 'cbc4227923ef429fbad3a4a7ce517e6120b781dc',
  keys: ['record'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'start', type: 'integer', optional: false },
    { name: 'token', type: 'integer', optional: false },
    { name: 'leaseMs', type: 'integer', optional: false },
    { name: 'ttlMs', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    kept: [],
    lost: [],
    cancelled: [
      { name: 'reason', type: 'string', list: false, optional: true },
    ],
    unknown: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'renew.lua', 14], [32, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(record, id, generation, start, token, leaseMs, ttlMs, nowMs)
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'ca', 'gen', 'ats')
local state = f[1]
if not state then
  return { 'unknown' }
end
if f[2] ~= id or tonumber(f[3]) > token or state == 'done' or state == 'dead' then
  return { 'lost' }
end
if (state == 'waiting' or state == 'snoozed') and tonumber(f[5]) == generation and tonumber(f[6]) == start then
  return { 'lost' } -- this run has given its call back
end
redis.call('HSET', record, 'gen', generation, 'ats', start, 'tk', string.format('%.0f', token),
  'lu', now_ms(nowMs) + leaseMs)
if state == 'cancelled' then
  return { 'cancelled', f[4] or '' }
end
redis.call('HSET', record, 'st', 'running')
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs)
end
return { 'kept' }
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
for i = 0, #KEYS / 1 - 1 do
  local k, a = i * 1, i * 7
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]),
      tonumber(ARGV[a + 5]),
      tonumber(ARGV[a + 6]),
      tonumber(ARGV[a + 7])
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

/** Arguments of {@link revive}. */
export interface ReviveArgs {
  readonly id: string;
  readonly keyed: number;
  readonly digest: string;
  readonly queue: string;
  readonly envelope: string;
  readonly ttlMs: number;
  readonly member: string;
  readonly nowMs?: number | undefined;
}

/** What {@link revive} answers. */
export type ReviveReply =
  | { readonly tag: 'revived'; readonly token: number; readonly generation: number }
  | { readonly tag: 'superseded'; readonly id: string | undefined }
  | { readonly tag: 'unknown'; readonly state: string | undefined };

/** Brings a dead call back under its key with its recorded steps, unless a newer call took the key. (revive.lua) */
export const revive: Script<'record' | 'open' | 'dead' | 'deads' | 'ends', ReviveArgs, ReviveReply> = {
  name: 'revive',
  sha1: '5a21abc424a4f50dae98dd28c4aab15a1507ac7c',
  keys: ['record', 'open', 'dead', 'deads', 'ends'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'keyed', type: 'integer', optional: false },
    { name: 'digest', type: 'string', optional: false },
    { name: 'queue', type: 'string', optional: false },
    { name: 'envelope', type: 'string', optional: false },
    { name: 'ttlMs', type: 'integer', optional: false },
    { name: 'member', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    revived: [
      { name: 'token', type: 'integer', list: false, optional: false },
      { name: 'generation', type: 'integer', list: false, optional: false },
    ],
    superseded: [
      { name: 'id', type: 'string', list: false, optional: true },
    ],
    unknown: [
      { name: 'state', type: 'string', list: false, optional: true },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'now_us.lua', 1], [18, '', 0], [19, 'revive.lua', 19], [54, '', 0]],
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
local function item(record, open, dead, deads, ends, id, keyed, digest, queue, envelope, ttlMs, member, nowMs)
--@include now_ms
--@include now_us
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'gen', 'ats')
local state = f[1]
local now = now_ms(nowMs)
if state and f[2] ~= id then
  return { 'superseded', f[2] }
end
if state == 'waiting' and f[5] == '0' and tonumber(f[4]) > 1 then
  return { 'revived', tonumber(f[3]), tonumber(f[4]) } -- already, and not started since
end
if (state and state ~= 'dead') or redis.call('EXISTS', dead) == 0 then
  return { 'unknown', state or '' }
end
if not state and keyed == 1 then
  return { 'superseded', '' } -- record and story end together: another call has had the record since
end
local token, generation = now_us(nowMs), 2
if state then
  token = math.max(token, tonumber(f[3]) + 1)
  generation = tonumber(f[4]) + 1
end
redis.call('HDEL', record, 'fa')
redis.call('HSET', record, 'id', id, 'st', 'waiting', 'dg', digest, 'q', queue, 'c', envelope,
  'gen', generation, 'ats', 0, 'tk', string.format('%.0f', token), 'at', now)
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs)
else
  redis.call('PERSIST', record)
end
redis.call('ZADD', open, now, member)
redis.call('DEL', dead)
redis.call('ZREM', deads, id)
redis.call('ZREM', ends, id)
return { 'revived', token, generation }
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
for i = 0, #KEYS / 5 - 1 do
  local k, a = i * 5, i * 8
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      KEYS[k + 3],
      KEYS[k + 4],
      KEYS[k + 5],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      ARGV[a + 3],
      ARGV[a + 4],
      ARGV[a + 5],
      tonumber(ARGV[a + 6]),
      ARGV[a + 7],
      tonumber(ARGV[a + 8])
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

/** Arguments of {@link step}. */
export interface StepArgs {
  readonly id: string;
  readonly digest: string;
  readonly queue: string;
  readonly generation: number;
  readonly start: number;
  readonly token: number;
  readonly name: string;
  readonly value: string;
  readonly leaseMs: number;
  readonly ttlMs: number;
  readonly member: string;
  readonly nowMs?: number | undefined;
}

/** What {@link step} answers. */
export type StepReply =
  | { readonly tag: 'recorded' }
  | { readonly tag: 'lost' };

/** Records the result of a step, unless a newer run holds the call. (step.lua) */
export const step: Script<'record' | 'open', StepArgs, StepReply> = {
  name: 'step',
  sha1: '9ab935e933f3a3943ad431ec12726b01928cd6d4',
  keys: ['record', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'digest', type: 'string', optional: false },
    { name: 'queue', type: 'string', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'start', type: 'integer', optional: false },
    { name: 'token', type: 'integer', optional: false },
    { name: 'name', type: 'string', optional: false },
    { name: 'value', type: 'string', optional: false },
    { name: 'leaseMs', type: 'integer', optional: false },
    { name: 'ttlMs', type: 'integer', optional: false },
    { name: 'member', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    recorded: [],
    lost: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'step.lua', 20], [38, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(record, open, id, digest, queue, generation, start, token, name, value, leaseMs, ttlMs, member, nowMs)
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'tk', 'gen', 'ats')
local state = f[1]
local now = now_ms(nowMs)
local released = false
if state then
  -- a cancelled run may still record: its effect has happened, and the next call under the key inherits it
  if f[2] ~= id or tonumber(f[3]) > token or state == 'done' or state == 'dead' then
    return { 'lost' }
  end
  released = (state == 'waiting' or state == 'snoozed') and tonumber(f[4]) == generation and tonumber(f[5]) == start
else
  redis.call('HSET', record, 'id', id, 'dg', digest, 'q', queue, 'at', now)
  if ttlMs == 0 then
    redis.call('ZADD', open, now, member)
  end
end
redis.call('HSET', record, 's:' .. name, value, 'sn', 1)
if not released then -- a run that has ended has no lease to extend; what it did is remembered all the same
  redis.call('HSET', record, 'gen', generation, 'ats', start, 'tk', string.format('%.0f', token), 'lu', now + leaseMs)
  if state ~= 'cancelled' then
    redis.call('HSET', record, 'st', 'running')
  end
end
if ttlMs > 0 then
  redis.call('PEXPIRE', record, ttlMs)
end
return { 'recorded' }
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
  local k, a = i * 2, i * 12
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
      tonumber(ARGV[a + 5]),
      tonumber(ARGV[a + 6]),
      ARGV[a + 7],
      ARGV[a + 8],
      tonumber(ARGV[a + 9]),
      tonumber(ARGV[a + 10]),
      ARGV[a + 11],
      tonumber(ARGV[a + 12])
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

/** Arguments of {@link survey}. */
export interface SurveyArgs {
  readonly beforeMs: number;
  readonly cursor: string;
  readonly count: number;
}

/** What {@link survey} answers. */
export type SurveyReply =
  | { readonly tag: 'page'; readonly cursor: string; readonly members: readonly string[] };

/** Lists a part of the records of one tag that are not settled; a record that is open throughout a survey is in one of its parts. (survey.lua) */
export const survey: Script<'open', SurveyArgs, SurveyReply> = {
  name: 'survey',
  sha1: '56643fd76573d7a6a3ca3122441e817ebcbea7b7',
  keys: ['open'],
  args: [
    { name: 'beforeMs', type: 'integer', optional: false },
    { name: 'cursor', type: 'string', optional: false },
    { name: 'count', type: 'integer', optional: false },
  ],
  replies: {
    page: [
      { name: 'cursor', type: 'string', list: false, optional: false },
      { name: 'members', type: 'string', list: true, optional: false },
    ],
  },
  lines: [[1, '', 0], [2, 'survey.lua', 10], [10, '', 0]],
  source: `local function item(open, beforeMs, cursor, count)
local scan = redis.call('ZSCAN', open, cursor, 'COUNT', count)
local members = {}
for i = 1, #scan[2], 2 do
  if tonumber(scan[2][i + 1]) <= beforeMs then
    members[#members + 1] = scan[2][i]
  end
end
return { 'page', scan[1], members }
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
for i = 0, #KEYS / 1 - 1 do
  local k, a = i * 1, i * 3
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      tonumber(ARGV[a + 1]),
      ARGV[a + 2],
      tonumber(ARGV[a + 3])
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

/** Arguments of {@link undo}. */
export interface UndoArgs {
  readonly id: string;
  readonly keepMs: number;
  readonly nowMs?: number | undefined;
}

/** What {@link undo} answers. */
export type UndoReply =
  | { readonly tag: 'undone'; readonly times: number }
  | { readonly tag: 'moved' };

/** Frees the key of a call whose effect was undone: the next call under it is another effect. (undo.lua) */
export const undo: Script<'record', UndoArgs, UndoReply> = {
  name: 'undo',
  sha1: '7271d79b356ef77fb9b58b3a1ea324f46fd197ca',
  keys: ['record'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    undone: [
      { name: 'times', type: 'integer', list: false, optional: false },
    ],
    moved: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'undo.lua', 10], [24, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(record, id, keepMs, nowMs)
--@include now_ms
local f = redis.call('HMGET', record, 'st', 'id', 'un', 'ca')
local times = tonumber(f[3] or 0)
if f[2] ~= id then
  return { 'moved' }
elseif f[1] == 'cancelled' and f[4] == 'undone' then
  return { 'undone', times }
elseif f[1] ~= 'done' then
  return { 'moved' }
end
redis.call('HSET', record, 'st', 'cancelled', 'ca', 'undone', 'un', times + 1, 'fa', now_ms(nowMs))
redis.call('HDEL', record, 'r')
redis.call('PEXPIRE', record, keepMs)
return { 'undone', times + 1 }
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
for i = 0, #KEYS / 1 - 1 do
  local k, a = i * 1, i * 3
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      tonumber(ARGV[a + 3])
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
