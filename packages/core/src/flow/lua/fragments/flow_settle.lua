--@include flow_record
--@include flow_task
--@include flow_next
--@include flow_advance
-- Records how a task ended, and what follows from it; answers the tasks that became ready, or will not run, by it.
local function settle_task(flow, run, state, value, now, open, id)
  local i, found = run.task, {}
  local t = read_task(flow, i)
  set_state(flow, i, state)
  t.start, t.touched, t.attempts, t.fa, t.ms = run.start, 1, run.attempt, now, 0
  write_task(flow, i, t)
  if state == 'x' then
    redis.call('HSET', flow.key, 'e' .. i, value)
  elseif state ~= 'c' then
    redis.call('HSET', flow.key, 'r' .. i, value)
  end
  if i < flow.n then
    if state == 'x' or state == 'c' then
      give_up_after(flow, i, state == 'x' and 's' or 'c', found)
    else
      flow.ord = flow.ord == '' and tostring(i) or flow.ord .. ',' .. i
      make_ready(flow, i, found)
    end
  elseif i < flow.k and state ~= 'x' and state ~= 'c' then
    set_state(flow, tonumber(redis.call('HGET', flow.key, 'v' .. i)), 'u')
  end
  advance(flow, now, found, open, id)
  save_flow(flow)
  return found
end
