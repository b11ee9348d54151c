--[[
@script take_turn
@does   Gives the next pass over the whole app to one process; the others wait for the turn after it.
@key    turn     string: who has the turn, with a TTL
@arg    owner    string
@arg    everyMs  integer  time between two turns
@reply  yours | taken
]]
if redis.call('SET', turn, owner, 'NX', 'PX', everyMs) then
  return { 'yours' }
end
return { 'taken' }
