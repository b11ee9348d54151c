#!/usr/bin/env node
// Makes lua/scripts.generated.ts from the scripts of each lua folder, and their documentation: node gen-lua.mjs [--check] [root]
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchSource } from './lua/batch-source.mjs';
import { checkBody } from './lua/body.mjs';
import { fragmentsOf, includesIn } from './lua/fragments.mjs';
import { parseHeader } from './lua/header.mjs';
import { PAGE, pageOf } from './lua/page.mjs';
import { LuaProblem } from './lua/problem.mjs';
import { typescriptOf } from './lua/typescript.mjs';

/** @typedef {{ path: string, package: string }} LuaFolder a folder with scripts, and the package that it is in */

const GENERATED = 'scripts.generated.ts';
const HERE = path.dirname(fileURLToPath(import.meta.url));
const WORKSPACE = path.resolve(HERE, '../../..');

/**
 * Writes (or with `check` compares) the bindings of all lua folders under `root`/packages, and the page that documents them.
 * @param {{ root?: string, check?: boolean }} options `root` is the workspace's folder
 * @returns {{ changed: string[], problems: string[] }} files that were, or with `check` should be, written, and what is wrong in Lua files
 */
export function generate({ root = WORKSPACE, check = false } = {}) {
  /** @type {Map<string, string>} */
  const files = new Map();
  const problems = [];
  const documented = [];
  for (const folder of luaFolders(root)) {
    const { text, headers, problems: found } = bindingsOf(folder, root);
    problems.push(...found);
    if (found.length === 0) files.set(path.join(folder.path, GENERATED), text);
    const name = path.relative(root, folder.path);
    if (!name.split(path.sep).includes('test')) documented.push({ folder: name, headers });
  }
  const page = path.join(root, PAGE);
  if (problems.length === 0 && existsSync(page)) {
    files.set(page, pageOf(readFileSync(page, 'utf8'), documented));
  }
  const changed = [...files]
    .filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text)
    .map(([file, text]) => {
      if (!check) writeFileSync(file, text);
      return path.relative(root, file);
    });
  return { changed, problems };
}

/**
 * @param {string} root
 * @returns {LuaFolder[]}
 */
function luaFolders(root) {
  const packages = path.join(root, 'packages');
  return readdirSync(packages).flatMap((name) =>
    ['src', 'test'].flatMap((part) =>
      under(path.join(packages, name, part)).map((found) => ({ path: found, package: name })),
    ),
  );
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function under(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .flatMap(({ name }) => {
      const inner = path.join(folder, name);
      return name === 'lua' && scriptsIn(inner).length > 0 ? [inner] : under(inner);
    });
}

/**
 * @param {string} folder
 */
function scriptsIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.lua'))
    .sort();
}

/**
 * @param {LuaFolder} folder
 * @param {string} root
 */
function bindingsOf(folder, root) {
  const built = [];
  /** @type {string[]} */
  const problems = [];
  for (const file of scriptsIn(folder.path)) {
    try {
      built.push(build(folder, root, file));
    } catch (error) {
      if (!(error instanceof LuaProblem)) throw error;
      problems.push(`${path.relative(root, folder.path)}/${error.message}`);
    }
  }
  const headers = built.map(({ header }) => header);
  return { text: typescriptOf(built, kernelFrom(folder, root)), headers, problems };
}

/**
 * @param {LuaFolder} folder
 * @param {string} root
 * @param {string} file
 */
function build(folder, root, file) {
  const text = readFileSync(path.join(folder.path, file), 'utf8');
  const header = parseHeader(file, text);
  const source = { file, text };
  const fragments = fragmentsOf(source, [
    path.join(folder.path, 'fragments'),
    path.join(root, 'packages', folder.package, 'src/lua/fragments'),
    path.join(root, 'packages/kernel/src/lua/fragments'),
  ]);
  checkBody({ ...source, header, includes: includesIn(source) });
  return { header, file, ...batchSource({ ...source, header, fragments }) };
}

/**
 * The kernel cannot import itself by name without a circle.
 * @param {LuaFolder} folder
 * @param {string} root
 */
function kernelFrom(folder, root) {
  if (folder.package !== 'kernel') return '@bulletproof/kernel';
  const script = path.relative(folder.path, path.join(root, 'packages/kernel/src/redis/script.js'));
  return script.startsWith('.') ? script : `./${script}`;
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  const [root = WORKSPACE] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const { changed, problems } = generate({ root: path.resolve(root), check });
  for (const problem of problems) console.error(problem);
  for (const file of changed)
    console.log(check ? `${file} is out of date: run gen-lua` : `wrote ${file}`);
  if (problems.length > 0 || (check && changed.length > 0)) process.exitCode = 1;
}
