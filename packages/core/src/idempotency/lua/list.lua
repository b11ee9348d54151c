--[[
@script list
@does   Lists ids of dead calls of one tag, newest first.
@key    deads    sorted set of the dead calls of this tag, by time of death
@arg    before   string   highest time of death in ms, or '+inf'
@arg    count    integer
@reply  page(entries:string[])
]]
return { 'page', redis.call('ZREVRANGEBYSCORE', deads, before, '-inf', 'WITHSCORES', 'LIMIT', 0, count) }
