// What this workspace consists of, read from its files: lists kept by hand drift.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/**
 * @typedef {object} WorkspacePackage
 * @property {string} name
 * @property {string} folder absolute
 * @property {boolean} isPublic
 */

/**
 * The packages and apps, sorted by folder.
 * @param {string} [at] another workspace's folder
 * @returns {WorkspacePackage[]}
 */
export function workspacePackages(at = root) {
  return ['packages', 'apps'].flatMap((group) =>
    names(join(at, group)).flatMap((entry) => {
      const folder = join(at, group, entry);
      const manifest = join(folder, 'package.json');
      if (!existsSync(manifest)) return [];
      const { name, private: isPrivate } = JSON.parse(readFileSync(manifest, 'utf8'));
      return [{ name, folder, isPublic: isPrivate !== true }];
    }),
  );
}

/**
 * Every file under a folder whose name ends as wished, sorted; without what is installed or made.
 * @param {string} folder
 * @param {RegExp} ending
 * @returns {string[]} absolute paths
 */
export function filesUnder(folder, ending) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return MADE.has(entry.name) ? [] : filesUnder(path, ending);
      return ending.test(entry.name) ? [path] : [];
    })
    .sort();
}

const MADE = new Set(['node_modules', 'dist', 'coverage', '.turbo', '.git']);

/** @param {string} folder */
function names(folder) {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
