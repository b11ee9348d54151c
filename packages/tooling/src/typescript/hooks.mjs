// Module hooks that compile `.ts` with SWC and find `./x.ts` where a source says `./x.js`, as NodeNext has it.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import { STANDARD_DECORATORS, swcOptions } from './swc-options.mjs';

/** @typedef {{ parentURL?: string, conditions: string[], importAttributes: Record<string, string> }} ResolveContext */
/** @typedef {{ url: string, format?: string | null, shortCircuit?: boolean }} Resolved */
/** @typedef {{ format: string, source?: unknown, shortCircuit?: boolean }} Loaded */

/**
 * @param {string} specifier
 * @param {ResolveContext} context
 */
function sourceFor(specifier, { parentURL }) {
  if (!/^\.{1,2}\/.*\.js$/.test(specifier) || !parentURL?.endsWith('.ts')) return undefined;
  const source = new URL(specifier.replace(/\.js$/, '.ts'), parentURL);
  return existsSync(source) ? source.href : undefined;
}

/** @param {string} url */
function compile(url) {
  const filename = fileURLToPath(url);
  const dialect = STANDARD_DECORATORS.test(filename) ? 'standard' : 'legacy';
  const source = readFileSync(filename, 'utf8');
  const { code } = transformSync(source, { ...swcOptions(dialect), filename, swcrc: false });
  return { format: 'module', source: code, shortCircuit: true };
}

/** @param {string} url */
const isSource = (url) => url.startsWith('file:') && url.endsWith('.ts');

/**
 * @template R
 * @param {string} specifier
 * @param {ResolveContext} context
 * @param {(specifier: string, context: ResolveContext) => R} next
 * @returns {Resolved | R}
 */
export function resolveSync(specifier, context, next) {
  const source = sourceFor(specifier, context);
  return source ? { url: source, format: 'module', shortCircuit: true } : next(specifier, context);
}

/**
 * @template R
 * @param {string} url
 * @param {object} context
 * @param {(url: string, context: object) => R} next
 * @returns {Loaded | R}
 */
export function loadSync(url, context, next) {
  return isSource(url) ? compile(url) : next(url, context);
}

// The same for the hooks thread of Node 20, whose `next` may be asynchronous; returning its promise is enough.
export { loadSync as load, resolveSync as resolve };
