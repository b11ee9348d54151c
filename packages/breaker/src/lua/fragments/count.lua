-- Adds outcomes to the window `w` of an epoch, and answers its totals; with a quorum also how many processes reported failures.
local function count(w, epoch, added, now)
  if tonumber(redis.call('HGET', w.key, 'ep') or -1) ~= epoch then
    redis.call('DEL', w.key, w.reporters)
    redis.call('HSET', w.key, 'ep', epoch)
  end
  local stamp = math.floor(now / math.floor(w.ms / w.buckets))
  local sum = { passed = added.passed, failed = added.failed, slow = added.slow }
  local here = { added.passed, added.failed, added.slow }
  local fields = redis.call('HGETALL', w.key)
  for i = 2, #fields, 2 do
    local at, passed, failed, slow = string.match(fields[i], '^(%d+),(%d+),(%d+),(%d+)$')
    at = tonumber(at)
    if at and at > stamp - w.buckets and at <= stamp then
      sum.passed, sum.failed, sum.slow = sum.passed + passed, sum.failed + failed, sum.slow + slow
      if at == stamp then
        here = { here[1] + passed, here[2] + failed, here[3] + slow }
      end
    end
  end
  redis.call('HSET', w.key, stamp % w.buckets, string.format('%.0f,%.0f,%.0f,%.0f', stamp, here[1], here[2], here[3]))
  redis.call('PEXPIRE', w.key, w.keep)
  if w.quorum > 1 then
    if added.failed > 0 or added.slow > 0 then
      redis.call('ZADD', w.reporters, now, w.by)
      redis.call('PEXPIRE', w.reporters, w.keep)
    end
    redis.call('ZREMRANGEBYSCORE', w.reporters, '-inf', now - w.ms)
    sum.reporters = redis.call('ZCARD', w.reporters)
  end
  return sum
end
