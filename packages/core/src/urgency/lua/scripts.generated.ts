// Generated from the .lua files beside it by gen-lua; change those and run it again.
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
import type { Script } from '@bulletproof/kernel';

/** Arguments of {@link takeWatched}. */
export interface TakeWatchedArgs {
  readonly count: number;
  readonly leaseMs: number;
  readonly nowMs?: number | undefined;
}

/** What {@link takeWatched} answers. */
export type TakeWatchedReply =
  | { readonly tag: 'taken'; readonly nowMs: number; readonly members: readonly string[] };

/** Gives the calls that are to be looked at to one worker, for a while. (take_watched.lua) */
export const takeWatched: Script<'watched', TakeWatchedArgs, TakeWatchedReply> = {
  name: 'take_watched',
  sha1: '0ac92070795842115c177b962296ce3afa06380a',
  keys: ['watched'],
  args: [
    { name: 'count', type: 'integer', optional: false },
    { name: 'leaseMs', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    taken: [
      { name: 'nowMs', type: 'integer', list: false, optional: false },
      { name: 'members', type: 'string', list: true, optional: false },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'take_watched.lua', 10], [17, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(watched, count, leaseMs, nowMs)
--@include now_ms
local now = now_ms(nowMs)
local members = redis.call('ZRANGEBYSCORE', watched, '-inf', now, 'LIMIT', 0, count)
for _, member in ipairs(members) do
  redis.call('ZADD', watched, now + leaseMs, member)
end
return { 'taken', now, members }
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

/** Arguments of {@link unwatch}. */
export interface UnwatchArgs {
  readonly member: string;
  readonly keepMs: number;
  readonly atMs?: number | undefined;
  readonly nowMs?: number | undefined;
}

/** What {@link unwatch} answers. */
export type UnwatchReply =
  | { readonly tag: 'noted' };

/** Notes the next look at a call, or that there is none. (unwatch.lua) */
export const unwatch: Script<'watched', UnwatchArgs, UnwatchReply> = {
  name: 'unwatch',
  sha1: '448eae607423a5ecdae65b06b3d9927a83ca16c6',
  keys: ['watched'],
  args: [
    { name: 'member', type: 'string', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'atMs', type: 'integer', optional: true },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    noted: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'unwatch.lua', 11], [21, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(watched, member, keepMs, atMs, nowMs)
--@include now_ms
if not atMs then
  redis.call('ZREM', watched, member)
  return { 'noted' }
end
redis.call('ZADD', watched, 'XX', atMs, member)
local left = atMs - now_ms(nowMs) + keepMs
if redis.call('PTTL', watched) < left then
  redis.call('PEXPIRE', watched, left)
end
return { 'noted' }
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
  local k, a = i * 1, i * 4
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4])
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

/** Arguments of {@link watchCall}. */
export interface WatchCallArgs {
  readonly member: string;
  readonly afterMs: number;
  readonly keepMs: number;
  readonly nowMs?: number | undefined;
}

/** What {@link watchCall} answers. */
export type WatchCallReply =
  | { readonly tag: 'watched' };

/** Notes when a call is to be moved to another queue, should it still be waiting then; an earlier time that is noted stays. (watch_call.lua) */
export const watchCall: Script<'watched', WatchCallArgs, WatchCallReply> = {
  name: 'watch_call',
  sha1: '42aa68347686ad94fda153a34774b67c41c49dca',
  keys: ['watched'],
  args: [
    { name: 'member', type: 'string', optional: false },
    { name: 'afterMs', type: 'integer', optional: false },
    { name: 'keepMs', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    watched: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'watch_call.lua', 11], [17, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(watched, member, afterMs, keepMs, nowMs)
--@include now_ms
local now = now_ms(nowMs)
redis.call('ZADD', watched, 'LT', now + afterMs, member)
if redis.call('PTTL', watched) < afterMs + keepMs then
  redis.call('PEXPIRE', watched, afterMs + keepMs)
end
return { 'watched' }
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
  local k, a = i * 1, i * 4
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4])
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
