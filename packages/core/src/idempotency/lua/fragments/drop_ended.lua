-- Takes those that are kept no longer out of the lists of a tag's dead; 1,000 at most, so that nobody waits long for it.
local function drop_ended(deads, ends, now)
  local ended = redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)
  if #ended > 0 then
    redis.call('ZREM', deads, unpack(ended))
    redis.call('ZREM', ends, unpack(ended))
  end
end
