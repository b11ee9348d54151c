--[[
@script break_down
@does   Writes, then fails in the way it is told.
@key    trace  list: every call leaves its way here
@arg    way    string
@reply  unharmed(calls:integer) | odd(number:integer)
]]
--@include fail_inside
local calls = redis.call('RPUSH', trace, way)
if way == 'lua' then
  local nothing
  return { 'unharmed', nothing.field }
elseif way == 'command' then
  redis.call('INCR', trace)
elseif way == 'fragment' then
  fail_inside(trace)
elseif way == 'thrown' then
  error('thrown on purpose')
elseif way == 'thrown table' then
  error({ err = 'CUSTOM thrown table' })
elseif way == 'global' then
  undeclared = 1
elseif way == 'odd' then
  return { 'odd', 'not a number' }
end
if way ~= 'silent' then
  return { 'unharmed', calls }
end
