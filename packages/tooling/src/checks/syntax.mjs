// Reads a TypeScript source into SWC's syntax tree and walks it.
import { readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';

/** @typedef {{ type: string } & Record<string, unknown>} SyntaxNode */

/**
 * Every node of a source file, outer ones first.
 * @param {string} file
 * @returns {Generator<SyntaxNode>}
 */
export function* nodesOf(file) {
  const text = readFileSync(file, 'utf8');
  yield* walk(parseSync(text, { syntax: 'typescript', decorators: true, target: 'es2022' }));
}

/**
 * @param {unknown} value
 * @returns {Generator<SyntaxNode>}
 */
function* walk(value) {
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) yield value;
  for (const child of Object.values(value)) yield* walk(child);
}

/**
 * @param {object} value
 * @returns {value is SyntaxNode}
 */
function isNode(value) {
  return 'type' in value && typeof value.type === 'string';
}
