// Generated from the .lua files beside it by gen-lua; change those and run it again.
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
import type { Script } from '../../src/redis/script.js';

/** Arguments of {@link breakDown}. */
export interface BreakDownArgs {
  readonly way: string;
}

/** What {@link breakDown} answers. */
export type BreakDownReply =
  | { readonly tag: 'unharmed'; readonly calls: number }
  | { readonly tag: 'odd'; readonly number: number };

/** Writes, then fails in the way it is told. (break_down.lua) */
export const breakDown: Script<'trace', BreakDownArgs, BreakDownReply> = {
  name: 'break_down',
  sha1: '1d9aa5b1dd53b4a07c45c5c91e7e17d0b24ce3f7',
  keys: ['trace'],
  args: [
    { name: 'way', type: 'string', optional: false },
  ],
  replies: {
    unharmed: [
      { name: 'calls', type: 'integer', list: false, optional: false },
    ],
    odd: [
      { name: 'number', type: 'integer', list: false, optional: false },
    ],
  },
  lines: [[1, 'fail_inside.lua', 1], [5, '', 0], [6, 'break_down.lua', 8], [27, '', 0]],
  source: `-- Fails one line below.
local function fail_inside(key)
  redis.call('INCR', key)
end
local function item(trace, way)
--@include fail_inside
local calls = redis.call('RPUSH', trace, way)
if way == 'lua' then
  local nothing
  return { 'unharmed', nothing.field }
elseif way == 'command' then
  redis.call('INCR', trace)
elseif way == 'fragment' then
  fail_inside(trace)
elseif way == 'thrown' then
  error('thrown on purpose')
elseif way == 'thrown table' then
  error({ err = 'CUSTOM thrown table' })
elseif way == 'global' then
  undeclared = 1
elseif way == 'odd' then
  return { 'odd', 'not a number' }
end
if way ~= 'silent' then
  return { 'unharmed', calls }
end
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

/** Arguments of {@link countUp}. */
export interface CountUpArgs {
  readonly by: number;
  readonly limit?: number | undefined;
  readonly nowMs?: number | undefined;
}

/** What {@link countUp} answers. */
export type CountUpReply =
  | { readonly tag: 'counted'; readonly count: number; readonly atMs: number; readonly atUs: number }
  | { readonly tag: 'limited'; readonly count: number; readonly reason: string | undefined };

/** Adds to a counter unless that would lift it above its limit. (count_up.lua) */
export const countUp: Script<'counter', CountUpArgs, CountUpReply> = {
  name: 'count_up',
  sha1: 'da09471ad1df94d73f72ef0e27af33edfdab815a',
  keys: ['counter'],
  args: [
    { name: 'by', type: 'integer', optional: false },
    { name: 'limit', type: 'integer', optional: true },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    counted: [
      { name: 'count', type: 'integer', list: false, optional: false },
      { name: 'atMs', type: 'integer', list: false, optional: false },
      { name: 'atUs', type: 'integer', list: false, optional: false },
    ],
    limited: [
      { name: 'count', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: true },
    ],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'now_us.lua', 1], [18, '', 0], [19, 'count_up.lua', 11], [26, '', 0]],
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
local function item(counter, by, limit, nowMs)
--@include now_ms
--@include now_us
local count = tonumber(redis.call('GET', counter) or 0)
if limit and count + by > limit then
  return { 'limited', count }
end
return { 'counted', redis.call('INCRBY', counter, by), now_ms(nowMs), now_us(nowMs) }
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

/** Arguments of {@link echo}. */
export interface EchoArgs {
  readonly text: string;
  readonly whole: number;
  readonly real: number;
  readonly note?: string | undefined;
  readonly size?: number | undefined;
}

/** What {@link echo} answers. */
export type EchoReply =
  | { readonly tag: 'echoed'; readonly keys: readonly string[]; readonly text: string; readonly whole: number; readonly real: number; readonly note: string | undefined; readonly size: number | undefined; readonly kinds: readonly string[] };

/** Answers its arguments, to show what arrives. (echo.lua) */
export const echo: Script<'first' | 'second', EchoArgs, EchoReply> = {
  name: 'echo',
  sha1: '64b92ac6cbc2f91ea6c27f1cc94f85aba10d3a61',
  keys: ['first', 'second'],
  args: [
    { name: 'text', type: 'string', optional: false },
    { name: 'whole', type: 'integer', optional: false },
    { name: 'real', type: 'number', optional: false },
    { name: 'note', type: 'string', optional: true },
    { name: 'size', type: 'integer', optional: true },
  ],
  replies: {
    echoed: [
      { name: 'keys', type: 'string', list: true, optional: false },
      { name: 'text', type: 'string', list: false, optional: false },
      { name: 'whole', type: 'integer', list: false, optional: false },
      { name: 'real', type: 'number', list: false, optional: false },
      { name: 'note', type: 'string', list: false, optional: true },
      { name: 'size', type: 'integer', list: false, optional: true },
      { name: 'kinds', type: 'string', list: true, optional: false },
    ],
  },
  lines: [[1, '', 0], [2, 'echo.lua', 13], [4, '', 0]],
  source: `local function item(first, second, text, whole, real, note, size)
local kinds = { type(text), type(whole), type(real), type(note), type(size) }
return { 'echoed', { first, second }, text, whole, string.format('%.17g', real), note or false, size or false, kinds }
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
      tonumber(ARGV[a + 3]),
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
