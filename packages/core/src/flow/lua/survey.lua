--[[
@script survey
@does   Lists a part of the flows of one tag with something left to do; one that is open throughout a survey is in one of its parts.
@key    open      sorted set of the flows of this tag with something left to do, by the time of their start
@arg    beforeMs  integer  only those started at or before then
@arg    cursor    string   '0' to begin, then what the last part gave
@arg    count     integer  about as many in one part
@reply  page(cursor:string, ids:string[])
]]
local scan = redis.call('ZSCAN', open, cursor, 'COUNT', count)
local ids = {}
for i = 1, #scan[2], 2 do
  if tonumber(scan[2][i + 1]) <= beforeMs then
    ids[#ids + 1] = scan[2][i]
  end
end
return { 'page', scan[1], ids }
