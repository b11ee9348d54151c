--[[
@script begin
@does   Asks whether a delivery may run its task; the newest start is the only one that may settle it.
@key    flow        hash of the flow
@key    open        sorted set of the flows of this tag with something left to do, by the time of their start
@arg    id          string   id of the flow
@arg    task        integer  number of the task
@arg    generation  integer  which re-creation of the delivery this is
@arg    start       integer  how often the delivery was started (BullMQ's attemptsStarted)
@arg    attempt     integer  number of the attempt
@arg    nowMs       integer? tests only
@reply  claimed(again:integer)
      | waiting
      | done(result:string?, wake:string[])
      | dead(wake:string[])
      | skipped
      | cancelled(reason:string, wake:string[])
      | superseded
      | unknown
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
local t, state = read_task(x, task), state_of(x, task)
if t.gen ~= generation or state == '-' or state == 'u' then
  return { 'superseded' }
elseif state == 'w' then
  -- BullMQ has started it too early, so it parks itself: from now on somebody must wake it.
  redis.call('HSET', flow, 'w' .. task, 1)
  return { 'waiting' }
elseif state == 's' then
  return { 'skipped' }
elseif state == 'd' or state == 't' then
  return { 'done', redis.call('HGET', flow, 'r' .. task) or '', following(x, task) }
elseif state == 'x' then
  return { 'dead', following(x, task) }
elseif state == 'c' then
  return { 'cancelled', x.ca or '', following(x, task) }
elseif start < t.start then
  return { 'superseded' }
end
local now = now_ms(nowMs)
if x.ca and task < x.n then
  local run = { task = task, start = start, attempt = attempt }
  return { 'cancelled', x.ca, wake_of(x, settle_task(x, run, 'c', '', now, open, id)) }
end
local again = t.touched
set_state(x, task, 'b')
t.start, t.touched, t.attempts, t.ms = start, 1, attempt, 0
if t.sa == 0 then
  t.sa = now
end
write_task(x, task, t)
save_flow(x)
return { 'claimed', again }
