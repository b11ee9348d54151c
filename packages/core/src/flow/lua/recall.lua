--[[
@script recall
@does   Reads the result of a task.
@key    flow        hash of the flow
@arg    task        integer  number of the task
@reply  found(state:string, result:string?) | unknown
]]
local f = redis.call('HMGET', flow, 's', 'r' .. task)
if not f[1] then
  return { 'unknown' }
end
return { 'found', string.sub(f[1], task + 1, task + 1), f[2] or '' }
