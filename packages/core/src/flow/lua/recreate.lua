--[[
@script recreate
@does   Raises the generation of an open task whose delivery is lost, so that a new one can be made and the old one has nothing to do.
@key    flow        hash of the flow
@arg    task        integer  number of the task
@arg    generation  integer  generation of the delivery that is lost
@arg    patienceMs  integer  how long one that has begun must have been missing
@arg    nowMs       integer? tests only
@reply  recreated(delivery:string[]) | held(leftMs:integer) | moved
]]
--@include now_ms
--@include flow_record
--@include flow_task
--@include flow_deliveries
local x = load_flow(flow)
local state = x and state_of(x, task)
if state ~= 'r' and state ~= 'b' then
  return { 'moved' }
end
local t = read_task(x, task)
if t.gen ~= generation then
  return { 'moved' }
end
if state == 'b' then
  local now = now_ms(nowMs)
  local since = t.ms == 0 and now or t.ms
  if since + patienceMs > now then
    t.ms = since
    write_task(x, task, t)
    return { 'held', since + patienceMs - now }
  end
end
t.gen, t.start, t.ms = t.gen + 1, 0, 0
if state == 'b' then
  t.touched = 1
end
write_task(x, task, t)
return { 'recreated', deliveries_of(x, { task }) }
