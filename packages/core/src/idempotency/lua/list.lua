--[[
@script list
@does   Lists ids of dead calls of one tag, newest first.
@key    deads    sorted set of the dead calls of this tag, by time of death
@key    ends     sorted set of the same calls, by the time until which they are kept
@arg    before   string   highest time of death in ms, or '+inf'
@arg    count    integer
@arg    nowMs    integer? tests only
@reply  page(entries:string[])
]]
--@include now_ms
--@include drop_ended
drop_ended(deads, ends, now_ms(nowMs))
return { 'page', redis.call('ZREVRANGEBYSCORE', deads, before, '-inf', 'WITHSCORES', 'LIMIT', 0, count) }
