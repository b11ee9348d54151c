import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkNoPositions, variablesIn } from './body.mjs';
import { LuaProblem } from './problem.mjs';
import { followBlocks, tokensOf } from './tokens.mjs';

const MAX_FRAGMENT_LINES = 40;
const CLOCKS = new Set(['now_ms', 'now_us']);

/** @import { Token } from './tokens.mjs' */

/**
 * @typedef {{ file: string, text: string }} Source
 * @typedef {Source & { name: string }} Fragment
 * @typedef {{ folders: string[], found: Map<string, Fragment>, path: string[] }} Context
 */

/**
 * The fragments that a script includes, each once, those that others need first.
 * @param {Source} source the script
 * @param {string[]} folders where to look, the nearest first
 * @returns {Fragment[]}
 */
export function fragmentsOf(source, folders) {
  const found = new Map();
  collect(source, { folders, found, path: [] });
  return [...found.values()];
}

/**
 * Names after `--@include` in a source.
 * @param {Source} source
 */
export function includesIn(source) {
  return includeLines(source).map(({ name }) => name);
}

/**
 * @param {Source} source
 */
function includeLines({ file, text }) {
  return text.split('\n').flatMap((content, index) => {
    if (!/^\s*--\s*@/.test(content)) return [];
    const include = /^--@include (\w+)\s*$/.exec(content);
    if (!include?.[1])
      throw new LuaProblem(
        file,
        index + 1,
        'not understood; write "--@include name" from the first column',
      );
    return [{ name: include[1], line: index + 1 }];
  });
}

/**
 * @param {Source} source
 * @param {Context} context
 */
function collect(source, context) {
  const used = variablesIn(tokensOf(source));
  for (const { name, line } of includeLines(source)) {
    if (context.path.includes(name))
      throw new LuaProblem(source.file, line, `fragment ${name} includes itself`);
    const fragment =
      context.found.get(name) ?? read(source, { name, line, folders: context.folders });
    const functions = functionsIn(fragment);
    if (!functions.some((defined) => used.has(defined))) {
      throw new LuaProblem(
        source.file,
        line,
        `includes ${name} and never calls ${functions.join(' or ')}`,
      );
    }
    if (context.found.has(name)) continue;
    collect(fragment, { ...context, path: [...context.path, name] });
    context.found.set(name, fragment);
  }
}

/**
 * @param {Source} source
 * @param {{ name: string, line: number, folders: string[] }} wanted
 * @returns {Fragment}
 */
function read(source, { name, line, folders }) {
  for (const folder of folders) {
    try {
      const text = readFileSync(path.join(folder, `${name}.lua`), 'utf8').trimEnd();
      return { name, file: `${name}.lua`, text };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  throw new LuaProblem(
    source.file,
    line,
    `no fragment ${name}.lua in lua/fragments of this package or of the kernel`,
  );
}

/**
 * Checks that a fragment holds nothing but local functions, and returns their names.
 * @param {Fragment} fragment
 */
function functionsIn({ name, file, text }) {
  const lines = text.split('\n').length;
  if (lines > MAX_FRAGMENT_LINES) {
    throw new LuaProblem(
      file,
      lines,
      `${lines} lines; a fragment has at most ${MAX_FRAGMENT_LINES}`,
    );
  }
  const tokens = tokensOf({ file, text });
  checkNoPositions(file, tokens);
  const clock = tokens.find(
    (token) => token.kind === 'string' && token.text.toUpperCase() === 'TIME',
  );
  if (clock && !CLOCKS.has(name))
    throw new LuaProblem(file, clock.line, 'reads the clock itself; include now_ms');
  /** @type {string[]} */
  const functions = [];
  /** @type {('function' | 'block')[]} */
  const open = [];
  for (const [index, token] of tokens.entries()) {
    if (open.length === 0) functions.push(...topLevelName(file, tokens, index));
    followBlocks(token, open);
  }
  return functions;
}

/**
 * Outside of functions only the three words `local function name` may stand; what follows them is inside.
 * @param {string} file
 * @param {Token[]} tokens
 * @param {number} index
 */
function topLevelName(file, tokens, index) {
  const words = tokens.slice(index, index + 3).map(({ text }) => text);
  if (words[0] === 'local' && words[1] === 'function') return [words[2] ?? ''];
  if (words[0] === 'function' && tokens[index - 1]?.text === 'local') return [];
  throw new LuaProblem(file, tokens[index]?.line ?? 1, 'a fragment holds local functions only');
}
