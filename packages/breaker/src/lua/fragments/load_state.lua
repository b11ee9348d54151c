-- A breaker's state as the store has it; the functions below change it, `tell` ends with it.
local function load_state(state, leases)
  local f = redis.call('HMGET', state, 'st', 'ep', 'at', 'un', 'op', 'ps', 'lp', 'tk', 'rs', 'by', 'cf')
  return {
    key = state,
    leases = leases,
    st = f[1] or 'closed',
    ep = tonumber(f[2] or 0),
    was = tonumber(f[2] or 0),
    at = tonumber(f[3] or 0),
    un = tonumber(f[4] or 0),
    op = tonumber(f[5] or 0),
    ps = tonumber(f[6] or 0),
    lp = tonumber(f[7] or 0),
    tk = tonumber(f[8] or 0),
    rs = f[9] or '',
    by = f[10] or '',
    cf = f[11] or '',
    seen = f[11] or '',
    changed = false,
  }
end
