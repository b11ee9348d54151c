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
