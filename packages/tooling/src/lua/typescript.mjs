import { createHash } from 'node:crypto';

/** @import { ArgEntry, Header, Reply } from './header.mjs' */
/** @import { LineRange } from './batch-source.mjs' */

/**
 * @typedef {{ header: Header, file: string, source: string, lines: LineRange[] }} BuiltScript
 */

/**
 * The TypeScript module that binds the scripts of one folder.
 * @param {BuiltScript[]} scripts
 * @param {string} kernel what `Script` is imported from
 */
export function typescriptOf(scripts, kernel) {
  return [
    '// Generated from the .lua files beside it by gen-lua; change those and run it again.',
    '// biome-ignore-all format: generated',
    '// biome-ignore-all assist: generated',
    `import type { Script } from '${kernel}';`,
    ...scripts.map(binding),
    '',
  ].join('\n');
}

/**
 * @param {BuiltScript} script
 */
function binding({ header, file, source, lines }) {
  const name = header.name.replace(/_(\w)/g, (_, /** @type {string} */ letter) =>
    letter.toUpperCase(),
  );
  const type = name.slice(0, 1).toUpperCase() + name.slice(1);
  return `
/** Arguments of {@link ${name}}. */
export interface ${type}Args {${header.args.map(argType).join('')}${header.args.length > 0 ? '\n' : ''}}

/** What {@link ${name}} answers. */
export type ${type}Reply =${header.replies.map(replyType).join('')};

/** ${header.does} (${file}) */
export const ${name}: Script<${header.keys.map((key) => quoted(key.name)).join(' | ')}, ${type}Args, ${type}Reply> = {
  name: ${quoted(header.name)},
  sha1: ${quoted(createHash('sha1').update(source).digest('hex'))},
  keys: [${header.keys.map((key) => quoted(key.name)).join(', ')}],
  args: [${header.args.map((arg) => `\n    ${argValue(arg)},`).join('')}${header.args.length > 0 ? '\n  ' : ''}],
  replies: {${header.replies.map(replyValue).join('')}
  },
  lines: [${lines.map(([emitted, from, line]) => `[${emitted}, ${quoted(from)}, ${line}]`).join(', ')}],
  source: \`${source.replace(/[\\`]|\$\{/g, '\\$&')}\`,
};`;
}

const TYPES = { string: 'string', integer: 'number', number: 'number' };

/**
 * @param {ArgEntry} arg
 */
function argType({ name, type, optional }) {
  return `\n  readonly ${name}${optional ? '?' : ''}: ${TYPES[type]}${optional ? ' | undefined' : ''};`;
}

/**
 * @param {Reply} reply
 */
function replyType({ tag, fields }) {
  const members = fields.map(({ name, type, list, optional }) => {
    const value = `${list ? 'readonly ' : ''}${TYPES[type]}${list ? '[]' : ''}`;
    return `; readonly ${name}: ${value}${optional ? ' | undefined' : ''}`;
  });
  return `\n  | { readonly tag: ${quoted(tag)}${members.join('')} }`;
}

/**
 * @param {ArgEntry} arg
 */
function argValue({ name, type, optional }) {
  return `{ name: ${quoted(name)}, type: ${quoted(type)}, optional: ${optional} }`;
}

/**
 * @param {Reply} reply
 */
function replyValue({ tag, fields }) {
  const members = fields.map(
    ({ name, type, list, optional }) =>
      `\n      { name: ${quoted(name)}, type: ${quoted(type)}, list: ${list}, optional: ${optional} },`,
  );
  return `\n    ${NAME.test(tag) ? tag : quoted(tag)}: [${members.join('')}${members.length > 0 ? '\n    ' : ''}],`;
}

const NAME = /^\w+$/;

/**
 * @param {string} text
 */
function quoted(text) {
  return `'${text}'`;
}
