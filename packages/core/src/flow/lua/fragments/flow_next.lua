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
