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
