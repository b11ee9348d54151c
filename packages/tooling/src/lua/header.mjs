import { LuaProblem } from './problem.mjs';

/**
 * @typedef {{ name: string, description: string, line: number }} KeyEntry
 * @typedef {{ name: string, type: 'string' | 'integer' | 'number', optional: boolean, line: number }} ArgEntry
 * @typedef {{ name: string, type: 'string' | 'integer' | 'number', list: boolean, optional: boolean }} Field
 * @typedef {{ tag: string, fields: Field[], line: number }} Reply
 * @typedef {{ word: string, text: string, line: number }} Directive
 * @typedef {{ name: string, does: string, keys: KeyEntry[], args: ArgEntry[], replies: Reply[], endLine: number }} Header
 */

const NAME = /^[A-Za-z_]\w*$/;
const TAG = /^[a-z][a-z0-9_-]*$/;
const RESERVED = new Set(
  `and break do else elseif end false for function if in local nil not or repeat return then true until while
   KEYS ARGV redis cjson cmsgpack bit struct math string table type pairs ipairs next tonumber tostring pcall xpcall error
   unpack select assert tag`.split(/\s+/),
);

/**
 * Reads the `--[[ … ]]` comment that a script begins with.
 * @param {string} file name of the file
 * @param {string} text its content
 * @returns {Header}
 */
export function parseHeader(file, text) {
  const lines = text.split('\n');
  if (lines[0]?.trim() !== '--[[') {
    throw new LuaProblem(file, 1, 'a script begins with its header, a "--[[" on a line of its own');
  }
  const end = lines.findIndex((line) => line.trim() === ']]');
  if (end === -1)
    throw new LuaProblem(file, 1, 'the header has no end, a "]]" on a line of its own');
  /** @type {Header} */
  const header = { name: '', does: '', keys: [], args: [], replies: [], endLine: end + 1 };
  for (const directive of directivesOf(file, lines.slice(1, end))) read(file, directive, header);
  check(file, header);
  return header;
}

/**
 * A directive may go on over several lines, until the next one.
 * @param {string} file
 * @param {string[]} lines
 */
function directivesOf(file, lines) {
  /** @type {Directive[]} */
  const directives = [];
  for (const [index, text] of lines.entries()) {
    const line = index + 2;
    const start = /^\s*@(\w+)\s*(.*)$/.exec(text);
    const latest = directives.at(-1);
    if (start?.[1]) directives.push({ word: start[1], text: (start[2] ?? '').trim(), line });
    else if (latest) latest.text += ` ${text.trim()}`;
    else if (text.trim() !== '')
      throw new LuaProblem(file, line, 'text before the first @directive');
  }
  return directives;
}

/**
 * @param {string} file
 * @param {Directive} directive
 * @param {Header} header
 */
function read(file, { word, text, line }, header) {
  const [name = '', ...words] = text.trim().split(/\s+/);
  if (word === 'script') header.name = text.trim();
  else if (word === 'does') header.does = text.trim();
  else if (word === 'key') header.keys.push({ name, description: words.join(' '), line });
  else if (word === 'arg') header.args.push(argOf(file, { name, typeText: words[0] ?? '', line }));
  else if (word === 'reply') header.replies.push(...repliesOf(file, text, line));
  else
    throw new LuaProblem(
      file,
      line,
      `unknown directive @${word}; known are @script, @does, @key, @arg, @reply`,
    );
}

/**
 * @param {string} file
 * @param {{ name: string, typeText: string, line: number }} arg
 * @returns {ArgEntry}
 */
function argOf(file, { name, typeText, line }) {
  const type = /^(string|integer|number)(\?)?$/.exec(typeText);
  if (!type) {
    throw new LuaProblem(
      file,
      line,
      `@arg ${name}: "${typeText}" is no type; use string, integer or number, with ? if optional`,
    );
  }
  return { name, type: typeNamed(type[1]), optional: type[2] === '?', line };
}

/**
 * @param {string} file
 * @param {string} text
 * @param {number} line
 * @returns {Reply[]}
 */
function repliesOf(file, text, line) {
  return text
    .replace(/^\s*\|/, '')
    .split('|')
    .map((part) => {
      const reply = /^([^()\s]+)\s*(?:\(([^()]*)\))?$/.exec(part.trim());
      const tag = reply?.[1] ?? '';
      if (!reply || !TAG.test(tag)) {
        throw new LuaProblem(
          file,
          line,
          `"${part.trim()}" is no reply; write tag or tag(field:type, …)`,
        );
      }
      const fields = (reply[2] ?? '')
        .split(',')
        .map((field) => field.trim())
        .filter((field) => field !== '');
      return { tag, fields: fields.map((field) => fieldOf(file, field, line)), line };
    });
}

/**
 * @param {string} file
 * @param {string} text
 * @param {number} line
 * @returns {Field}
 */
function fieldOf(file, text, line) {
  const field = /^(\w+)\s*:\s*(string|integer|number)(\[\])?(\?)?$/.exec(text);
  const name = field?.[1] ?? '';
  if (!field || RESERVED.has(name)) {
    throw new LuaProblem(
      file,
      line,
      `"${text}" is no reply field; write name:type, type being string, integer or number, then [] and ?`,
    );
  }
  return {
    name,
    type: typeNamed(field[2]),
    list: field[3] !== undefined,
    optional: field[4] !== undefined,
  };
}

/**
 * @param {string | undefined} text
 * @returns {Field['type']}
 */
function typeNamed(text) {
  return text === 'integer' || text === 'number' ? text : 'string';
}

/**
 * @param {string} file
 * @param {Header} header
 */
function check(file, header) {
  if (`${header.name}.lua` !== file || !/^[a-z][a-z0-9_]*$/.test(header.name)) {
    throw new LuaProblem(
      file,
      1,
      `@script must be the file's name in snake_case, got "${header.name}"`,
    );
  }
  if (header.does === '')
    throw new LuaProblem(file, 1, '@does is missing: say in one sentence what the script does');
  if (header.keys.length === 0)
    throw new LuaProblem(file, 1, '@key is missing: a script needs a key to find its slot');
  if (header.replies.length === 0) throw new LuaProblem(file, 1, '@reply is missing');
  unique(file, [...header.keys, ...header.args], (entry) => entry.name);
  unique(file, header.replies, (reply) => reply.tag);
  for (const { name, line } of [...header.keys, ...header.args]) {
    if (!NAME.test(name) || RESERVED.has(name))
      throw new LuaProblem(file, line, `"${name}" cannot be the name of a local`);
  }
}

/**
 * @template {{ line: number }} Entry
 * @param {string} file
 * @param {Entry[]} entries
 * @param {(entry: Entry) => string} nameOf
 */
function unique(file, entries, nameOf) {
  const seen = new Set();
  for (const entry of entries) {
    if (seen.has(nameOf(entry)))
      throw new LuaProblem(file, entry.line, `"${nameOf(entry)}" is declared twice`);
    seen.add(nameOf(entry));
  }
}
