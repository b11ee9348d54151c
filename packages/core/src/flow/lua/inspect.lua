--[[
@script inspect
@does   Reads a flow, all but what its deliveries are made from.
@key    flow        hash of the flow
@arg    brief       integer  1: without results and errors
@reply  found(name:string, state:string, states:string, nodes:integer, labels:string, untouched:integer, reason:string?, startedAtMs:integer, finishedAtMs:integer?, tasks:string[])
      | missing
]]
local f = redis.call('HMGET', flow, 'nm', 'st', 's', 'n', 'lb', 'fr', 'ca', 'at', 'fa')
if not f[2] then
  return { 'missing' }
end
local tasks = {}
for i = 0, #f[3] - 1 do
  local t = brief == 1 and redis.call('HMGET', flow, 't' .. i) or redis.call('HMGET', flow, 't' .. i, 'r' .. i, 'e' .. i)
  tasks[#tasks + 1] = t[1]
  tasks[#tasks + 1] = t[2] or ''
  tasks[#tasks + 1] = t[3] or ''
end
return { 'found', f[1], f[2], f[3], tonumber(f[4]), f[5], f[6] and 1 or 0, f[7] or '', tonumber(f[8]), tonumber(f[9]) or '', tasks }
