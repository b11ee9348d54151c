// Generated from the .lua files beside it by gen-lua; change those and run it again.
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
import type { Script } from '@bulletproof/kernel';

/** Arguments of {@link begin}. */
export interface BeginArgs {
  readonly id: string;
  readonly task: number;
  readonly generation: number;
  readonly start: number;
  readonly attempt: number;
  readonly nowMs?: number | undefined;
}

/** What {@link begin} answers. */
export type BeginReply =
  | { readonly tag: 'claimed'; readonly again: number }
  | { readonly tag: 'waiting' }
  | { readonly tag: 'done'; readonly result: string | undefined; readonly wake: readonly string[] }
  | { readonly tag: 'dead'; readonly wake: readonly string[] }
  | { readonly tag: 'skipped' }
  | { readonly tag: 'cancelled'; readonly reason: string; readonly wake: readonly string[] }
  | { readonly tag: 'superseded' }
  | { readonly tag: 'unknown' };

/** Asks whether a delivery may run its task; the newest start is the only one that may settle it. (begin.lua) */
export const begin: Script<'flow' | 'open', BeginArgs, BeginReply> = {
  name: 'begin',
  sha1: 'a51a8d12c8e6c568dd62939667f315eaf929af79',
  keys: ['flow', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'task', type: 'integer', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'start', type: 'integer', optional: false },
    { name: 'attempt', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    claimed: [
      { name: 'again', type: 'integer', list: false, optional: false },
    ],
    waiting: [],
    done: [
      { name: 'result', type: 'string', list: false, optional: true },
      { name: 'wake', type: 'string', list: true, optional: false },
    ],
    dead: [
      { name: 'wake', type: 'string', list: true, optional: false },
    ],
    skipped: [],
    cancelled: [
      { name: 'reason', type: 'string', list: false, optional: false },
      { name: 'wake', type: 'string', list: true, optional: false },
    ],
    superseded: [],
    unknown: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'flow_record.lua', 1], [35, 'flow_task.lua', 1], [53, 'flow_deliveries.lua', 1], [66, 'flow_wake.lua', 1], [96, 'flow_next.lua', 1], [127, 'flow_end.lua', 1], [166, 'flow_advance.lua', 1], [185, 'flow_settle.lua', 1], [215, '', 0], [216, 'begin.lua', 21], [257, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A flow's record while a script works on it. Its tasks' states are one text, a character a task: - dormant, w waiting,
-- r ready, b begun, d done, t taken, x dead, s skipped, c cancelled, u undone.
local function load_flow(key)
  local f = redis.call('HMGET', key, 'st', 's', 'n', 'k', 'ca', 'ord', 'fa', 'keep', 'fr')
  if not f[1] then
    return nil
  end
  return { key = key, st = f[1], s = f[2], n = tonumber(f[3]), k = tonumber(f[4]), ca = f[5], ord = f[6] or '', fa = f[7],
    keep = tonumber(f[8]), fr = f[9] }
end

local function save_flow(flow)
  redis.call('HSET', flow.key, 'st', flow.st, 's', flow.s, 'ord', flow.ord)
  if flow.fr then
    redis.call('HDEL', flow.key, 'fr')
    flow.fr = false
  end
end

local function state_of(flow, i)
  return string.sub(flow.s, i + 1, i + 1)
end

local function set_state(flow, i, state)
  flow.s = string.sub(flow.s, 1, i) .. state .. string.sub(flow.s, i + 2)
end
local function numbers(text)
  local found = {}
  for number in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(number)
  end
  return found
end

-- What changes of a task: generation, start, touched, round, era, attempts, started, finished, missing since.
local function read_task(flow, i)
  local t = numbers(redis.call('HGET', flow.key, 't' .. i))
  return { gen = t[1], start = t[2], touched = t[3], round = t[4], era = t[5], attempts = t[6], sa = t[7], fa = t[8], ms = t[9] }
end

local function write_task(flow, i, t)
  redis.call('HSET', flow.key, 't' .. i, string.format('%.0f %.0f %d %d %d %d %.0f %.0f %.0f', t.gen, t.start, t.touched, t.round,
    t.era, t.attempts, t.sa, t.fa, t.ms))
end
--@include flow_task
-- What deliveries of these tasks are made from: number, generation, round, era, envelope, number, …
local function deliveries_of(flow, tasks)
  local found = {}
  for _, i in ipairs(tasks) do
    local f = redis.call('HMGET', flow.key, 't' .. i, 'c' .. i)
    local t = numbers(f[1])
    for _, value in ipairs({ tostring(i), tostring(t[1]), tostring(t[4]), tostring(t[5]), f[2] }) do
      found[#found + 1] = value
    end
  end
  return found
end
--@include flow_record
--@include flow_task
--@include flow_deliveries
-- Of these tasks the ones that BullMQ does not start by itself.
local function wake_of(flow, tasks)
  local wanted = {}
  table.sort(tasks)
  for _, i in ipairs(tasks) do
    if redis.call('HEXISTS', flow.key, 'w' .. i) == 1 then
      wanted[#wanted + 1] = i
    end
  end
  return deliveries_of(flow, wanted)
end

-- What may not have been woken after a task had ended, should who ended it have died.
local function following(flow, i)
  local found = {}
  for _, j in ipairs(numbers(redis.call('HGET', flow.key, 'o' .. i))) do
    if string.find(state_of(flow, j), '[rsc]') then
      found[#found + 1] = j
    end
  end
  for j = flow.n, #flow.s - 1 do
    if state_of(flow, j) == 'r' then
      found[#found + 1] = j
    end
  end
  return wake_of(flow, found)
end
--@include flow_record
--@include flow_task
-- A node succeeded: who waited for it alone is ready.
local function make_ready(flow, i, found)
  for _, j in ipairs(numbers(redis.call('HGET', flow.key, 'o' .. i))) do
    if state_of(flow, j) == 'w' then
      local ready = true
      for _, before in ipairs(numbers(redis.call('HGET', flow.key, 'a' .. j))) do
        ready = ready and string.find(state_of(flow, before), '[dt]') ~= nil
      end
      if ready then
        set_state(flow, j, 'r')
        found[#found + 1] = j
      end
    end
  end
end

-- A node did not succeed: who needs it, at whatever distance, will not run.
local function give_up_after(flow, i, state, found)
  local open = { i }
  while #open > 0 do
    for _, j in ipairs(numbers(redis.call('HGET', flow.key, 'o' .. table.remove(open)))) do
      if state_of(flow, j) == 'w' then
        set_state(flow, j, state)
        found[#found + 1] = j
        open[#open + 1] = j
      end
    end
  end
end
--@include flow_record
--@include flow_task
local function end_flow(flow, state, now, found)
  flow.st, flow.fa = state, now
  redis.call('HSET', flow.key, 'fa', now)
  local f = redis.call('HMGET', flow.key, 'yc', 'ys', 'yf')
  for _, i in ipairs({ f[1] or '', state == 'completed' and f[2] or '', state ~= 'completed' and f[3] or '' }) do
    i = tonumber(i)
    if i and state_of(flow, i) == '-' then
      set_state(flow, i, 'r')
      found[#found + 1] = i
    end
  end
end

-- One undo at a time, the newest node's first.
local function compensate(flow, now, found)
  local undos = string.sub(flow.s, flow.n + 1, flow.k)
  if string.find(undos, '[rb]') then
    return
  end
  local order = numbers(flow.ord)
  for at = #order, 1, -1 do
    local i = order[at]
    local undo = state_of(flow, i) == 'd' and tonumber(redis.call('HGET', flow.key, 'u' .. i) or '')
    if undo and state_of(flow, undo) == '-' then
      set_state(flow, undo, 'r')
      found[#found + 1] = undo
      return
    end
  end
  if flow.ca then
    end_flow(flow, 'cancelled', now, found)
  elseif string.find(undos, '[dt]') and not string.find(undos, 'x') then
    end_flow(flow, 'compensated', now, found)
  else
    end_flow(flow, 'failed', now, found)
  end
end
--@include flow_end
-- Goes on to the undo calls and the end when nothing else is left.
local function advance(flow, now, found, open, id)
  local nodes = string.sub(flow.s, 1, flow.n)
  if flow.st == 'running' and not string.find(nodes, '[wrb]') then
    if string.find(nodes, '[^dt]') then
      flow.st = 'compensating'
    else
      end_flow(flow, 'completed', now, found)
    end
  end
  if flow.st == 'compensating' then
    compensate(flow, now, found)
  end
  if flow.fa and not string.find(flow.s, '[rb]') then
    redis.call('PEXPIRE', flow.key, flow.keep)
    redis.call('ZREM', open, id)
  end
end
--@include flow_record
--@include flow_task
--@include flow_next
--@include flow_advance
-- Records how a task ended, and what follows from it; answers the tasks that became ready, or will not run, by it.
local function settle_task(flow, run, state, value, now, open, id)
  local i, found = run.task, {}
  local t = read_task(flow, i)
  set_state(flow, i, state)
  t.start, t.touched, t.attempts, t.fa, t.ms = run.start, 1, run.attempt, now, 0
  write_task(flow, i, t)
  if state == 'x' then
    redis.call('HSET', flow.key, 'e' .. i, value)
  elseif state ~= 'c' then
    redis.call('HSET', flow.key, 'r' .. i, value)
  end
  if i < flow.n then
    if state == 'x' or state == 'c' then
      give_up_after(flow, i, state == 'x' and 's' or 'c', found)
    else
      flow.ord = flow.ord == '' and tostring(i) or flow.ord .. ',' .. i
      make_ready(flow, i, found)
    end
  elseif i < flow.k and state ~= 'x' and state ~= 'c' then
    set_state(flow, tonumber(redis.call('HGET', flow.key, 'v' .. i)), 'u')
  end
  advance(flow, now, found, open, id)
  save_flow(flow)
  return found
end
local function item(flow, open, id, task, generation, start, attempt, nowMs)
--@include now_ms
--@include flow_record
--@include flow_task
--@include flow_wake
--@include flow_settle
local x = load_flow(flow)
if not x then
  return { 'unknown' }
end
local t, state = read_task(x, task), state_of(x, task)
if t.gen ~= generation or state == '-' or state == 'u' then
  return { 'superseded' }
elseif state == 'w' then
  -- BullMQ has started it too early, so it parks itself: from now on somebody must wake it.
  redis.call('HSET', flow, 'w' .. task, 1)
  return { 'waiting' }
elseif state == 's' then
  return { 'skipped' }
elseif state == 'd' or state == 't' then
  return { 'done', redis.call('HGET', flow, 'r' .. task) or '', following(x, task) }
elseif state == 'x' then
  return { 'dead', following(x, task) }
elseif state == 'c' then
  return { 'cancelled', x.ca or '', following(x, task) }
elseif start < t.start then
  return { 'superseded' }
end
local now = now_ms(nowMs)
if x.ca and task < x.n then
  local run = { task = task, start = start, attempt = attempt }
  return { 'cancelled', x.ca, wake_of(x, settle_task(x, run, 'c', '', now, open, id)) }
end
local again = t.touched
set_state(x, task, 'b')
t.start, t.touched, t.attempts, t.ms = start, 1, attempt, 0
if t.sa == 0 then
  t.sa = now
end
write_task(x, task, t)
save_flow(x)
return { 'claimed', again }
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
      tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]),
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

/** Arguments of {@link cancel}. */
export interface CancelArgs {
  readonly id: string;
  readonly reason: string;
  readonly nowMs?: number | undefined;
}

/** What {@link cancel} answers. */
export type CancelReply =
  | { readonly tag: 'cancelled'; readonly begun: string; readonly wake: readonly string[] }
  | { readonly tag: 'settled'; readonly state: string }
  | { readonly tag: 'unknown' };

/** Cancels what has not begun of a flow; what has is to be told, and what succeeded is undone. (cancel.lua) */
export const cancel: Script<'flow' | 'open', CancelArgs, CancelReply> = {
  name: 'cancel',
  sha1: 'c04b30ab559cb9e00196f8a0110e292a065c3e1f',
  keys: ['flow', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'reason', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    cancelled: [
      { name: 'begun', type: 'string', list: false, optional: false },
      { name: 'wake', type: 'string', list: true, optional: false },
    ],
    settled: [
      { name: 'state', type: 'string', list: false, optional: false },
    ],
    unknown: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'flow_record.lua', 1], [35, 'flow_task.lua', 1], [53, 'flow_deliveries.lua', 1], [66, 'flow_wake.lua', 1], [96, 'flow_end.lua', 1], [135, 'flow_advance.lua', 1], [154, '', 0], [155, 'cancel.lua', 11], [190, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A flow's record while a script works on it. Its tasks' states are one text, a character a task: - dormant, w waiting,
-- r ready, b begun, d done, t taken, x dead, s skipped, c cancelled, u undone.
local function load_flow(key)
  local f = redis.call('HMGET', key, 'st', 's', 'n', 'k', 'ca', 'ord', 'fa', 'keep', 'fr')
  if not f[1] then
    return nil
  end
  return { key = key, st = f[1], s = f[2], n = tonumber(f[3]), k = tonumber(f[4]), ca = f[5], ord = f[6] or '', fa = f[7],
    keep = tonumber(f[8]), fr = f[9] }
end

local function save_flow(flow)
  redis.call('HSET', flow.key, 'st', flow.st, 's', flow.s, 'ord', flow.ord)
  if flow.fr then
    redis.call('HDEL', flow.key, 'fr')
    flow.fr = false
  end
end

local function state_of(flow, i)
  return string.sub(flow.s, i + 1, i + 1)
end

local function set_state(flow, i, state)
  flow.s = string.sub(flow.s, 1, i) .. state .. string.sub(flow.s, i + 2)
end
local function numbers(text)
  local found = {}
  for number in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(number)
  end
  return found
end

-- What changes of a task: generation, start, touched, round, era, attempts, started, finished, missing since.
local function read_task(flow, i)
  local t = numbers(redis.call('HGET', flow.key, 't' .. i))
  return { gen = t[1], start = t[2], touched = t[3], round = t[4], era = t[5], attempts = t[6], sa = t[7], fa = t[8], ms = t[9] }
end

local function write_task(flow, i, t)
  redis.call('HSET', flow.key, 't' .. i, string.format('%.0f %.0f %d %d %d %d %.0f %.0f %.0f', t.gen, t.start, t.touched, t.round,
    t.era, t.attempts, t.sa, t.fa, t.ms))
end
--@include flow_task
-- What deliveries of these tasks are made from: number, generation, round, era, envelope, number, …
local function deliveries_of(flow, tasks)
  local found = {}
  for _, i in ipairs(tasks) do
    local f = redis.call('HMGET', flow.key, 't' .. i, 'c' .. i)
    local t = numbers(f[1])
    for _, value in ipairs({ tostring(i), tostring(t[1]), tostring(t[4]), tostring(t[5]), f[2] }) do
      found[#found + 1] = value
    end
  end
  return found
end
--@include flow_record
--@include flow_task
--@include flow_deliveries
-- Of these tasks the ones that BullMQ does not start by itself.
local function wake_of(flow, tasks)
  local wanted = {}
  table.sort(tasks)
  for _, i in ipairs(tasks) do
    if redis.call('HEXISTS', flow.key, 'w' .. i) == 1 then
      wanted[#wanted + 1] = i
    end
  end
  return deliveries_of(flow, wanted)
end

-- What may not have been woken after a task had ended, should who ended it have died.
local function following(flow, i)
  local found = {}
  for _, j in ipairs(numbers(redis.call('HGET', flow.key, 'o' .. i))) do
    if string.find(state_of(flow, j), '[rsc]') then
      found[#found + 1] = j
    end
  end
  for j = flow.n, #flow.s - 1 do
    if state_of(flow, j) == 'r' then
      found[#found + 1] = j
    end
  end
  return wake_of(flow, found)
end
--@include flow_record
--@include flow_task
local function end_flow(flow, state, now, found)
  flow.st, flow.fa = state, now
  redis.call('HSET', flow.key, 'fa', now)
  local f = redis.call('HMGET', flow.key, 'yc', 'ys', 'yf')
  for _, i in ipairs({ f[1] or '', state == 'completed' and f[2] or '', state ~= 'completed' and f[3] or '' }) do
    i = tonumber(i)
    if i and state_of(flow, i) == '-' then
      set_state(flow, i, 'r')
      found[#found + 1] = i
    end
  end
end

-- One undo at a time, the newest node's first.
local function compensate(flow, now, found)
  local undos = string.sub(flow.s, flow.n + 1, flow.k)
  if string.find(undos, '[rb]') then
    return
  end
  local order = numbers(flow.ord)
  for at = #order, 1, -1 do
    local i = order[at]
    local undo = state_of(flow, i) == 'd' and tonumber(redis.call('HGET', flow.key, 'u' .. i) or '')
    if undo and state_of(flow, undo) == '-' then
      set_state(flow, undo, 'r')
      found[#found + 1] = undo
      return
    end
  end
  if flow.ca then
    end_flow(flow, 'cancelled', now, found)
  elseif string.find(undos, '[dt]') and not string.find(undos, 'x') then
    end_flow(flow, 'compensated', now, found)
  else
    end_flow(flow, 'failed', now, found)
  end
end
--@include flow_end
-- Goes on to the undo calls and the end when nothing else is left.
local function advance(flow, now, found, open, id)
  local nodes = string.sub(flow.s, 1, flow.n)
  if flow.st == 'running' and not string.find(nodes, '[wrb]') then
    if string.find(nodes, '[^dt]') then
      flow.st = 'compensating'
    else
      end_flow(flow, 'completed', now, found)
    end
  end
  if flow.st == 'compensating' then
    compensate(flow, now, found)
  end
  if flow.fa and not string.find(flow.s, '[rb]') then
    redis.call('PEXPIRE', flow.key, flow.keep)
    redis.call('ZREM', open, id)
  end
end
local function item(flow, open, id, reason, nowMs)
--@include now_ms
--@include flow_record
--@include flow_task
--@include flow_deliveries
--@include flow_wake
--@include flow_advance
local x = load_flow(flow)
if not x then
  return { 'unknown' }
elseif x.st ~= 'running' then
  return { 'settled', x.st }
end
if not x.ca then
  x.ca = reason
  redis.call('HSET', flow, 'ca', reason)
end
local begun, found = {}, {}
for i = 0, x.n - 1 do
  local state = state_of(x, i)
  if state == 'w' or (state == 'r' and read_task(x, i).touched == 0) then
    set_state(x, i, 'c')
  elseif state == 'r' or state == 'b' then
    begun[#begun + 1] = i
  end
  if state_of(x, i) == 'c' then
    found[#found + 1] = i
  end
end
advance(x, now_ms(nowMs), found, open, id)
redis.call('HSET', flow, 'st', x.st, 's', x.s)
local wake = wake_of(x, found)
for _, value in ipairs(deliveries_of(x, begun)) do
  wake[#wake + 1] = value
end
return { 'cancelled', table.concat(begun, ','), wake }
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

/** Arguments of {@link deliveries}. */
export interface DeliveriesArgs {
  readonly tasks: string;
}

/** What {@link deliveries} answers. */
export type DeliveriesReply =
  | { readonly tag: 'found'; readonly deliveries: readonly string[] }
  | { readonly tag: 'unknown' };

/** Reads what the deliveries of tasks are made from. (deliveries.lua) */
export const deliveries: Script<'flow', DeliveriesArgs, DeliveriesReply> = {
  name: 'deliveries',
  sha1: 'c122cc4559b51bcf2d925016c851436da522cdcd',
  keys: ['flow'],
  args: [
    { name: 'tasks', type: 'string', optional: false },
  ],
  replies: {
    found: [
      { name: 'deliveries', type: 'string', list: true, optional: false },
    ],
    unknown: [],
  },
  lines: [[1, 'flow_record.lua', 1], [27, 'flow_task.lua', 1], [45, 'flow_deliveries.lua', 1], [58, '', 0], [59, 'deliveries.lua', 8], [67, '', 0]],
  source: `-- A flow's record while a script works on it. Its tasks' states are one text, a character a task: - dormant, w waiting,
-- r ready, b begun, d done, t taken, x dead, s skipped, c cancelled, u undone.
local function load_flow(key)
  local f = redis.call('HMGET', key, 'st', 's', 'n', 'k', 'ca', 'ord', 'fa', 'keep', 'fr')
  if not f[1] then
    return nil
  end
  return { key = key, st = f[1], s = f[2], n = tonumber(f[3]), k = tonumber(f[4]), ca = f[5], ord = f[6] or '', fa = f[7],
    keep = tonumber(f[8]), fr = f[9] }
end

local function save_flow(flow)
  redis.call('HSET', flow.key, 'st', flow.st, 's', flow.s, 'ord', flow.ord)
  if flow.fr then
    redis.call('HDEL', flow.key, 'fr')
    flow.fr = false
  end
end

local function state_of(flow, i)
  return string.sub(flow.s, i + 1, i + 1)
end

local function set_state(flow, i, state)
  flow.s = string.sub(flow.s, 1, i) .. state .. string.sub(flow.s, i + 2)
end
local function numbers(text)
  local found = {}
  for number in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(number)
  end
  return found
end

-- What changes of a task: generation, start, touched, round, era, attempts, started, finished, missing since.
local function read_task(flow, i)
  local t = numbers(redis.call('HGET', flow.key, 't' .. i))
  return { gen = t[1], start = t[2], touched = t[3], round = t[4], era = t[5], attempts = t[6], sa = t[7], fa = t[8], ms = t[9] }
end

local function write_task(flow, i, t)
  redis.call('HSET', flow.key, 't' .. i, string.format('%.0f %.0f %d %d %d %d %.0f %.0f %.0f', t.gen, t.start, t.touched, t.round,
    t.era, t.attempts, t.sa, t.fa, t.ms))
end
--@include flow_task
-- What deliveries of these tasks are made from: number, generation, round, era, envelope, number, …
local function deliveries_of(flow, tasks)
  local found = {}
  for _, i in ipairs(tasks) do
    local f = redis.call('HMGET', flow.key, 't' .. i, 'c' .. i)
    local t = numbers(f[1])
    for _, value in ipairs({ tostring(i), tostring(t[1]), tostring(t[4]), tostring(t[5]), f[2] }) do
      found[#found + 1] = value
    end
  end
  return found
end
local function item(flow, tasks)
--@include flow_record
--@include flow_task
--@include flow_deliveries
local x = load_flow(flow)
if not x then
  return { 'unknown' }
end
return { 'found', deliveries_of(x, numbers(tasks)) }
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

/** Arguments of {@link inspect}. */
export interface InspectArgs {
  readonly brief: number;
}

/** What {@link inspect} answers. */
export type InspectReply =
  | { readonly tag: 'found'; readonly name: string; readonly state: string; readonly states: string; readonly nodes: number; readonly labels: string; readonly untouched: number; readonly reason: string | undefined; readonly startedAtMs: number; readonly finishedAtMs: number | undefined; readonly tasks: readonly string[] }
  | { readonly tag: 'missing' };

/** Reads a flow, all but what its deliveries are made from. (inspect.lua) */
export const inspect: Script<'flow', InspectArgs, InspectReply> = {
  name: 'inspect',
  sha1: '310af5e3592ba6da0c8ef3e76008d08f3c5564ed',
  keys: ['flow'],
  args: [
    { name: 'brief', type: 'integer', optional: false },
  ],
  replies: {
    found: [
      { name: 'name', type: 'string', list: false, optional: false },
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'states', type: 'string', list: false, optional: false },
      { name: 'nodes', type: 'integer', list: false, optional: false },
      { name: 'labels', type: 'string', list: false, optional: false },
      { name: 'untouched', type: 'integer', list: false, optional: false },
      { name: 'reason', type: 'string', list: false, optional: true },
      { name: 'startedAtMs', type: 'integer', list: false, optional: false },
      { name: 'finishedAtMs', type: 'integer', list: false, optional: true },
      { name: 'tasks', type: 'string', list: true, optional: false },
    ],
    missing: [],
  },
  lines: [[1, '', 0], [2, 'inspect.lua', 9], [14, '', 0]],
  source: `local function item(flow, brief)
local f = redis.call('HMGET', flow, 'nm', 'st', 's', 'n', 'lb', 'fr', 'ca', 'at', 'fa')
if not f[2] then
  return { 'missing' }
end
local tasks = {}
for i = 0, #f[3] - 1 do
  local t = brief == 1 and redis.call('HMGET', flow, 't' .. i) or redis.call('HMGET', flow, 't' .. i, 'r' .. i, 'e' .. i)
  tasks[#tasks + 1] = t[1]
  tasks[#tasks + 1] = t[2] or ''
  tasks[#tasks + 1] = t[3] or ''
end
return { 'found', f[1], f[2], f[3], tonumber(f[4]), f[5], f[6] and 1 or 0, f[7] or '', tonumber(f[8]), tonumber(f[9]) or '', tasks }
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

/** Arguments of {@link recall}. */
export interface RecallArgs {
  readonly task: number;
}

/** What {@link recall} answers. */
export type RecallReply =
  | { readonly tag: 'found'; readonly state: string; readonly result: string | undefined }
  | { readonly tag: 'unknown' };

/** Reads the result of a task. (recall.lua) */
export const recall: Script<'flow', RecallArgs, RecallReply> = {
  name: 'recall',
  sha1: '80bcf8c31e088e073e6bef68dadcb235d7243cf5',
  keys: ['flow'],
  args: [
    { name: 'task', type: 'integer', optional: false },
  ],
  replies: {
    found: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'result', type: 'string', list: false, optional: true },
    ],
    unknown: [],
  },
  lines: [[1, '', 0], [2, 'recall.lua', 8], [7, '', 0]],
  source: `local function item(flow, task)
local f = redis.call('HMGET', flow, 's', 'r' .. task)
if not f[1] then
  return { 'unknown' }
end
return { 'found', string.sub(f[1], task + 1, task + 1), f[2] or '' }
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

/** Arguments of {@link recreate}. */
export interface RecreateArgs {
  readonly task: number;
  readonly generation: number;
  readonly patienceMs: number;
  readonly nowMs?: number | undefined;
}

/** What {@link recreate} answers. */
export type RecreateReply =
  | { readonly tag: 'recreated'; readonly delivery: readonly string[] }
  | { readonly tag: 'held'; readonly leftMs: number }
  | { readonly tag: 'moved' };

/** Raises the generation of an open task whose delivery is lost, so that a new one can be made and the old one has nothing to do. (recreate.lua) */
export const recreate: Script<'flow', RecreateArgs, RecreateReply> = {
  name: 'recreate',
  sha1: 'da6a8f247787f2e093d4716690ae5cf152310879',
  keys: ['flow'],
  args: [
    { name: 'task', type: 'integer', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'patienceMs', type: 'integer', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    recreated: [
      { name: 'delivery', type: 'string', list: true, optional: false },
    ],
    held: [
      { name: 'leftMs', type: 'integer', list: false, optional: false },
    ],
    moved: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'flow_record.lua', 1], [35, 'flow_task.lua', 1], [53, 'flow_deliveries.lua', 1], [66, '', 0], [67, 'recreate.lua', 11], [95, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A flow's record while a script works on it. Its tasks' states are one text, a character a task: - dormant, w waiting,
-- r ready, b begun, d done, t taken, x dead, s skipped, c cancelled, u undone.
local function load_flow(key)
  local f = redis.call('HMGET', key, 'st', 's', 'n', 'k', 'ca', 'ord', 'fa', 'keep', 'fr')
  if not f[1] then
    return nil
  end
  return { key = key, st = f[1], s = f[2], n = tonumber(f[3]), k = tonumber(f[4]), ca = f[5], ord = f[6] or '', fa = f[7],
    keep = tonumber(f[8]), fr = f[9] }
end

local function save_flow(flow)
  redis.call('HSET', flow.key, 'st', flow.st, 's', flow.s, 'ord', flow.ord)
  if flow.fr then
    redis.call('HDEL', flow.key, 'fr')
    flow.fr = false
  end
end

local function state_of(flow, i)
  return string.sub(flow.s, i + 1, i + 1)
end

local function set_state(flow, i, state)
  flow.s = string.sub(flow.s, 1, i) .. state .. string.sub(flow.s, i + 2)
end
local function numbers(text)
  local found = {}
  for number in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(number)
  end
  return found
end

-- What changes of a task: generation, start, touched, round, era, attempts, started, finished, missing since.
local function read_task(flow, i)
  local t = numbers(redis.call('HGET', flow.key, 't' .. i))
  return { gen = t[1], start = t[2], touched = t[3], round = t[4], era = t[5], attempts = t[6], sa = t[7], fa = t[8], ms = t[9] }
end

local function write_task(flow, i, t)
  redis.call('HSET', flow.key, 't' .. i, string.format('%.0f %.0f %d %d %d %d %.0f %.0f %.0f', t.gen, t.start, t.touched, t.round,
    t.era, t.attempts, t.sa, t.fa, t.ms))
end
--@include flow_task
-- What deliveries of these tasks are made from: number, generation, round, era, envelope, number, …
local function deliveries_of(flow, tasks)
  local found = {}
  for _, i in ipairs(tasks) do
    local f = redis.call('HMGET', flow.key, 't' .. i, 'c' .. i)
    local t = numbers(f[1])
    for _, value in ipairs({ tostring(i), tostring(t[1]), tostring(t[4]), tostring(t[5]), f[2] }) do
      found[#found + 1] = value
    end
  end
  return found
end
local function item(flow, task, generation, patienceMs, nowMs)
--@include now_ms
--@include flow_record
--@include flow_task
--@include flow_deliveries
local x = load_flow(flow)
local state = x and state_of(x, task)
if state ~= 'r' and state ~= 'b' then
  return { 'moved' }
end
local t = read_task(x, task)
if t.gen ~= generation then
  return { 'moved' }
end
if state == 'b' then
  local now = now_ms(nowMs)
  local since = t.ms == 0 and now or t.ms
  if since + patienceMs > now then
    t.ms = since
    write_task(x, task, t)
    return { 'held', since + patienceMs - now }
  end
end
t.gen, t.start, t.ms = t.gen + 1, 0, 0
if state == 'b' then
  t.touched = 1
end
write_task(x, task, t)
return { 'recreated', deliveries_of(x, { task }) }
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
      tonumber(ARGV[a + 1]),
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

/** Arguments of {@link retry}. */
export interface RetryArgs {
  readonly id: string;
}

/** What {@link retry} answers. */
export type RetryReply =
  | { readonly tag: 'retried'; readonly tasks: readonly string[] }
  | { readonly tag: 'refused'; readonly state: string }
  | { readonly tag: 'unknown' };

/** Makes ready to run again what did not succeed of a flow, or was undone. (retry.lua) */
export const retry: Script<'flow' | 'open', RetryArgs, RetryReply> = {
  name: 'retry',
  sha1: '91f1af04e6a3482dd0cbe2e57db7643d43bee096',
  keys: ['flow', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
  ],
  replies: {
    retried: [
      { name: 'tasks', type: 'string', list: true, optional: false },
    ],
    refused: [
      { name: 'state', type: 'string', list: false, optional: false },
    ],
    unknown: [],
  },
  lines: [[1, 'flow_record.lua', 1], [27, 'flow_task.lua', 1], [45, 'flow_deliveries.lua', 1], [58, '', 0], [59, 'retry.lua', 9], [112, '', 0]],
  source: `-- A flow's record while a script works on it. Its tasks' states are one text, a character a task: - dormant, w waiting,
-- r ready, b begun, d done, t taken, x dead, s skipped, c cancelled, u undone.
local function load_flow(key)
  local f = redis.call('HMGET', key, 'st', 's', 'n', 'k', 'ca', 'ord', 'fa', 'keep', 'fr')
  if not f[1] then
    return nil
  end
  return { key = key, st = f[1], s = f[2], n = tonumber(f[3]), k = tonumber(f[4]), ca = f[5], ord = f[6] or '', fa = f[7],
    keep = tonumber(f[8]), fr = f[9] }
end

local function save_flow(flow)
  redis.call('HSET', flow.key, 'st', flow.st, 's', flow.s, 'ord', flow.ord)
  if flow.fr then
    redis.call('HDEL', flow.key, 'fr')
    flow.fr = false
  end
end

local function state_of(flow, i)
  return string.sub(flow.s, i + 1, i + 1)
end

local function set_state(flow, i, state)
  flow.s = string.sub(flow.s, 1, i) .. state .. string.sub(flow.s, i + 2)
end
local function numbers(text)
  local found = {}
  for number in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(number)
  end
  return found
end

-- What changes of a task: generation, start, touched, round, era, attempts, started, finished, missing since.
local function read_task(flow, i)
  local t = numbers(redis.call('HGET', flow.key, 't' .. i))
  return { gen = t[1], start = t[2], touched = t[3], round = t[4], era = t[5], attempts = t[6], sa = t[7], fa = t[8], ms = t[9] }
end

local function write_task(flow, i, t)
  redis.call('HSET', flow.key, 't' .. i, string.format('%.0f %.0f %d %d %d %d %.0f %.0f %.0f', t.gen, t.start, t.touched, t.round,
    t.era, t.attempts, t.sa, t.fa, t.ms))
end
--@include flow_task
-- What deliveries of these tasks are made from: number, generation, round, era, envelope, number, …
local function deliveries_of(flow, tasks)
  local found = {}
  for _, i in ipairs(tasks) do
    local f = redis.call('HMGET', flow.key, 't' .. i, 'c' .. i)
    local t = numbers(f[1])
    for _, value in ipairs({ tostring(i), tostring(t[1]), tostring(t[4]), tostring(t[5]), f[2] }) do
      found[#found + 1] = value
    end
  end
  return found
end
local function item(flow, open, id)
--@include flow_record
--@include flow_task
--@include flow_deliveries
local x = load_flow(flow)
if not x then
  return { 'unknown' }
end
local replay = x.st == 'running' and x.fr
if not replay and (x.st == 'running' or x.st == 'compensating' or x.st == 'completed') then
  return { 'refused', x.st }
end
if not replay then
  local order = {}
  for _, i in ipairs(numbers(x.ord)) do
    if state_of(x, i) ~= 'u' then
      order[#order + 1] = i
    end
  end
  for i = 0, x.k - 1 do
    local state, t = state_of(x, i), read_task(x, i)
    local kept = (i < x.n and (state == 'd' or state == 't')) or (i >= x.n and state == '-')
    if not kept then
      -- What was begun and did not succeed gets a call of its own: the old one is dead, cancelled or done.
      t.round = t.round + t.touched
      t.era = t.era + (string.find(state, '[udt]') and 1 or 0)
      t.gen, t.start, t.touched, t.attempts, t.sa, t.fa, t.ms = t.gen + 1, 0, 0, 0, 0, 0, 0
      write_task(x, i, t)
      redis.call('HDEL', flow, 'r' .. i, 'e' .. i)
      redis.call('HSET', flow, 'w' .. i, 1) -- their trees are others than the whole flow's
      set_state(x, i, i < x.n and 'w' or '-')
    end
  end
  for i = 0, x.n - 1 do
    local ready = state_of(x, i) == 'w'
    for _, before in ipairs(numbers(redis.call('HGET', flow, 'a' .. i))) do
      ready = ready and string.find(state_of(x, before), '[dt]') ~= nil
    end
    if ready then
      set_state(x, i, 'r')
    end
  end
  redis.call('HDEL', flow, 'ca', 'fa')
  redis.call('HSET', flow, 'st', 'running', 's', x.s, 'ord', table.concat(order, ','), 'fr', 1)
  redis.call('PERSIST', flow)
  redis.call('ZADD', open, tonumber(redis.call('HGET', flow, 'at')), id)
end
local open_tasks = {}
for i = 0, x.n - 1 do
  if string.find(state_of(x, i), '[wr]') then
    open_tasks[#open_tasks + 1] = i
  end
end
return { 'retried', deliveries_of(x, open_tasks) }
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

/** Arguments of {@link settle}. */
export interface SettleArgs {
  readonly id: string;
  readonly task: number;
  readonly generation: number;
  readonly start: number;
  readonly attempt: number;
  readonly state: string;
  readonly value: string;
  readonly nowMs?: number | undefined;
}

/** What {@link settle} answers. */
export type SettleReply =
  | { readonly tag: 'settled'; readonly state: string; readonly granted: string; readonly wake: readonly string[] }
  | { readonly tag: 'lost' }
  | { readonly tag: 'unknown' };

/** Records how a task ended, and what follows from it for the flow. (settle.lua) */
export const settle: Script<'flow' | 'open', SettleArgs, SettleReply> = {
  name: 'settle',
  sha1: '8c61065bc841d6ede16ebbf287859fc80a30ec8d',
  keys: ['flow', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'task', type: 'integer', optional: false },
    { name: 'generation', type: 'integer', optional: false },
    { name: 'start', type: 'integer', optional: false },
    { name: 'attempt', type: 'integer', optional: false },
    { name: 'state', type: 'string', optional: false },
    { name: 'value', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    settled: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'granted', type: 'string', list: false, optional: false },
      { name: 'wake', type: 'string', list: true, optional: false },
    ],
    lost: [],
    unknown: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, 'flow_record.lua', 1], [35, 'flow_task.lua', 1], [53, 'flow_deliveries.lua', 1], [66, 'flow_wake.lua', 1], [96, 'flow_next.lua', 1], [127, 'flow_end.lua', 1], [166, 'flow_advance.lua', 1], [185, 'flow_settle.lua', 1], [215, '', 0], [216, 'settle.lua', 16], [252, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- A flow's record while a script works on it. Its tasks' states are one text, a character a task: - dormant, w waiting,
-- r ready, b begun, d done, t taken, x dead, s skipped, c cancelled, u undone.
local function load_flow(key)
  local f = redis.call('HMGET', key, 'st', 's', 'n', 'k', 'ca', 'ord', 'fa', 'keep', 'fr')
  if not f[1] then
    return nil
  end
  return { key = key, st = f[1], s = f[2], n = tonumber(f[3]), k = tonumber(f[4]), ca = f[5], ord = f[6] or '', fa = f[7],
    keep = tonumber(f[8]), fr = f[9] }
end

local function save_flow(flow)
  redis.call('HSET', flow.key, 'st', flow.st, 's', flow.s, 'ord', flow.ord)
  if flow.fr then
    redis.call('HDEL', flow.key, 'fr')
    flow.fr = false
  end
end

local function state_of(flow, i)
  return string.sub(flow.s, i + 1, i + 1)
end

local function set_state(flow, i, state)
  flow.s = string.sub(flow.s, 1, i) .. state .. string.sub(flow.s, i + 2)
end
local function numbers(text)
  local found = {}
  for number in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(number)
  end
  return found
end

-- What changes of a task: generation, start, touched, round, era, attempts, started, finished, missing since.
local function read_task(flow, i)
  local t = numbers(redis.call('HGET', flow.key, 't' .. i))
  return { gen = t[1], start = t[2], touched = t[3], round = t[4], era = t[5], attempts = t[6], sa = t[7], fa = t[8], ms = t[9] }
end

local function write_task(flow, i, t)
  redis.call('HSET', flow.key, 't' .. i, string.format('%.0f %.0f %d %d %d %d %.0f %.0f %.0f', t.gen, t.start, t.touched, t.round,
    t.era, t.attempts, t.sa, t.fa, t.ms))
end
--@include flow_task
-- What deliveries of these tasks are made from: number, generation, round, era, envelope, number, …
local function deliveries_of(flow, tasks)
  local found = {}
  for _, i in ipairs(tasks) do
    local f = redis.call('HMGET', flow.key, 't' .. i, 'c' .. i)
    local t = numbers(f[1])
    for _, value in ipairs({ tostring(i), tostring(t[1]), tostring(t[4]), tostring(t[5]), f[2] }) do
      found[#found + 1] = value
    end
  end
  return found
end
--@include flow_record
--@include flow_task
--@include flow_deliveries
-- Of these tasks the ones that BullMQ does not start by itself.
local function wake_of(flow, tasks)
  local wanted = {}
  table.sort(tasks)
  for _, i in ipairs(tasks) do
    if redis.call('HEXISTS', flow.key, 'w' .. i) == 1 then
      wanted[#wanted + 1] = i
    end
  end
  return deliveries_of(flow, wanted)
end

-- What may not have been woken after a task had ended, should who ended it have died.
local function following(flow, i)
  local found = {}
  for _, j in ipairs(numbers(redis.call('HGET', flow.key, 'o' .. i))) do
    if string.find(state_of(flow, j), '[rsc]') then
      found[#found + 1] = j
    end
  end
  for j = flow.n, #flow.s - 1 do
    if state_of(flow, j) == 'r' then
      found[#found + 1] = j
    end
  end
  return wake_of(flow, found)
end
--@include flow_record
--@include flow_task
-- A node succeeded: who waited for it alone is ready.
local function make_ready(flow, i, found)
  for _, j in ipairs(numbers(redis.call('HGET', flow.key, 'o' .. i))) do
    if state_of(flow, j) == 'w' then
      local ready = true
      for _, before in ipairs(numbers(redis.call('HGET', flow.key, 'a' .. j))) do
        ready = ready and string.find(state_of(flow, before), '[dt]') ~= nil
      end
      if ready then
        set_state(flow, j, 'r')
        found[#found + 1] = j
      end
    end
  end
end

-- A node did not succeed: who needs it, at whatever distance, will not run.
local function give_up_after(flow, i, state, found)
  local open = { i }
  while #open > 0 do
    for _, j in ipairs(numbers(redis.call('HGET', flow.key, 'o' .. table.remove(open)))) do
      if state_of(flow, j) == 'w' then
        set_state(flow, j, state)
        found[#found + 1] = j
        open[#open + 1] = j
      end
    end
  end
end
--@include flow_record
--@include flow_task
local function end_flow(flow, state, now, found)
  flow.st, flow.fa = state, now
  redis.call('HSET', flow.key, 'fa', now)
  local f = redis.call('HMGET', flow.key, 'yc', 'ys', 'yf')
  for _, i in ipairs({ f[1] or '', state == 'completed' and f[2] or '', state ~= 'completed' and f[3] or '' }) do
    i = tonumber(i)
    if i and state_of(flow, i) == '-' then
      set_state(flow, i, 'r')
      found[#found + 1] = i
    end
  end
end

-- One undo at a time, the newest node's first.
local function compensate(flow, now, found)
  local undos = string.sub(flow.s, flow.n + 1, flow.k)
  if string.find(undos, '[rb]') then
    return
  end
  local order = numbers(flow.ord)
  for at = #order, 1, -1 do
    local i = order[at]
    local undo = state_of(flow, i) == 'd' and tonumber(redis.call('HGET', flow.key, 'u' .. i) or '')
    if undo and state_of(flow, undo) == '-' then
      set_state(flow, undo, 'r')
      found[#found + 1] = undo
      return
    end
  end
  if flow.ca then
    end_flow(flow, 'cancelled', now, found)
  elseif string.find(undos, '[dt]') and not string.find(undos, 'x') then
    end_flow(flow, 'compensated', now, found)
  else
    end_flow(flow, 'failed', now, found)
  end
end
--@include flow_end
-- Goes on to the undo calls and the end when nothing else is left.
local function advance(flow, now, found, open, id)
  local nodes = string.sub(flow.s, 1, flow.n)
  if flow.st == 'running' and not string.find(nodes, '[wrb]') then
    if string.find(nodes, '[^dt]') then
      flow.st = 'compensating'
    else
      end_flow(flow, 'completed', now, found)
    end
  end
  if flow.st == 'compensating' then
    compensate(flow, now, found)
  end
  if flow.fa and not string.find(flow.s, '[rb]') then
    redis.call('PEXPIRE', flow.key, flow.keep)
    redis.call('ZREM', open, id)
  end
end
--@include flow_record
--@include flow_task
--@include flow_next
--@include flow_advance
-- Records how a task ended, and what follows from it; answers the tasks that became ready, or will not run, by it.
local function settle_task(flow, run, state, value, now, open, id)
  local i, found = run.task, {}
  local t = read_task(flow, i)
  set_state(flow, i, state)
  t.start, t.touched, t.attempts, t.fa, t.ms = run.start, 1, run.attempt, now, 0
  write_task(flow, i, t)
  if state == 'x' then
    redis.call('HSET', flow.key, 'e' .. i, value)
  elseif state ~= 'c' then
    redis.call('HSET', flow.key, 'r' .. i, value)
  end
  if i < flow.n then
    if state == 'x' or state == 'c' then
      give_up_after(flow, i, state == 'x' and 's' or 'c', found)
    else
      flow.ord = flow.ord == '' and tostring(i) or flow.ord .. ',' .. i
      make_ready(flow, i, found)
    end
  elseif i < flow.k and state ~= 'x' and state ~= 'c' then
    set_state(flow, tonumber(redis.call('HGET', flow.key, 'v' .. i)), 'u')
  end
  advance(flow, now, found, open, id)
  save_flow(flow)
  return found
end
local function item(flow, open, id, task, generation, start, attempt, state, value, nowMs)
--@include now_ms
--@include flow_record
--@include flow_task
--@include flow_wake
--@include flow_settle
local x = load_flow(flow)
if not x then
  return { 'unknown' }
end
local t, now_in = read_task(x, task), state_of(x, task)
if t.gen ~= generation or start < t.start then
  return { 'lost' }
end
if now_in ~= 'r' and now_in ~= 'b' then
  if start == t.start and (now_in == state or (now_in == 'u' and state == 'd')) then
    return { 'settled', x.st, '', following(x, task) }
  end
  return { 'lost' }
end
local run = { task = task, start = start, attempt = attempt }
local now = now_ms(nowMs)
local found = settle_task(x, run, state, value, now, open, id)
local wake, granted = wake_of(x, found), {}
for _, i in ipairs(found) do
  if i < x.n and state_of(x, i) == 'r' and redis.call('HEXISTS', flow, 'w' .. i) == 0 then
    local g = read_task(x, i)
    g.start, g.attempts, g.sa = 1, 1, now
    write_task(x, i, g)
    set_state(x, i, 'b')
    granted[#granted + 1] = i .. ' ' .. g.gen
  end
end
if #granted > 0 then
  save_flow(x)
end
return { 'settled', x.st, table.concat(granted, ','), wake }
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
  local k, a = i * 2, i * 8
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      tonumber(ARGV[a + 2]),
      tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]),
      tonumber(ARGV[a + 5]),
      ARGV[a + 6],
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

/** Arguments of {@link start}. */
export interface StartArgs {
  readonly id: string;
  readonly digest: string;
  readonly fields: string;
  readonly nowMs?: number | undefined;
}

/** What {@link start} answers. */
export type StartReply =
  | { readonly tag: 'started' }
  | { readonly tag: 'known'; readonly state: string; readonly untouched: number }
  | { readonly tag: 'conflict' };

/** Makes the record of a flow, or answers that there is one. (start.lua) */
export const start: Script<'flow' | 'open', StartArgs, StartReply> = {
  name: 'start',
  sha1: '6bab3d7fa53a378f6a658283ffb684a1cd7731c6',
  keys: ['flow', 'open'],
  args: [
    { name: 'id', type: 'string', optional: false },
    { name: 'digest', type: 'string', optional: false },
    { name: 'fields', type: 'string', optional: false },
    { name: 'nowMs', type: 'integer', optional: true },
  ],
  replies: {
    started: [],
    known: [
      { name: 'state', type: 'string', list: false, optional: false },
      { name: 'untouched', type: 'integer', list: false, optional: false },
    ],
    conflict: [],
  },
  lines: [[1, 'now_ms.lua', 1], [9, '', 0], [10, 'start.lua', 12], [26, '', 0]],
  source: `-- The server's clock in whole milliseconds since the epoch; \`override_ms\` stands in for it in tests.
local function now_ms(override_ms)
  if override_ms then
    return override_ms
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function item(flow, open, id, digest, fields, nowMs)
--@include now_ms
local f = redis.call('HMGET', flow, 'st', 'dg', 'fr')
if f[1] then
  if f[2] ~= digest then
    return { 'conflict' }
  end
  return { 'known', f[1], f[3] and 1 or 0 }
end
local now = now_ms(nowMs)
local all = cjson.decode(fields)
for i = 1, #all, 200 do
  redis.call('HSET', flow, unpack(all, i, math.min(i + 199, #all)))
end
redis.call('HSET', flow, 'dg', digest, 'at', now)
redis.call('ZADD', open, now, id)
return { 'started' }
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
  local k, a = i * 2, i * 4
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      KEYS[k + 2],
      ARGV[a + 1],
      ARGV[a + 2],
      ARGV[a + 3],
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

/** Arguments of {@link survey}. */
export interface SurveyArgs {
  readonly beforeMs: number;
  readonly cursor: string;
  readonly count: number;
}

/** What {@link survey} answers. */
export type SurveyReply =
  | { readonly tag: 'page'; readonly cursor: string; readonly ids: readonly string[] };

/** Lists a part of the flows of one tag with something left to do; one that is open throughout a survey is in one of its parts. (survey.lua) */
export const survey: Script<'open', SurveyArgs, SurveyReply> = {
  name: 'survey',
  sha1: 'eaa3cc9db1d788cd5868ebe584089c89a4e7eba0',
  keys: ['open'],
  args: [
    { name: 'beforeMs', type: 'integer', optional: false },
    { name: 'cursor', type: 'string', optional: false },
    { name: 'count', type: 'integer', optional: false },
  ],
  replies: {
    page: [
      { name: 'cursor', type: 'string', list: false, optional: false },
      { name: 'ids', type: 'string', list: true, optional: false },
    ],
  },
  lines: [[1, '', 0], [2, 'survey.lua', 10], [10, '', 0]],
  source: `local function item(open, beforeMs, cursor, count)
local scan = redis.call('ZSCAN', open, cursor, 'COUNT', count)
local ids = {}
for i = 1, #scan[2], 2 do
  if tonumber(scan[2][i + 1]) <= beforeMs then
    ids[#ids + 1] = scan[2][i]
  end
end
return { 'page', scan[1], ids }
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
