-- The server's clock in microseconds since the epoch; `override_ms` stands in for it in tests. The number has 16 digits: write it
-- with string.format('%.0f', n), since `..` and tostring keep 14.
local function now_us(override_ms)
  if override_ms then
    return override_ms * 1000
  end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
