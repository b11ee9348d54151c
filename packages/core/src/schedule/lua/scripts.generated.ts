// Generated from the .lua files beside it by gen-lua; change those and run it again.
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
import type { Script } from '@bulletproof/kernel';

/** Arguments of {@link advance}. */
export interface AdvanceArgs {
  readonly name: string;
  readonly version: number;
  readonly state: string;
  readonly wakeMs?: number | undefined;
  readonly hold: number;
}

/** What {@link advance} answers. */
export type AdvanceReply =
  | { readonly tag: 'advanced'; readonly version: number }
  | { readonly tag: 'stale' };

/** Keeps a new state of a schedule, if it is still the one that was decided upon. (advance.lua) */
export const advance: Script<'schedule' | 'index', AdvanceArgs, AdvanceReply> = {
  name: 'advance',
  sha1: '30e089299a7081f38c53e57f444a253456fce64c',
  keys: ['schedule', 'index'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'version', type: 'integer', optional: false },
    { name: 'state', type: 'string', optional: false },
    { name: 'wakeMs', type: 'integer', optional: true },
    { name: 'hold', type: 'integer', optional: false },
  ],
  replies: {
    advanced: [
      { name: 'version', type: 'integer', list: false, optional: false },
    ],
    stale: [],
  },
  lines: [[1, '', 0], [2, 'advance.lua', 14], [16, '', 0]],
  source: `local function item(schedule, index, name, version, state, wakeMs, hold)
local f = redis.call('HMGET', schedule, 'v', 's')
local current = tonumber(f[1] or 0)
if current == version + 1 and f[2] == state then
  return { 'advanced', current }
end
if not f[1] or current ~= version then
  return { 'stale' }
end
redis.call('HSET', schedule, 'v', string.format('%.0f', version + 1), 's', state)
if hold == 0 then
  redis.call('HDEL', schedule, 'own', 'lu', 'seen')
  redis.call('ZADD', index, wakeMs or 'inf', name)
end
return { 'advanced', version + 1 }
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
  local k, a = i * 2, i * 5
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      ARGV[a + 3],
      tonumber(ARGV[a + 4]),
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

/** Arguments of {@link declare}. */
export interface DeclareArgs {
  readonly name: string;
  readonly version: number;
  readonly record: string;
  readonly state: string;
  readonly wakeMs?: number | undefined;
  readonly nowMs?: number | undefined;
}

/** What {@link declare} answers. */
export type DeclareReply =
  | { readonly tag: 'declared'; readonly version: number }
  | { readonly tag: 'stale' };

/** Keeps the declaration and the state of a schedule, if it is still the one that was seen; whoever serves it loses it. (declare.lua) */
export const declare: Script<'schedule' | 'index', DeclareArgs, DeclareReply> = {
  name: 'declare',
  sha1: 'fbf3a4b980035ad31a49ba8891ae563601be24a2',
  keys: ['schedule', 'index'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'version', type: 'integer', optional: false },
    { name: 'record', type: 'string', optional: false },
    { name: 'state', type: 'string', optional: false },
    { name: 'wakeMs', type: 'integer', optional: true },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    declared: [
      { name: 'version', type: 'integer', list: false, optional: false },
    ],
    stale: [],
  },
  lines: [[1, 'now_us.lua', 1], [10, '', 0], [11, 'declare.lua', 15], [26, '', 0]],
  source: `-- The server's clock in microseconds since the epoch; \`override_ms\` stands in for it in tests. The number has 16 digits: write it
-- with string.format('%.0f', n), since \`..\` and tostring keep 14.
local function now_us(override_ms)
  if override_ms then
    return override_ms * 1000
  end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
local function item(schedule, index, name, version, record, state, wakeMs, nowMs)
--@include now_us
local f = redis.call('HMGET', schedule, 'v', 'r', 's')
local current = tonumber(f[1] or 0)
if (current == version + 1 or version == 0) and f[2] == record and f[3] == state then
  return { 'declared', current }
end
if current ~= version then
  return { 'stale' }
end
-- greater than those of a schedule of this name that was forgotten, and may still be served by somebody
local new = version == 0 and now_us(nowMs) or version + 1
redis.call('HSET', schedule, 'v', string.format('%.0f', new), 'r', record, 's', state)
redis.call('HDEL', schedule, 'own', 'lu')
redis.call('ZADD', index, wakeMs or 'inf', name)
return { 'declared', new }
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
      tonumber(ARGV[a + 2]),
      ARGV[a + 3],
      ARGV[a + 4],
      tonumber(ARGV[a + 5]),
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

/** Arguments of {@link findDue}. */
export interface FindDueArgs {
  readonly count: number;
  readonly nowMs?: number | undefined;
}

/** What {@link findDue} answers. */
export type FindDueReply =
  | { readonly tag: 'due'; readonly nowMs: number; readonly nextMs: number | undefined; readonly total: number; readonly names: readonly string[] };

/** Tells for which schedules there is something to do, and when there is for the next one. (find_due.lua) */
export const findDue: Script<'index', FindDueArgs, FindDueReply> = {
  name: 'find_due',
  sha1: '78085cbf2367dca3d83068104757ad45a526fd86',
  keys: ['index'],
  args: [
    { name: 'count', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    due: [
      { name: 'nowMs', type: 'integer', list: false, optional: false },
      { name: 'nextMs', type: 'integer', list: false, optional: true },
      { name: 'total', type: 'integer', list: false, optional: false },
      { name: 'names', type: 'string', list: true, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'find_due.lua', 9], [15, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(index, count, nowMs)
--@include now_ms
local now = now_ms(nowMs)
local names = redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, count)
local later = redis.call('ZRANGEBYSCORE', index, '(' .. string.format('%.0f', now), '(inf', 'WITHSCORES', 'LIMIT', 0, 1)
return { 'due', now, tonumber(later[2]) or '', redis.call('ZCARD', index), names }
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
      tonumber(ARGV[a + 1]),
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

/** Arguments of {@link forget}. */
export interface ForgetArgs {
  readonly name: string;
  readonly version?: number | undefined;
}

/** What {@link forget} answers. */
export type ForgetReply =
  | { readonly tag: 'forgotten' }
  | { readonly tag: 'kept' };

/** Forgets a schedule. (forget.lua) */
export const forget: Script<'schedule' | 'index', ForgetArgs, ForgetReply> = {
  name: 'forget',
  sha1: '0d390578a27323521595b69ddc7da9319aa03ffc',
  keys: ['schedule', 'index'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'version', type: 'integer', optional: true },
  ],
  replies: {
    forgotten: [],
    kept: [],
  },
  lines: [[1, '', 0], [2, 'forget.lua', 11], [9, '', 0]],
  source: `local function item(schedule, index, name, version)
local current = redis.call('HGET', schedule, 'v')
if not current or (version and tonumber(current) ~= version) then
  return { 'kept' }
end
redis.call('DEL', schedule)
redis.call('ZREM', index, name)
return { 'forgotten' }
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
  local k, a = i * 2, i * 2
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
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

/** Arguments of {@link lookUp}. */
export interface LookUpArgs {
  readonly nowMs?: number | undefined;
}

/** What {@link lookUp} answers. */
export type LookUpReply =
  | { readonly tag: 'found'; readonly version: number; readonly record: string; readonly state: string; readonly nowMs: number }
  | { readonly tag: 'missing'; readonly nowMs: number };

/** Reads a schedule. (look_up.lua) */
export const lookUp: Script<'schedule', LookUpArgs, LookUpReply> = {
  name: 'look_up',
  sha1: '6ef3794e61a587e8f16fa831ee1ee37d7a30043b',
  keys: ['schedule'],
  args: [
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    found: [
      { name: 'version', type: 'integer', list: false, optional: false },
      { name: 'record', type: 'string', list: false, optional: false },
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'nowMs', type: 'integer', list: false, optional: false },
    ],
    missing: [
      { name: 'nowMs', type: 'integer', list: false, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'look_up.lua', 9], [17, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(schedule, nowMs)
--@include now_ms
local f = redis.call('HMGET', schedule, 'v', 'r', 's')
local now = now_ms(nowMs)
if not f[1] then
  return { 'missing', now }
end
return { 'found', tonumber(f[1]), f[2], f[3], now }
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
  local k, a = i * 1, i * 1
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
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

/** Arguments of {@link nameAll}. */
export interface NameAllArgs {
  readonly most: number;
}

/** What {@link nameAll} answers. */
export type NameAllReply =
  | { readonly tag: 'names'; readonly names: readonly string[] };

/** Names all schedules of the app. (name_all.lua) */
export const nameAll: Script<'index', NameAllArgs, NameAllReply> = {
  name: 'name_all',
  sha1: '627ac2f07d323844996e32cb89ea9606c8ef2586',
  keys: ['index'],
  args: [
    { name: 'most', type: 'integer', optional: false },
  ],
  replies: {
    names: [
      { name: 'names', type: 'string', list: true, optional: false },
    ],
  },
  lines: [[1, '', 0], [2, 'name_all.lua', 8], [3, '', 0]],
  source: `local function item(index, most)
return { 'names', redis.call('ZRANGE', index, 0, most - 1) }
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
  local k, a = i * 1, i * 1
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
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

/** Arguments of {@link seize}. */
export interface SeizeArgs {
  readonly name: string;
  readonly owner: string;
  readonly leaseMs: number;
  readonly early: number;
  readonly nowMs?: number | undefined;
}

/** What {@link seize} answers. */
export type SeizeReply =
  | { readonly tag: 'seized'; readonly version: number; readonly record: string; readonly state: string; readonly seenMs: number; readonly nowMs: number }
  | { readonly tag: 'waits' }
  | { readonly tag: 'missing' };

/** Gives a schedule to one of the workers that want to serve it, for a while. (seize.lua) */
export const seize: Script<'schedule' | 'index', SeizeArgs, SeizeReply> = {
  name: 'seize',
  sha1: '11a84846039b4f06da6a8bf98850295672625487',
  keys: ['schedule', 'index'],
  args: [
    { name: 'name', type: 'string', optional: false },
    { name: 'owner', type: 'string', optional: false },
    { name: 'leaseMs', type: 'integer', optional: false },
    { name: 'early', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    seized: [
      { name: 'version', type: 'integer', list: false, optional: false },
      { name: 'record', type: 'string', list: false, optional: false },
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'seenMs', type: 'integer', list: false, optional: false },
      { name: 'nowMs', type: 'integer', list: false, optional: false },
    ],
    waits: [],
    missing: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'seize.lua', 15], [29, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(schedule, index, name, owner, leaseMs, early, nowMs)
--@include now_ms
local f = redis.call('HMGET', schedule, 'v', 'r', 's', 'own', 'lu', 'seen')
if not f[1] then
  return { 'missing' }
end
local now = now_ms(nowMs)
local leased = tonumber(f[5] or 0) > now
if leased and f[4] == owner then
  return { 'seized', tonumber(f[1]), f[2], f[3], tonumber(f[6]), now }
end
local due = redis.call('ZSCORE', index, name)
if leased or (early == 0 and tonumber(due or 'inf') > now) then
  return { 'waits' }
end
local version = tonumber(f[1]) + 1
local seen = f[6] or now
redis.call('HSET', schedule, 'v', string.format('%.0f', version), 'own', owner, 'lu', now + leaseMs, 'seen', seen)
redis.call('ZADD', index, now + leaseMs, name)
return { 'seized', version, f[2], f[3], tonumber(seen), now }
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
  local k, a = i * 2, i * 5
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]),
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
