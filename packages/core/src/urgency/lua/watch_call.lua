--[[
@script watch_call
@does   Notes when a call is to be moved to another queue, should it still be waiting then; an earlier time that is noted stays.
@key    watched  sorted set of calls of this tag that may be moved, by the time of the next look at them
@arg    member   string   name of the call's record
@arg    afterMs  integer  from now
@arg    keepMs   integer  how long after its last time an index is kept that nobody looks at
@arg    nowMs    integer? tests only
@reply  watched
]]
--@include now_ms
local now = now_ms(nowMs)
redis.call('ZADD', watched, 'LT', now + afterMs, member)
if redis.call('PTTL', watched) < afterMs + keepMs then
  redis.call('PEXPIRE', watched, afterMs + keepMs)
end
return { 'watched' }
