--[[
@script settle
@does   Records how a task ended, and what follows from it for the flow.
@key    flow        hash of the flow
@key    open        sorted set of the flows of this tag with something left to do, by the time of their start
@arg    id          string   id of the flow
@arg    task        integer  number of the task
@arg    generation  integer  which re-creation of the delivery this is
@arg    start       integer  how often the delivery was started (BullMQ's attemptsStarted)
@arg    attempt     integer  number of the attempt
@arg    state       string   d done, t taken, x dead, c cancelled
@arg    value       string   JSON of the result or the error; empty for undefined
@arg    nowMs       integer? tests only
@reply  settled(state:string, granted:string, wake:string[]) | lost | unknown
]]
--@include now_ms
--@include flow_record
--@include flow_task
--@include flow_wake
--@include flow_settle
local x = load_flow(flow)
if not x then
  return { 'unknown' }
end
local t, now_in = read_task(x, task), state_of(x, task)
if t.gen ~= generation or start < t.start then
  return { 'lost' }
end
if now_in ~= 'r' and now_in ~= 'b' then
  if start == t.start and (now_in == state or (now_in == 'u' and state == 'd')) then
    return { 'settled', x.st, '', following(x, task) }
  end
  return { 'lost' }
end
local run = { task = task, start = start, attempt = attempt }
local now = now_ms(nowMs)
local found = settle_task(x, run, state, value, now, open, id)
local wake, granted = wake_of(x, found), {}
for _, i in ipairs(found) do
  if i < x.n and state_of(x, i) == 'r' and redis.call('HEXISTS', flow, 'w' .. i) == 0 then
    local g = read_task(x, i)
    g.start, g.attempts, g.sa = 1, 1, now
    write_task(x, i, g)
    set_state(x, i, 'b')
    granted[#granted + 1] = i .. ' ' .. g.gen
  end
end
if #granted > 0 then
  save_flow(x)
end
return { 'settled', x.st, table.concat(granted, ','), wake }
