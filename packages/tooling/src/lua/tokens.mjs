import { LuaProblem } from './problem.mjs';

/**
 * @typedef {{ kind: 'name' | 'string' | 'number' | 'symbol', text: string, line: number }} Token
 * For a string, `text` is what stands between the quotes.
 */

// In this order: a long comment before a short one, longer symbols before shorter ones.
/** @type {ReadonlyArray<readonly [Token['kind'] | 'space' | 'comment', RegExp]>} */
const GRAMMAR = [
  ['space', /\s+/y],
  ['comment', /--\[(=*)\[[\s\S]*?\]\1\]/y],
  ['comment', /--[^\n]*/y],
  ['string', /\[(=*)\[([\s\S]*?)\]\1\]/y],
  ['string', /'((?:\\[\s\S]|[^'\\\n])*)'/y],
  ['string', /"((?:\\[\s\S]|[^"\\\n])*)"/y],
  ['name', /[A-Za-z_]\w*/y],
  ['number', /0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['symbol', /\.\.\.|\.\.|==|~=|<=|>=|[-+*/%^#<>=(){}[\];:,.]/y],
];

/**
 * Cuts Lua 5.1 source into tokens without comments.
 * @param {{ file: string, text: string, firstLine?: number }} source `firstLine` is the line of the file that `text` begins at
 * @returns {Token[]}
 */
export function tokensOf({ file, text, firstLine = 1 }) {
  /** @type {Token[]} */
  const tokens = [];
  let line = firstLine;
  for (let at = 0; at < text.length; ) {
    const found = matchAt(text, at);
    if (!found)
      throw new LuaProblem(file, line, `not Lua: ${JSON.stringify(text.slice(at, at + 20))}`);
    const { kind, whole, inner } = found;
    if (kind !== 'space' && kind !== 'comment') tokens.push({ kind, text: inner, line });
    line += whole.split('\n').length - 1;
    at += whole.length;
  }
  return tokens;
}

/**
 * @param {string} text
 * @param {number} at
 */
function matchAt(text, at) {
  for (const [kind, pattern] of GRAMMAR) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) continue;
    const [whole] = match;
    return { kind, whole, inner: kind === 'string' ? (match.at(-1) ?? '') : whole };
  }
  return undefined;
}

/**
 * Follows Lua's blocks: after each token tells how deep in blocks and in functions we are.
 * @param {Token} token
 * @param {('function' | 'block')[]} open the blocks open before the token; changed in place
 */
export function followBlocks(token, open) {
  if (token.kind !== 'name') return;
  // `for` and `while` open with their `do`.
  if (token.text === 'function') open.push('function');
  else if (['do', 'if', 'repeat'].includes(token.text)) open.push('block');
  else if (token.text === 'end' || token.text === 'until') open.pop();
}
