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
