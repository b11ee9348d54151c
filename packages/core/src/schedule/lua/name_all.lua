--[[
@script name_all
@does   Names all schedules of the app.
@key    index  sorted set of the app's schedules by the time at which there is something to do for them
@arg    most   integer  the first ones
@reply  names(names:string[])
]]
return { 'names', redis.call('ZRANGE', index, 0, most - 1) }
