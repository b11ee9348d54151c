--[[
@script cancel
@does   Cancels what has not begun of a flow; what has is to be told, and what succeeded is undone.
@key    flow        hash of the flow
@key    open        sorted set of the flows of this tag with something left to do, by the time of their start
@arg    id          string   id of the flow
@arg    reason      string
@arg    nowMs       integer? tests only
@reply  cancelled(begun:string, wake:string[]) | settled(state:string) | unknown
]]
--@include now_ms
--@include flow_record
--@include flow_task
--@include flow_deliveries
--@include flow_wake
--@include flow_advance
local x = load_flow(flow)
if not x then
  return { 'unknown' }
elseif x.st ~= 'running' then
  return { 'settled', x.st }
end
if not x.ca then
  x.ca = reason
  redis.call('HSET', flow, 'ca', reason)
end
local begun, found = {}, {}
for i = 0, x.n - 1 do
  local state = state_of(x, i)
  if state == 'w' or (state == 'r' and read_task(x, i).touched == 0) then
    set_state(x, i, 'c')
  elseif state == 'r' or state == 'b' then
    begun[#begun + 1] = i
  end
  if state_of(x, i) == 'c' then
    found[#found + 1] = i
  end
end
advance(x, now_ms(nowMs), found, open, id)
redis.call('HSET', flow, 'st', x.st, 's', x.s)
local wake = wake_of(x, found)
for _, value in ipairs(deliveries_of(x, begun)) do
  wake[#wake + 1] = value
end
return { 'cancelled', table.concat(begun, ','), wake }
