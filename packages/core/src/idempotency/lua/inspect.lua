--[[
@script inspect
@does   Reads a call's record and, when it is dead, its story.
@key    record  hash of the call's record
@key    dead    hash: the dead call's story
@key    gone    string: why the call was cancelled
@arg    nowMs   integer? tests only
@reply  found(id:string, state:string, queue:string, generation:integer, token:integer, start:integer, leaseLeftMs:integer, enqueuedAtMs:integer?, finishedAtMs:integer?, snoozedUntilMs:integer?, result:string?, reason:string?, envelope:string?, story:string?, diedAtMs:integer?, cancelledFor:string?)
      | pointer(address:string)
      | missing(story:string?, diedAtMs:integer?, cancelledFor:string?)
]]
--@include now_ms
local f = redis.call('HMGET', record, 'id', 'st', 'q', 'gen', 'tk', 'ats', 'lu', 'at', 'fa', 'su', 'r', 'ca', 'c', 'ptr')
local story = redis.call('HMGET', dead, 'story', 'at')
local cancelled_for = redis.call('GET', gone) or ''
if f[14] then
  return { 'pointer', f[14] }
end
if not f[2] then
  return { 'missing', story[1] or '', tonumber(story[2]) or '', cancelled_for }
end
local left = math.max(0, tonumber(f[7] or 0) - now_ms(nowMs))
return { 'found', f[1], f[2], f[3] or '', tonumber(f[4]), tonumber(f[5]), tonumber(f[6]), left, tonumber(f[8]) or '',
  tonumber(f[9]) or '', tonumber(f[10]) or '', f[11] or '', f[12] or '', f[13] or '', story[1] or '', tonumber(story[2]) or '', cancelled_for }
