-- The recorded steps of a call, as name, value, name, value, … in no order.
local function steps_of(record)
  local steps = {}
  if redis.call('HEXISTS', record, 'sn') == 0 then
    return steps
  end
  local all = redis.call('HGETALL', record)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 's:' then
      steps[#steps + 1] = string.sub(all[i], 3)
      steps[#steps + 1] = all[i + 1]
    end
  end
  return steps
end
