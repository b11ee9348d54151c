import { LuaProblem } from './problem.mjs';
import { followBlocks, tokensOf } from './tokens.mjs';

/** @import { Header, Reply } from './header.mjs' */
/** @import { Token } from './tokens.mjs' */

const MAX_ENTRY_LINES = 80;

/**
 * Compares a script's body with its header and throws the first `LuaProblem`.
 * @param {{ file: string, text: string, header: Header, includes: string[] }} script
 */
export function checkBody({ file, text, header, includes }) {
  const lines = text.trimEnd().split('\n');
  if (lines.length > MAX_ENTRY_LINES) {
    throw new LuaProblem(
      file,
      lines.length,
      `${lines.length} lines; a script has at most ${MAX_ENTRY_LINES}`,
    );
  }
  const body = lines.slice(header.endLine).join('\n');
  const tokens = tokensOf({ file, text: body, firstLine: header.endLine + 1 });
  checkNoPositions(file, tokens);
  checkUsed(file, tokens, header);
  checkTime(file, tokens, { header, includes });
  checkReturns(file, tokens, header);
}

/**
 * Positions exist only in generated code.
 * @param {string} file
 * @param {Token[]} tokens
 */
export function checkNoPositions(file, tokens) {
  const position = tokens.find(
    ({ kind, text }) => kind === 'name' && (text === 'KEYS' || text === 'ARGV'),
  );
  if (position) {
    throw new LuaProblem(
      file,
      position.line,
      `${position.text} in a body; declare an @key or @arg and use its name`,
    );
  }
}

/**
 * Names that stand for a variable, not for a field after a dot.
 * @param {Token[]} tokens
 */
export function variablesIn(tokens) {
  return new Set(
    tokens
      .filter(({ kind }, index) => kind === 'name' && !isSymbol(tokens[index - 1], '.', ':'))
      .map(({ text }) => text),
  );
}

/**
 * @param {Token | undefined} token
 * @param {...string} texts
 */
function isSymbol(token, ...texts) {
  return token?.kind === 'symbol' && texts.includes(token.text);
}

/**
 * @param {string} file
 * @param {Token[]} tokens
 * @param {Header} header
 */
function checkUsed(file, tokens, header) {
  const used = variablesIn(tokens);
  for (const { name, line } of [...header.keys, ...header.args]) {
    if (!used.has(name)) throw new LuaProblem(file, line, `"${name}" is declared and never used`);
  }
}

/**
 * One way to read the clock, so that tests can replace it everywhere.
 * @param {string} file
 * @param {Token[]} tokens
 * @param {{ header: Header, includes: string[] }} script
 */
function checkTime(file, tokens, { header, includes }) {
  const own = tokens.find(({ kind, text }) => kind === 'string' && text.toUpperCase() === 'TIME');
  if (own) throw new LuaProblem(file, own.line, 'reads the clock itself; use --@include now_ms');
  if (!includes.includes('now_ms') && !includes.includes('now_us')) return;
  const last = header.args.at(-1);
  if (last?.name !== 'nowMs' || last.type !== 'integer' || !last.optional) {
    throw new LuaProblem(
      file,
      last?.line ?? 1,
      'a script that reads the clock declares "@arg nowMs integer?" as its last',
    );
  }
}

/**
 * @param {string} file
 * @param {Token[]} tokens
 * @param {Header} header
 */
function checkReturns(file, tokens, header) {
  const returned = new Set();
  /** @type {('function' | 'block')[]} */
  const open = [];
  for (const [index, token] of tokens.entries()) {
    followBlocks(token, open);
    if (token.kind !== 'name' || token.text !== 'return' || open.includes('function')) continue;
    const reply = returnedReply({ file, line: token.line }, tokens.slice(index + 1));
    const declared = header.replies.find(({ tag }) => tag === reply.tag);
    if (!declared)
      throw new LuaProblem(file, token.line, `returns '${reply.tag}', which no @reply declares`);
    checkFieldCount(file, token.line, { reply, declared });
    returned.add(reply.tag);
  }
  const missing = header.replies.find(({ tag }) => !returned.has(tag));
  if (missing) throw new LuaProblem(file, missing.line, `@reply ${missing.tag} is never returned`);
}

/**
 * @param {{ file: string, line: number }} place
 * @param {Token[]} tokens
 */
function returnedReply({ file, line }, tokens) {
  const [brace, tag] = tokens;
  if (!isSymbol(brace, '{') || tag?.kind !== 'string') {
    throw new LuaProblem(file, line, "a script returns a literal reply, { 'tag', field, … }");
  }
  let depth = 0;
  let count = 0;
  let last;
  for (const token of tokens) {
    if (isSymbol(token, '{', '(', '[')) depth += 1;
    else if (isSymbol(token, '}', ')', ']')) depth -= 1;
    if (depth === 0) break;
    if (depth === 1 && isSymbol(token, ',', ';')) count += 1;
    last = token;
  }
  // A trailing comma adds no field.
  if (isSymbol(last, ',', ';')) count -= 1;
  return { tag: tag.text, count };
}

/**
 * @param {string} file
 * @param {number} line
 * @param {{ reply: { tag: string, count: number }, declared: Reply }} compared
 */
function checkFieldCount(file, line, { reply, declared }) {
  const required = declared.fields.findLastIndex(({ optional }) => !optional) + 1;
  if (reply.count >= required && reply.count <= declared.fields.length) return;
  throw new LuaProblem(
    file,
    line,
    `returns '${reply.tag}' with ${reply.count} fields, its @reply declares ${declared.fields.map(({ name }) => name).join(', ') || 'none'}`,
  );
}
