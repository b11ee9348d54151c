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
