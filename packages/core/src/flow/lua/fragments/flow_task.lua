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
