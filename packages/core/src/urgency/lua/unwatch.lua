--[[
@script unwatch
@does   Notes the next look at a call, or that there is none.
@key    watched  sorted set of calls of this tag that may be moved, by the time of the next look at them
@arg    member   string
@arg    keepMs   integer  how long after its last time an index is kept that nobody looks at
@arg    atMs     integer? of the next look; none when it is not given
@arg    nowMs    integer? tests only
@reply  noted
]]
--@include now_ms
if not atMs then
  redis.call('ZREM', watched, member)
  return { 'noted' }
end
redis.call('ZADD', watched, 'XX', atMs, member)
local left = atMs - now_ms(nowMs) + keepMs
if redis.call('PTTL', watched) < left then
  redis.call('PEXPIRE', watched, left)
end
return { 'noted' }
