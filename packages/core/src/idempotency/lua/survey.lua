--[[
@script survey
@does   Lists a part of the records of one tag that are not settled; a record that is open throughout a survey is in one of its parts.
@key    open      sorted set of the records of this tag that are not settled, by admission time
@arg    beforeMs  integer  only those admitted at or before then
@arg    cursor    string   '0' to begin, then what the last part gave
@arg    count     integer  about as many in one part
@reply  page(cursor:string, members:string[])
]]
local scan = redis.call('ZSCAN', open, cursor, 'COUNT', count)
local members = {}
for i = 1, #scan[2], 2 do
  if tonumber(scan[2][i + 1]) <= beforeMs then
    members[#members + 1] = scan[2][i]
  end
end
return { 'page', scan[1], members }
