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
