/** @import { ArgEntry, Header } from './header.mjs' */
/** @import { Fragment } from './fragments.mjs' */

/**
 * @typedef {[emitted: number, file: string, line: number]} LineRange
 * From emitted line `emitted` on, lines stand for those of `file` from `line` on; file '' is generated code.
 */

/**
 * The Lua that is sent: fragments, the body as a function of one call, and a loop that runs it once for each call of a batch.
 * @param {{ header: Header, file: string, text: string, fragments: Fragment[] }} script
 * @returns {{ source: string, lines: LineRange[] }}
 */
export function batchSource({ header, file, text, fragments }) {
  /** @type {string[]} */
  const emitted = [];
  /** @type {LineRange[]} */
  const lines = [];
  const add = (
    /** @type {string} */ name,
    /** @type {number} */ firstLine,
    /** @type {string[]} */ added,
  ) => {
    lines.push([emitted.length + 1, name, firstLine]);
    emitted.push(...added);
  };
  for (const fragment of fragments) add(fragment.file, 1, fragment.text.split('\n'));
  add('', 0, [
    `local function item(${[...header.keys, ...header.args].map(({ name }) => name).join(', ')})`,
  ]);
  add(file, header.endLine + 1, text.trimEnd().split('\n').slice(header.endLine));
  add('', 0, ['end', ...loop(header)]);
  return { source: `${emitted.join('\n')}\n`, lines };
}

// Redis 7 throws a table without a place when a command fails, older servers a text with one. The place is then found by asking
// `error` for the position of the functions further up: this runs before the stack is unwound.
const PLACED = `local function placed(problem)
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
end`;

/**
 * @param {Header} header
 */
function loop({ keys, args }) {
  const values = [
    ...keys.map((_, index) => `KEYS[k + ${index + 1}]`),
    ...args.map((arg, index) => wireValue(arg, `ARGV[a + ${index + 1}]`)),
  ];
  return [
    ...PLACED.split('\n'),
    'local replies = {}',
    `for i = 0, #KEYS / ${keys.length} - 1 do`,
    `  local k, a = i * ${keys.length}, i * ${args.length}`,
    '  local ok, reply = xpcall(function()',
    '    return item(',
    ...values.map((value, index) => `      ${value}${index < values.length - 1 ? ',' : ''}`),
    '    )',
    '  end, placed)',
    '  if not ok then',
    "    reply = { '!error', reply }",
    "  elseif type(reply) ~= 'table' then",
    "    reply = { '!error', 'ended without a reply' }",
    '  elseif reply.err then',
    "    reply = { '!error', reply.err }",
    '  end',
    '  replies[i + 1] = reply',
    'end',
    'return replies',
  ];
}

/**
 * @param {ArgEntry} arg
 * @param {string} wire
 */
function wireValue({ type, optional }, wire) {
  // tonumber('') is nil, so an absent number needs no case of its own.
  if (type !== 'string') return `tonumber(${wire})`;
  return optional ? `${wire} ~= '' and ${wire} or nil` : wire;
}
