--@include move
-- Opens a breaker for the time that its number of openings demands.
local function open(s, reason, ask, now)
  local stable = s.st == 'closed' and now - s.at >= ask.stable
  local opens = stable and 1 or s.op + 1
  local span = math.min(ask.max, ask.open * 2 ^ (opens - 1))
  move(s, { st = 'open', un = now + math.floor(span * (1 + ask.jitter)), op = opens, rs = reason }, ask, now)
end
