// The import rules of the workspace. dependency-cruiser reads the sources through SWC, since TypeScript 7 has no API.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { filesUnder, workspacePackages } from '../workspace.mjs';
import { layerRules } from './layer-rules.mjs';

/** @typedef {import('../checks.mjs').CheckResult} CheckResult */

const SOURCES = /(?<!\.d)\.ts$|\.mjs$/;

/**
 * @param {string} root the workspace's folder
 * @returns {Promise<CheckResult>}
 */
export async function checkLayers(root) {
  const folders = workspacePackages(root)
    .flatMap(({ folder }) => [join(folder, 'src'), join(folder, 'test')])
    .filter((folder) => existsSync(folder));
  const { output } = await cruise(
    folders.map((folder) => relative(root, folder)),
    {
      baseDir: root,
      ruleSet: { forbidden: layerRules },
      validate: true,
      parser: 'swc',
      tsPreCompilationDeps: true, // type imports are imports
      moduleSystems: ['es6'],
      doNotFollow: { path: ['node_modules', '/dist/'] },
      exclude: { path: ['\\.d\\.m?ts$'] },
    },
    {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      conditionNames: ['node', 'import', 'default'],
      exportsFields: ['exports'],
    },
  );
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text');
  const read = new Set(
    output.modules
      .filter(({ dependencies }) => dependencies.length > 0)
      .map(({ source }) => source),
  );
  const unread = unreadFiles(root, folders, new Set(output.modules.map(({ source }) => source)));
  return {
    seen: `${read.size} files with imports`,
    problems: [
      ...(read.size === 0 ? ['no import was read: the parser does not work'] : []),
      ...unread.map((file) => `${file}: not read`),
      ...output.summary.violations
        .filter(({ from, to }) => !isTypesOnly(root, from, to))
        .map(({ rule, from, to, cycle }) => {
          const path = cycle ? cycle.map(({ name }) => name).join(' -> ') : to;
          return `${from} -> ${path}: ${rule.name}`;
        }),
    ],
  };
}

/**
 * `express` may be imported for its types where `@types/express` is installed: tsc erases such an import.
 * @param {string} root
 * @param {string} from
 * @param {string} to
 */
function isTypesOnly(root, from, to) {
  const folder = join(root, from.split('/').slice(0, 2).join('/'));
  return existsSync(join(folder, 'node_modules/@types', to, 'package.json'));
}

/**
 * A tool that skips files in silence would find nothing in them.
 * @param {string} root
 * @param {string[]} folders
 * @param {Set<string>} known paths that the tool has reported, relative to the root
 */
function unreadFiles(root, folders, known) {
  return folders
    .flatMap((folder) => filesUnder(folder, SOURCES))
    .map((file) => relative(root, file).replaceAll('\\', '/'))
    .filter((file) => !known.has(file) && !file.endsWith('.d.mts'));
}
