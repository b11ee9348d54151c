// Generated from the .lua files beside it by gen-lua; change those and run it again.
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
import type { Script } from '@bulletproof/kernel';

/** Arguments of {@link takeTurn}. */
export interface TakeTurnArgs {
  readonly owner: string;
  readonly everyMs: number;
}

/** What {@link takeTurn} answers. */
export type TakeTurnReply =
  | { readonly tag: 'yours' }
  | { readonly tag: 'taken' };

/** Gives the next pass over the whole app to one process; the others wait for the turn after it. (take_turn.lua) */
export const takeTurn: Script<'turn', TakeTurnArgs, TakeTurnReply> = {
  name: 'take_turn',
  sha1: 'a0e9c079fdc3feb0c1e1007eebd1f95d36d5589a',
  keys: ['turn'],
  args: [
    { name: 'owner', type: 'string', optional: false },
    { name: 'everyMs', type: 'integer', optional: false },
  ],
  replies: {
    yours: [],
    taken: [],
  },
  lines: [[1, '', 0], [2, 'take_turn.lua', 9], [6, '', 0]],
  source: `local function item(turn, owner, everyMs)
if redis.call('SET', turn, owner, 'NX', 'PX', everyMs) then
  return { 'yours' }
end
return { 'taken' }
end
local function placed(problem)
  local message = type(problem) == 'table' and problem.err or problem
  message = tostring(message)
  if string.find(message, 'user_script:', 1, true) then
    return message
  end
  for level = 3, 6 do
    local _, place = pcall(error, '', level)
    if type(place) == 'string' and string.find(place, 'user_script:', 1, true) then
      return place .. message
    end
  end
  return message
end
local replies = {}
for i = 0, #KEYS / 1 - 1 do
  local k, a = i * 1, i * 2
  local ok, reply = xpcall(function()
    return item(
      KEYS[k + 1],
      ARGV[a + 1],
      tonumber(ARGV[a + 2])
    )
  end, placed)
  if not ok then
    reply = { '!error', reply }
  elseif type(reply) ~= 'table' then
    reply = { '!error', 'ended without a reply' }
  elseif reply.err then
    reply = { '!error', reply.err }
  end
  replies[i + 1] = reply
end
return replies
`,
};
