--[[
@script retry
@does   Makes ready to run again what did not succeed of a flow, or was undone.
@key    flow        hash of the flow
@key    open        sorted set of the flows of this tag with something left to do, by the time of their start
@arg    id          string   id of the flow
@reply  retried(tasks:string[]) | refused(state:string) | unknown
]]
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
