--[[
@script survey
@does   Lists records of one tag that are not settled, oldest first.
@key    open      sorted set of the records of this tag that are not settled, by admission time
@arg    beforeMs  integer  only those admitted at or before then
@arg    offset    integer
@arg    count     integer
@reply  page(members:string[])
]]
return { 'page', redis.call('ZRANGEBYSCORE', open, '-inf', beforeMs, 'LIMIT', offset, count) }
